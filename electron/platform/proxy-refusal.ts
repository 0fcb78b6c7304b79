import { schemesIn } from "../core/challenges.ts";
import { EvercredError } from "../core/errors.ts";
import { printable } from "./printable.ts";
import type { ProxyWithLogin } from "./proxy-tunnel.ts";

/** What a proxy's answer to CONNECT means (RFC 9110, 9.3.6 and 15), with what it says in Proxy-Authenticate. */
export const proxyRefusal = (
  { url, login }: ProxyWithLogin,
  status: number,
  challenges: string | readonly string[] | undefined,
  host: string,
): EvercredError => {
  const proxy = `The proxy ${url.host}`;
  // tinyproxy says 401 to a user and a password that it does not take.
  if (status === 407 || status === 401) {
    return loginRefusal(proxy, login?.remedy, schemesIn([challenges ?? []].flat().join(", ")));
  }
  if (status >= 500) {
    return new EvercredError("unreachable", `${proxy} cannot reach ${host} (${status}).`);
  }
  return new EvercredError("proxy-refused", `${proxy} refuses ${host} (${status}).`, {
    remedy: `Ask whoever runs it to allow ${host}, or name the host in network.noProxy.`,
  });
};

const loginRefusal = (
  proxy: string,
  loginRemedy: string | undefined,
  offered: readonly string[],
): EvercredError => {
  const takesBasic = offered.length === 0 || offered.some((scheme) => /^basic$/iu.test(scheme));
  if (!takesBasic) {
    const sentence = `${proxy} takes ${printable(offered.join(" or "))} only, which Evercred does not speak.`;
    return new EvercredError("proxy-refused", sentence, {
      remedy:
        "Run a proxy of your own in front of it (px, cntlm) and name that in network.proxy, or ask IT for Basic.",
    });
  }
  return loginRemedy === undefined
    ? new EvercredError("proxy-refused", `${proxy} wants a user and a password.`, {
        remedy:
          "Name it and them: network.proxy, network.proxyUser and network.proxyPasswordKey in the configuration.",
      })
    : new EvercredError("proxy-refused", `${proxy} refuses the user and the password.`, {
        remedy: loginRemedy,
      });
};
