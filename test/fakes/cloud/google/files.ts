import type { GoogleClient } from "./clients.ts";
import type { PersonGrant } from "./person-grants.ts";
import type { Pool } from "./pools.ts";
import { tokenTypes } from "./pools.ts";
import type { ServiceAccount } from "./service-accounts.ts";
import type { WorkforceGrant } from "./workforce-grants.ts";

/** Members that a file has besides, or instead. */
type More = Readonly<Record<string, unknown>>;

const write = (value: More): string => `${JSON.stringify(value, undefined, 2)}\n`;

const impersonationUrl = (email: string): string =>
  `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:generateAccessToken`;

/** The file that the console gives for a desktop client. */
export function installedClientFile(client: GoogleClient): string {
  return write({
    [client.type === "desktop" ? "installed" : "web"]: {
      client_id: client.id,
      project_id: client.projectId,
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: "https://oauth2.googleapis.com/token",
      auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
      client_secret: client.secret,
      redirect_uris: client.type === "desktop" ? ["http://localhost"] : client.redirectUris,
    },
  });
}

/** ADC of a person, as gcloud writes it. */
export function authorizedUserFile({ client, refreshToken }: PersonGrant, more: More = {}): string {
  return write({
    account: "",
    client_id: client.id,
    client_secret: client.secret,
    refresh_token: refreshToken,
    type: "authorized_user",
    universe_domain: "googleapis.com",
    ...more,
  });
}

/** The key file of a service account. */
export function serviceAccountFile(account: ServiceAccount, more: More = {}): string {
  const { email, uniqueId, projectId, keyId, privateKey } = account;
  const certificates = "https://www.googleapis.com";
  return write({
    type: "service_account",
    project_id: projectId,
    private_key_id: keyId,
    private_key: privateKey,
    client_email: email,
    client_id: uniqueId,
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: "https://oauth2.googleapis.com/token",
    auth_provider_x509_cert_url: `${certificates}/oauth2/v1/certs`,
    client_x509_cert_url: `${certificates}/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: "googleapis.com",
    ...more,
  });
}

/** ADC of an outside identity. `source` is its `credential_source`; `become`: the service account's address. */
export function externalAccountFile(
  pool: Pool,
  source: More,
  become?: string,
  more: More = {},
): string {
  return write({
    universe_domain: "googleapis.com",
    type: "external_account",
    audience: pool.audience,
    subject_token_type: tokenTypes.jwt,
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: source,
    ...(become !== undefined && { service_account_impersonation_url: impersonationUrl(become) }),
    ...more,
  });
}

/** ADC of a person of a workforce pool, as gcloud writes it. */
export function externalAccountAuthorizedUserFile(
  { pool, client, refreshToken }: WorkforceGrant,
  more: More = {},
): string {
  return write({
    audience: pool.audience,
    client_id: client.id,
    client_secret: client.secret,
    refresh_token: refreshToken,
    token_info_url: "https://sts.googleapis.com/v1/introspect",
    token_url: "https://sts.googleapis.com/v1/oauthtoken",
    type: "external_account_authorized_user",
    universe_domain: "googleapis.com",
    ...more,
  });
}

/** ADC of a service account that somebody else becomes: `source` is the text of their file. */
export function impersonatedFile(
  source: string,
  become: string,
  delegates: readonly string[] = [],
): string {
  return write({
    delegates,
    service_account_impersonation_url: impersonationUrl(become),
    source_credentials: JSON.parse(source),
    type: "impersonated_service_account",
  });
}

/** The login configuration of a workforce pool, as gcloud writes it. */
export function workforceLoginConfig(pool: Pool, more: More = {}): string {
  return write({
    universe_domain: "googleapis.com",
    type: "external_account_authorized_user_login_config",
    audience: pool.audience,
    auth_url: "https://auth.cloud.google/authorize",
    token_url: "https://sts.googleapis.com/v1/oauthtoken",
    token_info_url: "https://sts.googleapis.com/v1/introspect",
    ...more,
  });
}
