import { errorOf, EvercredError } from "../core/errors.ts";
import type { SecretOf } from "./client-certificate.ts";
import { basicOf } from "./network-secrets.ts";
import type { ProxyRoute } from "./proxy-settings.ts";

/** Who a proxy is told that we are. */
export interface ProxyLogin {
  /**
   * The value of a Proxy-Authorization header, asked for at each connection. Rejects with `proxy-refused` where the
   * password is not there.
   */
  readonly authorization: () => Promise<string>;
  /** What to do where the proxy does not take it. */
  readonly remedy: string;
}

export interface ProxyLoginSettings {
  readonly proxyUser?: string;
  /** The static key whose secret is the password. */
  readonly proxyPasswordKey?: string;
}

/**
 * What stands in the proxy's own address counts, else the settings, for a proxy that they name too: no other one gets
 * the password. Undefined where neither says anything.
 */
export const loginFor = (
  { url, authorization, isNamed }: ProxyRoute,
  { proxyUser, proxyPasswordKey }: ProxyLoginSettings,
  secretOf: SecretOf,
): ProxyLogin | undefined => {
  if (authorization !== undefined) {
    const remedy = "Correct them where the proxy is named.";
    return { authorization: () => Promise.resolve(authorization), remedy };
  }
  if (!isNamed || proxyUser === undefined || proxyPasswordKey === undefined) return undefined;
  return {
    authorization: async () => {
      try {
        return basicOf(proxyUser, await secretOf(proxyPasswordKey));
      } catch (thrown) {
        const { message, remedy } = errorOf(thrown);
        const sentence = `The password for the proxy ${url.host} is not there. ${message}`;
        throw new EvercredError("proxy-refused", sentence, { remedy, cause: thrown });
      }
    },
    remedy: `Correct network.proxyUser, or run: evercred api-key set ${proxyPasswordKey}`,
  };
};
