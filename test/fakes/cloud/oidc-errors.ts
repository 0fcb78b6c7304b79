import { json, Refusal } from "./exchange.ts";

/** The `error` values of the OIDC service, with its exception and status for each (service model of sso-oidc). */
const errors = {
  access_denied: { exception: "AccessDeniedException", status: 400 },
  authorization_pending: { exception: "AuthorizationPendingException", status: 400 },
  expired_token: { exception: "ExpiredTokenException", status: 400 },
  invalid_client: { exception: "InvalidClientException", status: 401 },
  invalid_client_metadata: { exception: "InvalidClientMetadataException", status: 400 },
  invalid_grant: { exception: "InvalidGrantException", status: 400 },
  invalid_redirect_uri: { exception: "InvalidRedirectUriException", status: 400 },
  invalid_request: { exception: "InvalidRequestException", status: 400 },
  invalid_scope: { exception: "InvalidScopeException", status: 400 },
  slow_down: { exception: "SlowDownException", status: 400 },
  unauthorized_client: { exception: "UnauthorizedClientException", status: 400 },
  unsupported_grant_type: { exception: "UnsupportedGrantTypeException", status: 400 },
} as const;

/** An `error` value of the OIDC service. */
export type OidcErrorCode = keyof typeof errors;

/** A refusal with the status, header and body that the OIDC service sends. */
export function refuseOidc(code: OidcErrorCode, description: string): Refusal {
  const { exception, status } = errors[code];
  return new Refusal(
    json(
      status,
      { error: code, error_description: description },
      { "x-amzn-errortype": exception },
    ),
  );
}
