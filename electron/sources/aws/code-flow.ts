import { type CodeChallenge, signInWithCode } from "../code-flow.ts";
import type { FlowContext, FlowResult } from "./device-flow.ts";
import type { RegistrationWish } from "./oidc.ts";

const redirectPath = "/oauth/callback";

/** What the code flow registers for. The port is left out: the service ignores it for loopback addresses. */
export const codeWish: RegistrationWish = {
  grantTypes: ["authorization_code", "refresh_token"],
  redirectUri: `http://127.0.0.1${redirectPath}`,
};

/** What the page at the end says. */
export interface PageWords {
  readonly product: string;
  readonly title: string;
}

/** Signs in with a code that the browser brings back. Undefined where the provider does not do it. */
export const signInWithAwsCode = async (
  context: FlowContext & { readonly scopes: readonly string[]; readonly words: PageWords },
  signal: AbortSignal,
): Promise<FlowResult | undefined> => {
  const { clock, id, oidc, reusable, scopes, words } = context;
  const registration = reusable ?? (await oidc.register(codeWish, signal));
  if (registration === undefined) return undefined;
  const addressOf = async ({ redirectUri, state, challenge }: CodeChallenge): Promise<URL> => {
    const url = new URL(registration.authorizeUrl ?? (await oidc.authorizeUrl()));
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: registration.clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge_method: "S256",
      code_challenge: challenge,
      // The service's own name for it, as the AWS CLI sends it.
      scopes: scopes.join(" "),
    }).toString();
    return url;
  };
  const tokens = await signInWithCode(
    {
      id,
      clock,
      words,
      path: redirectPath,
      // What cannot open a page here uses the device flow.
      pastes: false,
      show: context.show.bind(context),
      addressOf,
      redeem: (code, inner) => oidc.redeem(registration, code, inner),
    },
    signal,
  );
  return { registration, tokens };
};
