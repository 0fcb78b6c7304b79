import { OidcSources } from "../../../electron/sources/oidc/index.ts";
import { startCloud } from "../../fakes/cloud/cloud.ts";
import type { Site } from "../../fakes/cloud/exchange.ts";
import { startIssuer } from "../../fakes/oidc/issuer.ts";
import { signInAt } from "../../fakes/oidc/person.ts";
import { companyKeys, entryOf } from "../../sources/oidc/world.ts";
import type { StartWorld } from "./world.ts";

/** Longer than any of these machines lives: the issuer's clock is the real one. */
const years = 10 * 365 * 24 * 60 * 60;

/** A company's issuer: its refresh tokens are spent at each use, and a spent one ends all that came of the sign-in. */
export const oidc: StartWorld = async (options) => {
  const issuer = await startIssuer({ lifetimes: { idToken: years, refreshToken: years } });
  /** The ends of access tokens, in epoch ms by the cloud's clock. */
  const ends = new Map<string, number>();
  const site: Site = async (request) => {
    const reply = await issuer.site(request);
    if (request.path !== "/token" || reply.status !== 200) return reply;
    const { access_token, expires_in } = JSON.parse(reply.body) as Record<string, string | number>;
    ends.set(String(access_token), request.at + Number(expires_in) * 1000);
    return reply;
  };
  const cloud = await startCloud({ ...options, sites: { [issuer.host]: site } });
  return {
    cloud,
    id: "company",
    program: ["api-key", "plain"],
    apart: ["api-key", "search"],
    services: /^\/(?:token|me$|\.well-known\/)/,
    steps: {
      signIn: ["request /token", "keychain write"],
      renewal: ["request /token", "keychain write"],
      signOut: ["request /token/revocation", "keychain removal"],
    },
    source: (ports) => {
      const secretOf = (): Promise<never> => Promise.reject(new Error("It has no secret."));
      const { plain, search } = companyKeys;
      const [source] = new OidcSources({ ...ports, secretOf }).load({
        sources: { company: entryOf() },
        keys: { plain, search },
      });
      if (source === undefined) throw new Error("The source cannot be used.");
      return source;
    },
    signIn: () => ({ words: ["login", "company"] }),
    approve: (url) => signInAt(cloud, url),
    isValid: (stdout) => {
      const token = stdout.trimEnd();
      return issuer.isKnown(token) && (ends.get(token) ?? 0) > cloud.now();
    },
    close: async () => {
      await cloud.close();
      await issuer.close();
    },
  };
};
