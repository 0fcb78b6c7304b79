// The SDK takes a tenth of a second to load. Only `import()` may name this file, at the first request.
import { SSOClient } from "@aws-sdk/client-sso";
import { SSOOIDCClient } from "@aws-sdk/client-sso-oidc";
import { clientSettings } from "./client-settings.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export {
  GetRoleCredentialsCommand,
  ListAccountRolesCommand,
  ListAccountsCommand,
  LogoutCommand,
} from "@aws-sdk/client-sso";
export {
  CreateTokenCommand,
  RegisterClientCommand,
  StartDeviceAuthorizationCommand,
} from "@aws-sdk/client-sso-oidc";

/** The two services of one region. */
export interface Clients {
  readonly oidc: SSOOIDCClient;
  readonly portal: SSOClient;
  /** Where the OIDC service is. */
  readonly oidcUrl: URL;
}

/** Clients for a region that take nothing from files or variables of the AWS tools, and try once. */
export const connect = (region: string, options: TransportOptions): Clients => {
  const config = {
    ...clientSettings,
    region,
    requestHandler: new Transport(options),
  } as const;
  const oidc = new SSOOIDCClient({ ...config, authSchemePreference: [] });
  const { url } = oidc.config.endpointProvider({
    Region: region,
    UseFIPS: false,
    UseDualStack: false,
  });
  return { oidc, portal: new SSOClient({ ...config, authSchemePreference: [] }), oidcUrl: url };
};
