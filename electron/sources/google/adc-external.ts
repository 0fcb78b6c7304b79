import { EvercredError } from "../../core/errors.ts";
import { shown } from "../shown.ts";
import { ownErrorIn } from "../own-error.ts";
import type { AdcExternal } from "./adc-forms.ts";
import type { ProvenIdentity } from "./adc-program.ts";
import { subjectTokenOf } from "./adc-subject.ts";
import { exchangeErrorOf, senselessReply } from "./errors.ts";
import { freshTokensOf } from "./exchanges.ts";
import type { PlainToken } from "./impersonation.ts";
import type { GooglePorts } from "./ports.ts";
import { refusalIn } from "./refusal.ts";

/** An access token of an outside identity, for what proves it. What Google refuses is `access-denied`: another proof may do. */
export const exchangedToken = async (
  identity: ProvenIdentity,
  scopes: readonly string[],
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<PlainToken> => {
  const client = await clientOf(identity, scopes, ports, signal);
  try {
    const { res } = await client.getAccessToken();
    const { accessToken: token, issuedAt, expiresAt } = freshTokensOf(res?.data, ports);
    return { token, scopes, issuedAt, expiresAt };
  } catch (thrown) {
    signal.throwIfAborted();
    throw refused(identity, thrown);
  }
};

const clientOf = async (
  identity: ProvenIdentity,
  scopes: readonly string[],
  ports: GooglePorts,
  signal: AbortSignal,
) => {
  const { AwsClient, IdentityPoolClient, Transport } = await import("./sdk.ts");
  const { adc } = identity;
  const { credential_source: subject } = adc;
  const transporter = new Transport(ports, signal);
  const options = {
    type: "external_account",
    audience: adc.audience,
    subject_token_type: adc.subject_token_type,
    token_url: adc.token_url ?? `https://sts.${adc.universe_domain}/v1/token`,
    universe_domain: adc.universe_domain,
    scopes: [...scopes],
    ...(adc.workforce_pool_user_project !== undefined && {
      workforce_pool_user_project: adc.workforce_pool_user_project,
    }),
    ...(adc.client_id !== undefined && { client_id: adc.client_id }),
    ...(adc.client_secret !== undefined && { client_secret: adc.client_secret }),
    transporter,
    useAuthRequestParameters: false,
  };
  const client =
    "environment_id" in subject
      ? new AwsClient({ ...options, credential_source: awsOf(subject) })
      : new IdentityPoolClient({
          ...options,
          subject_token_supplier: {
            getSubjectToken: () => subjectTokenOf(identity, subject, ports, signal),
          },
        });
  // For the exchange the library makes a transporter of its own, which knows neither our proxy nor the signal.
  Reflect.set(Reflect.get(client, "stsCredential") as object, "transporter", transporter);
  return client;
};

type AwsSubject = Extract<AdcExternal["credential_source"], { readonly environment_id: unknown }>;

const awsOf = ({ region_url, url, imdsv2_session_token_url, ...needed }: AwsSubject) => ({
  ...needed,
  ...(region_url !== undefined && { region_url }),
  ...(url !== undefined && { url }),
  ...(imdsv2_session_token_url !== undefined && { imdsv2_session_token_url }),
});

const refused = ({ id, adc }: ProvenIdentity, thrown: unknown): EvercredError => {
  const own = ownErrorIn(thrown);
  if (own !== undefined) return own;
  const isAws = "environment_id" in adc.credential_source;
  const refusal = refusalIn(thrown);
  if (refusal === undefined || refusal.error === "") {
    if (!isAws) return senselessReply(thrown);
    return new EvercredError("access-denied", `There are no AWS keys that prove who ${id} is.`, {
      remedy: "Run the daemon where AWS keys and a region are, or use another credential_source.",
      cause: thrown,
    });
  }
  const meant = exchangeErrorOf(id, false, thrown);
  if (meant.code === "provider-unavailable") return meant;
  const words = shown(refusal.description || refusal.error).replace(/\.$/, "");
  const sentence = `Google does not take what proves who ${id} is. It says: ${words}.`;
  return new EvercredError("access-denied", sentence, {
    remedy: isAws
      ? "Check the pool's provider and its conditions."
      : "Have the token renewed by whatever makes it, or check the pool's provider.",
    cause: thrown,
  });
};
