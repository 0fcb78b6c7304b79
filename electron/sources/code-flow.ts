import { createHash, randomBytes } from "node:crypto";
import { EvercredError, errorOf } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { SignInRequest } from "../core/source.ts";
import { type Clock, plus } from "../core/time.ts";
import { withDeadline } from "./deadline.ts";
import {
  LoopbackReceiver,
  type Redirect,
  type RedirectAnswer,
  type RedirectPlace,
} from "./loopback.ts";
import { shown } from "./shown.ts";

/** What goes into the address of a sign-in page. */
export interface CodeChallenge {
  readonly redirectUri: string;
  readonly state: string;
  /** S256 of the verifier (RFC 7636). */
  readonly challenge: string;
}

/** What a code is redeemed with. */
export interface RedeemableCode {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  /** The whole address that the browser came back with. */
  readonly redirect: URL;
  /** The `state` in it, which is ours. */
  readonly state: string;
}

/** One sign-in with a code that the browser brings back (RFC 8252, RFC 7636). */
export interface CodeFlow<T> extends RedirectPlace {
  /** Of the source. */
  readonly id: string;
  readonly clock: Clock;
  /** What the page at the end says. */
  readonly words: { readonly product: string; readonly title: string };
  /** Whether the address of a page that did not load can be pasted: where the provider has no flow for other machines. */
  readonly pastes: boolean;
  show(request: SignInRequest): void;
  addressOf(challenge: CodeChallenge): Promise<URL>;
  redeem(code: RedeemableCode, signal: AbortSignal): Promise<T>;
}

/** How long we wait for a person, in milliseconds: as long as the AWS CLI does. */
const waitMs = 10 * 60_000;

/**
 * Opens a port for the redirect, shows the page, waits, and redeems the code; the browser is told how it ended.
 * Rejects with `sign-in-denied`, `timed-out`, what `redeem` rejects with, or the signal's reason; nothing is left
 * listening.
 */
export const signInWithCode = async <T>(flow: CodeFlow<T>, signal: AbortSignal): Promise<T> => {
  const { id, clock, path, host, port, words } = flow;
  const state = randomBytes(32).toString("base64url");
  const codeVerifier = randomBytes(48).toString("base64url");
  const challenge = createHash("sha256").update(codeVerifier).digest("base64url");
  const receiver = await LoopbackReceiver.open({ path, host, port, state, clock, ...words });
  try {
    const { redirectUri } = receiver;
    const url = await flow.addressOf({ redirectUri, state, challenge });
    const endsAt = plus(clock.now(), waitMs);
    const paste = (address: Secret): boolean => receiver.paste(address.reveal());
    flow.show({ flow: "code", url: url.href, endsAt, ...(flow.pastes && { paste }) });
    const late = new EvercredError("timed-out", `Nobody signed in to ${id} in time.`);
    const redirect = await withDeadline(clock, endsAt, late, signal, (inner) =>
      receiver.next(inner),
    );
    try {
      const { code, query } = codeOf(redirect, id);
      const brought = { code, redirectUri, codeVerifier, state };
      const address = new URL(`?${query.toString()}`, redirectUri);
      const redeemed = await flow.redeem({ ...brought, redirect: address }, signal);
      redirect.succeed();
      return redeemed;
    } catch (thrown) {
      const { message, remedy } = errorOf(thrown);
      redirect.fail(message, remedy);
      throw thrown;
    }
  } finally {
    await receiver.close();
  }
};

const codeOf = (
  { answer }: Redirect,
  id: string,
): Extract<RedirectAnswer, { readonly kind: "code" }> => {
  if (answer.kind === "code") return answer;
  const words = shown(answer.description || answer.error).replace(/\.$/, "");
  if (answer.error === "server_error" || answer.error === "temporarily_unavailable") {
    throw new EvercredError("provider-unavailable", `${id} has a fault. It says: ${words}.`);
  }
  throw new EvercredError("sign-in-denied", `The sign-in to ${id} was refused. It says: ${words}.`);
};
