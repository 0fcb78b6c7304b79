import { createHash, randomBytes } from "node:crypto";
import { EvercredError, errorOf } from "../../core/errors.ts";
import { plus } from "../../core/time.ts";
import { LoopbackReceiver, type Redirect } from "../loopback.ts";
import { shown } from "./checks.ts";
import { withDeadline } from "./deadline.ts";
import type { FlowContext, FlowResult } from "./device-flow.ts";
import type { RegistrationWish } from "./oidc.ts";

const redirectPath = "/oauth/callback";

/** What the code flow registers for. The port is left out: the service ignores it for loopback addresses. */
export const codeWish: RegistrationWish = {
  grantTypes: ["authorization_code", "refresh_token"],
  redirectUri: `http://127.0.0.1${redirectPath}`,
};

/** How long we wait for a person, in milliseconds: as long as the AWS CLI does. */
const waitMs = 10 * 60_000;

/** What the page at the end says. */
export interface PageWords {
  readonly product: string;
  readonly title: string;
}

/** Signs in with a code that the browser brings back (RFC 8252, RFC 7636). Undefined where the provider does not do it. */
export const signInWithCode = async (
  context: FlowContext & { readonly scopes: readonly string[]; readonly words: PageWords },
  signal: AbortSignal,
): Promise<FlowResult | undefined> => {
  const { clock, id, oidc, reusable } = context;
  const registration = reusable ?? (await oidc.register(codeWish, signal));
  if (registration === undefined) return undefined;
  const state = randomBytes(32).toString("base64url");
  const codeVerifier = randomBytes(48).toString("base64url");
  const receiver = await LoopbackReceiver.open({
    path: redirectPath,
    state,
    clock,
    ...context.words,
  });
  try {
    const { redirectUri } = receiver;
    const endsAt = plus(clock.now(), waitMs);
    const url = new URL(registration.authorizeUrl ?? (await oidc.authorizeUrl()));
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: registration.clientId,
      redirect_uri: redirectUri,
      state,
      code_challenge_method: "S256",
      code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
      // The service's own name for it, as the AWS CLI sends it.
      scopes: context.scopes.join(" "),
    }).toString();
    context.show({ flow: "code", url: url.href, endsAt });
    const late = new EvercredError("timed-out", `Nobody signed in to ${id} in time.`);
    const redirect = await withDeadline(clock, endsAt, late, signal, (inner) =>
      receiver.next(inner),
    );
    try {
      const code = codeOf(redirect, id);
      const tokens = await oidc.redeem(registration, { code, redirectUri, codeVerifier }, signal);
      redirect.succeed();
      return { registration, tokens };
    } catch (thrown) {
      const { message, remedy } = errorOf(thrown);
      redirect.fail(message, remedy);
      throw thrown;
    }
  } finally {
    await receiver.close();
  }
};

const codeOf = (redirect: Redirect, id: string): string => {
  const { answer } = redirect;
  if (answer.kind === "code") return answer.code;
  const words = shown(answer.description || answer.error).replace(/\.$/, "");
  if (answer.error === "server_error" || answer.error === "temporarily_unavailable") {
    throw new EvercredError("provider-unavailable", `${id} has a fault. It says: ${words}.`);
  }
  throw new EvercredError("sign-in-denied", `The sign-in to ${id} was refused. It says: ${words}.`);
};
