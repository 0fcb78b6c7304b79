import { EvercredError } from "../../core/errors.ts";
import { ownErrorIn } from "../own-error.ts";
import { shown } from "../shown.ts";

/** What we were doing: whether a refusal is about a sign-in that is open, or about what one has given. */
export type Moment = "sign-in" | "renewal" | "machine";

/** The issuer's own no (RFC 6749, 5.2; RFC 8628, 3.5). */
export interface Refusal {
  readonly error: string;
  /** In its own words, or the error's name; without a full stop. */
  readonly words: string;
}

const textOf = (thrown: unknown, name: string): string => {
  const value: unknown = thrown instanceof Error ? Reflect.get(thrown, name) : undefined;
  return typeof value === "string" ? value : "";
};

/** The issuer's no in something thrown; undefined where it is none. */
export const refusalIn = (thrown: unknown): Refusal | undefined => {
  if (textOf(thrown, "code") !== "OAUTH_RESPONSE_BODY_ERROR") return undefined;
  const error = textOf(thrown, "error");
  const words = shown(textOf(thrown, "error_description") || error).replace(/\.$/, "");
  return { error, words };
};

/** The HTTP status of the reply that the library does not like; undefined where it is not about one. */
export const statusIn = (thrown: unknown): number | undefined => {
  if (!(thrown instanceof Error)) return undefined;
  const { cause } = thrown;
  const status: unknown = cause instanceof Response ? cause.status : Reflect.get(thrown, "status");
  return typeof status === "number" ? status : undefined;
};

const gone: ReadonlySet<unknown> = new Set([404, 405, 410]);

/** Whether there is no longer an endpoint where we have asked: then nothing has been done there. */
export const isGone = (thrown: unknown): boolean => gone.has(statusIn(thrown));

/** What a failed exchange means. */
export const exchangeErrorOf = (id: string, moment: Moment, thrown: unknown): EvercredError => {
  const own = ownErrorIn(thrown);
  if (own !== undefined) return own;
  const refusal = refusalIn(thrown);
  if (refusal !== undefined) return new EvercredError(...meaningOf(id, moment, refusal, thrown));
  const code = textOf(thrown, "code");
  if (code === "OAUTH_MISSING_SERVER_METADATA") {
    const sentence = `The issuer of ${id} does not offer what its flow needs.`;
    const remedy = "Name another flow in the configuration, or another issuer.";
    return new EvercredError("config-invalid", sentence, { remedy });
  }
  const isIdToken = /^OAUTH_JWT_/.test(code);
  const sentence = isIdToken
    ? `The identity token that ${id} gives is not meant for us now.`
    : `What came back is not a reply of ${id}.`;
  return new EvercredError("reply-invalid", sentence, {
    ...(isIdToken && { remedy: "Check issuer and clientId, and this computer's clock." }),
  });
};

type Meaning = ConstructorParameters<typeof EvercredError>;

const meaningOf = (
  id: string,
  moment: Moment,
  { error, words }: Refusal,
  cause: unknown,
): Meaning => {
  const says = `It says: ${words}.`;
  switch (error) {
    case "invalid_grant":
      return moment === "renewal"
        ? ["grant-rejected", `${id} has ended the session. ${says}`, { cause }]
        : ["sign-in-denied", `${id} does not accept this sign-in. ${says}`, { cause }];
    case "invalid_client":
    case "unauthorized_client":
      return [
        // What is wrong with the client says nothing of the grant: a secret may be mistyped, or have run out.
        moment === "renewal" ? "access-denied" : "client-rejected",
        `${id} does not accept our client. ${says}`,
        {
          remedy: `Check clientId and clientSecretKey of sources.${id}, or ask whoever runs the issuer.`,
          cause,
        },
      ];
    case "interaction_required":
    case "login_required":
    case "consent_required":
      return ["reauth-needed", undefined, { cause }];
    case "expired_token":
      return ["timed-out", `Nobody signed in to ${id} in time.`, { cause }];
    case "server_error":
    case "temporarily_unavailable":
      return ["provider-unavailable", `${id} has a fault. ${says}`, { cause }];
    case "slow_down":
      return ["throttled", `${id} asks us to wait before we ask again.`, { cause }];
    case "invalid_scope":
    case "invalid_target":
      return [
        "access-denied",
        `${id} does not give this token. ${says}`,
        {
          remedy: "Correct scopes, audience and resource, or ask whoever runs the issuer.",
          cause,
          // Issuers may spend the refresh token before they look at what is asked for.
          unanswered: moment === "renewal",
        },
      ];
    default:
      return moment === "sign-in"
        ? ["sign-in-denied", `The sign-in to ${id} was refused. ${says}`, { cause }]
        : ["access-denied", `${id} refuses us. ${says}`, { cause }];
  }
};

/** Why an issuer's discovery document cannot be used: nothing has been presented yet. */
export const discoveryErrorOf = (issuer: string, thrown: unknown): EvercredError => {
  const own = ownErrorIn(thrown);
  if (own !== undefined) {
    const { code, message, remedy, retryAfterMs, cause, captive } = own;
    return new EvercredError(code, message, {
      remedy,
      cause,
      captive,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  const { host } = new URL(issuer);
  if (textOf(thrown, "code") === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED") {
    const said = shown(issuerIn(thrown));
    return new EvercredError("config-invalid", `${issuer} says that it is the issuer ${said}.`, {
      remedy: "Put the issuer into the configuration as it calls itself, if you trust it.",
    });
  }
  if (gone.has(statusIn(thrown))) {
    return new EvercredError("config-invalid", `${host} has no issuer at ${issuer}.`, {
      remedy: "Correct the issuer's address in the configuration.",
    });
  }
  return new EvercredError("reply-invalid", `What came back is not what the issuer ${host} says.`);
};

/** What the document calls its issuer. */
const issuerIn = (thrown: unknown): string => {
  const cause: unknown = thrown instanceof Error ? thrown.cause : undefined;
  const body: unknown = typeof cause === "object" && cause && Reflect.get(cause, "body");
  const issuer: unknown = typeof body === "object" && body && Reflect.get(body, "issuer");
  return typeof issuer === "string" ? issuer : "";
};
