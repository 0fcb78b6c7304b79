import { EvercredError } from "../../core/errors.ts";
import { shown } from "../shown.ts";

/** What we were asking for. */
export type Moment = "register" | "device" | "poll" | "code" | "renew";

/** Who was asked for what, for the sentences. */
export interface Asked {
  /** The source's id. */
  readonly id: string;
  readonly startUrl: string;
  readonly region: string;
  readonly scopes: readonly string[];
}

/** The failures of the OIDC service: `error` value and exception (service model of sso-oidc). */
const failures = [
  ["access_denied", "AccessDeniedException"],
  ["authorization_pending", "AuthorizationPendingException"],
  ["expired_token", "ExpiredTokenException"],
  ["invalid_client", "InvalidClientException"],
  ["invalid_client_metadata", "InvalidClientMetadataException"],
  ["invalid_grant", "InvalidGrantException"],
  ["invalid_redirect_uri", "InvalidRedirectUriException"],
  ["invalid_request", "InvalidRequestException"],
  ["invalid_request", "InvalidRequestRegionException"],
  ["invalid_scope", "InvalidScopeException"],
  ["server_error", "InternalServerException"],
  ["slow_down", "SlowDownException"],
  ["unauthorized_client", "UnauthorizedClientException"],
  ["unsupported_grant_type", "UnsupportedGrantTypeException"],
] as const;

/** The `error` value of an OIDC failure. */
export type OidcFailure = (typeof failures)[number][0];

const textOf = (thrown: unknown, key: string): string => {
  const value: unknown = thrown instanceof Error ? Reflect.get(thrown, key) : undefined;
  return typeof value === "string" ? value : "";
};

/** Which failure of the service this is, by the exception's name or the reply's `error`, never by its words. */
export const oidcFailureOf = (thrown: unknown): OidcFailure | undefined => {
  const name = textOf(thrown, "name");
  const error = textOf(thrown, "error");
  const row =
    failures.find((each) => each[1] === name) ?? failures.find((each) => each[0] === error);
  return row?.[0];
};

/** What a failed request to the OIDC service means, as an error for people. */
export const oidcErrorOf = (thrown: unknown, moment: Moment, asked: Asked): EvercredError => {
  if (thrown instanceof EvercredError) return thrown;
  const { id, startUrl, region, scopes } = asked;
  const failure = oidcFailureOf(thrown);
  const description = shown(textOf(thrown, "error_description"));
  const says = description === "" ? "" : ` It says: ${description.replace(/\.$/, "")}.`;
  const renewing = moment === "renew";
  // A failure that the service names holds nothing of a token; any other might.
  const detail = { cause: failure === undefined ? undefined : thrown };
  switch (failure) {
    case "authorization_pending":
    case "slow_down":
      return new EvercredError("throttled", `${id} asks us to wait before we ask again.`, detail);
    case "expired_token":
      return renewing
        ? new EvercredError("grant-rejected", `${id} has ended the session.`, detail)
        : new EvercredError("timed-out", `Nobody signed in to ${id} in time.`, detail);
    case "invalid_grant":
      return renewing
        ? new EvercredError("grant-rejected", `${id} has ended the session.`, detail)
        : new EvercredError("sign-in-denied", `${id} does not accept this sign-in.${says}`, detail);
    case "invalid_client":
    case "unauthorized_client":
      return new EvercredError("registration-rejected", `${id} has forgotten this app.`, detail);
    case "access_denied":
      return renewing
        ? new EvercredError("access-denied", `${id} refuses to renew the session.${says}`, {
            ...detail,
            remedy: `Ask the administrator of ${startUrl}.`,
          })
        : new EvercredError("sign-in-denied", `The sign-in to ${id} was refused.${says}`, detail);
    case "invalid_scope":
      return new EvercredError(
        "config-invalid",
        `${id} does not know one of the scopes ${scopes.join(", ")}.`,
        { ...detail, remedy: "Correct sso_registration_scopes, or scopes of the source." },
      );
    case "invalid_client_metadata":
    case "invalid_redirect_uri":
    case "invalid_request":
    case "unsupported_grant_type":
      if (renewing) {
        return new EvercredError("access-denied", `${id} refuses to renew the session.${says}`, {
          ...detail,
          remedy: `Ask the administrator of ${startUrl}.`,
        });
      }
      if (moment === "poll" || moment === "code") {
        return new EvercredError("sign-in-denied", `${id} refuses this sign-in.${says}`, detail);
      }
      return new EvercredError(
        "config-invalid",
        `${id} cannot be signed in to: ${region} refuses the start URL ${shown(startUrl)}.${says}`,
        { ...detail, remedy: "Check its start URL and region." },
      );
    case "server_error":
      return new EvercredError("provider-unavailable", `${id} has a fault.`, detail);
    case undefined:
      return new EvercredError("reply-invalid", `The reply of ${id} makes no sense.`);
  }
};
