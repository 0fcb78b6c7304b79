import type { Json } from "../commands/verb.ts";
import type { Broker } from "../core/broker.ts";
import type { Caller } from "../core/caller.ts";
import { type AwsCredential, awsKeysOf, type Credential } from "../core/credential.ts";
import { type EvercredError, errorOf } from "../core/errors.ts";
import type { Gate } from "../core/gate.ts";
import type { Target } from "../core/source.ts";
import { type Clock, within } from "../core/time.ts";

/** What a door answers. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** What gives credentials out. */
export type Issuer = Pick<Broker, "route" | "issue">;

/** The JS SDK gives up after a second, botocore after two, Google's libraries after three; all ask again. In milliseconds. */
export const patienceMs = 800;

/**
 * What is being issued, where it is there soon; else what is `held` and still good though something fresher is on its
 * way; undefined where there is nothing yet. Rejects as issuing does.
 */
export const soon = async (
  issuing: Promise<Credential>,
  held: () => Credential | undefined,
  clock: Clock,
): Promise<Credential | undefined> =>
  (await within(clock, patienceMs, issuing, undefined)) ?? held();

/** The name of this way to credentials, in the record. */
export const containerCredentials = "container-credentials";

/** Who asks at a door, and for what. */
export interface Wanted {
  readonly caller: Caller;
  readonly target: Target;
}

/** What a door works with. */
export interface DoorPorts {
  readonly issuer: Issuer;
  readonly gate: Gate;
  readonly clock: Clock;
}

/**
 * The credential of a target as the container provider of the SDKs reads it: from memory, else as soon as it is
 * there, else what is still good though something fresher is on its way, else a refusal that says why. A person may
 * be asked whether the caller may have it, while it asks again and again. Nobody is asked to sign in here, but that
 * somebody should is noted. `given` is called with what is given out.
 */
export const credentialAnswer = async (
  { caller, target }: Wanted,
  { issuer, gate, clock }: DoorPorts,
  given: (credential: Credential) => void,
): Promise<Answer> => {
  try {
    const { session, offer } = issuer.route(target);
    await gate.admit(caller, target, { ms: patienceMs });
    const held = (): Credential | undefined => session.issued.held(offer.key);
    const issued = await soon(issuer.issue(target), held, clock);
    if (issued === undefined) {
      return refusal(503, "InProgress", "The credentials are being fetched. Try again.");
    }
    gate.served(caller, target, issued.expiresAt, containerCredentials);
    given(issued);
    return answerWith(awsKeysOf(issued));
  } catch (thrown) {
    const error = errorOf(thrown);
    gate.refused(caller, target, error, containerCredentials);
    return refusalOf(error);
  }
};

/** A refusal. botocore shows `message`, the JS SDK `Code` and `Message`. */
export const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { message, Code: code, Message: message },
});

const refusalOf = ({ code, message, remedy }: EvercredError): Answer => {
  // What is not answered yet may be, when they ask again.
  const isFinal = ["access-denied", "policy-refused", "consent-refused"].includes(code);
  return refusal(isFinal ? 403 : 503, code, `${message} ${remedy}`);
};

/** All but AccountId is required by the JS SDK; the session token's name here is `Token`. */
const answerWith = (credential: AwsCredential): Answer => ({
  status: 200,
  body: {
    AccessKeyId: credential.accessKeyId,
    SecretAccessKey: credential.secretAccessKey,
    Token: credential.sessionToken,
    Expiration: new Date(credential.expiresAt).toISOString(),
    AccountId: credential.accountId,
  },
});
