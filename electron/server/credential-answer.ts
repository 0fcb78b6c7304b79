import type { Json } from "../commands/verb.ts";
import type { Broker } from "../core/broker.ts";
import { type AwsCredential, awsKeysOf, type Credential } from "../core/credential.ts";
import { type EvercredError, errorOf } from "../core/errors.ts";
import type { Target } from "../core/source.ts";
import { type Clock, within } from "../core/time.ts";

/** What a door answers. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  /** What is given out; undefined in a refusal. */
  readonly credential?: Credential;
}

/** What gives credentials out. */
export type Issuer = Pick<Broker, "route" | "issue">;

/** The JS SDK gives up after a second, botocore after two, Google's libraries after three; all ask again. In milliseconds. */
const patienceMs = 800;

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

/**
 * The credential of a target as the container provider of the SDKs reads it: from memory, else as soon as it is
 * there, else what is still good though something fresher is on its way, else a refusal that says why. Nobody is asked to sign in here, but that somebody should is noted.
 */
export const credentialAnswer = async (
  target: Target,
  issuer: Issuer,
  clock: Clock,
): Promise<Answer> => {
  try {
    const { session, offer } = issuer.route(target);
    const held = (): Credential | undefined => session.issued.held(offer.key);
    const issued = await soon(issuer.issue(target), held, clock);
    return issued === undefined
      ? refusal(503, "InProgress", "The credentials are being fetched. Try again.")
      : given(awsKeysOf(issued));
  } catch (thrown) {
    return refusalOf(errorOf(thrown));
  }
};

/** A refusal. botocore shows `message`, the JS SDK `Code` and `Message`. */
export const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { message, Code: code, Message: message },
});

const refusalOf = ({ code, message, remedy }: EvercredError): Answer => {
  const isFinal = code === "access-denied" || code === "policy-refused";
  return refusal(isFinal ? 403 : 503, code, `${message} ${remedy}`);
};

/** All but AccountId is required by the JS SDK; the session token's name here is `Token`. */
const given = (credential: AwsCredential): Answer => ({
  status: 200,
  credential,
  body: {
    AccessKeyId: credential.accessKeyId,
    SecretAccessKey: credential.secretAccessKey,
    Token: credential.sessionToken,
    Expiration: new Date(credential.expiresAt).toISOString(),
    AccountId: credential.accountId,
  },
});
