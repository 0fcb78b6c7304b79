import type { Agent } from "node:https";
import type { Grant, TokenCredential } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { Flow, SignInRequest, Source, Target } from "../../../electron/core/source.ts";
import { tokenOf } from "../../../electron/core/credential.ts";
import { targetOf } from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import {
  type OidcConfig,
  type OidcPorts,
  OidcSources,
} from "../../../electron/sources/oidc/index.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import type { Answer, FinalPage } from "../../fakes/cloud/person.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { clientSecret } from "../../fakes/oidc/clients.ts";
import { type Issuer, type IssuerOptions, startIssuer } from "../../fakes/oidc/issuer.ts";
import { signInAt } from "../../fakes/oidc/person.ts";
import { signInOptions } from "../../fakes/source.ts";
import { never, nothing, pageOf, proxyAgent, WatchedClock } from "../aws/world.ts";

export { never, pageOf } from "../aws/world.ts";

type Entry = Extract<OidcConfig["sources"][string], { readonly kind: "oidc" }>;
type KeyEntry = Extract<OidcConfig["keys"][string], { readonly kind: "oidc" }>;

/** A company's source as the configuration has it where it says little. */
export const entryOf = (parts: Partial<Entry> = {}): Entry => ({
  kind: "oidc",
  enabled: true,
  issuer: "https://login.example.com",
  clientId: "evercred",
  scopes: ["openid", "email", "offline_access"],
  redirectUri: "http://127.0.0.1:0/oauth/callback",
  flow: "code",
  // Without it the issuer gives native apps nothing that can be renewed.
  authorizeParams: { prompt: "consent" },
  ...parts,
});

/** A key of the company's source. */
export const keyEntryOf = (parts: Partial<KeyEntry> = {}): KeyEntry => ({
  kind: "oidc",
  source: "company",
  token: "access",
  ...parts,
});

/** The keys of a company with two gateways. */
export const companyKeys = {
  plain: keyEntryOf(),
  identity: keyEntryOf({ token: "id" }),
  gateway: keyEntryOf({ resource: "https://gateway.example.com", scopes: ["openid", "chat"] }),
  search: keyEntryOf({ resource: "https://search.example.com", scopes: ["openid", "search"] }),
} as const;

/** A machine that signs in at a company's issuer. */
export interface World {
  readonly cloud: Cloud;
  readonly house: Issuer;
  readonly clock: WatchedClock;
  readonly log: MemoryLog;
  readonly ports: OidcPorts;
  readonly sources: OidcSources;
  /** The values of static keys, by name. */
  readonly secrets: Map<string, string>;
  /** The one source `company`. */
  source(entry?: Partial<Entry>, keys?: OidcConfig["keys"]): Source;
  /** Time passes here, and on the issuer's clock as its replies show it. */
  pass(ms: number): Promise<void>;
  /** Requests that have reached the issuer, by path. */
  asked(path: string): number;
  answer(request: SignInRequest, answer?: Answer): Promise<FinalPage>;
  signIn(source: Source, flow?: Flow, answer?: Answer): Promise<Grant>;
  issue(source: Source, grant: Grant, key: string): Promise<TokenCredential>;
  close(): Promise<void>;
}

/** How the world begins. */
export interface WorldOptions {
  readonly issuer?: IssuerOptions;
  /** How far the issuer's clock is ahead of this machine's, in milliseconds. */
  readonly skewMs?: number;
}

/** The key that a source offers under a name. */
export const offered = (source: Source, name: string): string => {
  const target: Target = targetOf("api-key", name);
  const offer = source.offers.get(target);
  if (offer === undefined) throw new Error(`${name} is not offered.`);
  return offer.key;
};

/** An identity token of which the library looks at the claims only: it came from the issuer itself. */
export const idTokenOf = (claims: Readonly<Record<string, unknown>>): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const usual = { iss: "https://login.example.com", aud: "evercred", sub: "user-ann@example.com" };
  return [part({ alg: "ES256" }), part({ ...usual, ...claims }), "c2ln"].join(".");
};

/** Starts a world of its own. */
export const startWorld = async ({ issuer, skewMs = 0 }: WorldOptions = {}): Promise<World> => {
  const house = await startIssuer(issuer);
  const cloud = await startCloud({ skewMs, sites: { [house.host]: house.site } });
  const clock = new WatchedClock(instantOf(Date.now()));
  const log = new MemoryLog();
  const agent: Agent = proxyAgent(cloud.proxyUrl, cloud.ca);
  const secrets = new Map([["company-secret", clientSecret]]);
  const ports: OidcPorts = {
    agent,
    clock,
    log,
    secretOf: async (name) => {
      const secret = secrets.get(name);
      if (secret === undefined) throw new EvercredError("sign-in-needed", `${name} is not set.`);
      return new Secret(secret);
    },
  };
  const sources = new OidcSources(ports);
  const answer: World["answer"] = (request, decision) =>
    signInAt(cloud, pageOf(request).url, decision);
  return {
    ...{ cloud, house, clock, log, ports, sources, secrets, answer },
    source: (entry, keys = companyKeys) => {
      const secret = { "company-secret": { kind: "static" } } as const;
      const config = { sources: { company: entryOf(entry) }, keys: { ...secret, ...keys } };
      const [source] = sources.load(config);
      if (source === undefined) throw new Error(JSON.stringify(sources.problems));
      return source;
    },
    pass: async (ms) => {
      cloud.advance(ms);
      await clock.advance(ms);
    },
    asked: (path) => cloud.log.count({ host: house.host, path }),
    signIn: async (source, flow = "code", decision) => {
      const acts: Promise<unknown>[] = [];
      const show = (request: SignInRequest): void => void acts.push(answer(request, decision));
      const grant = source.signIn(signInOptions(flow, show), never);
      if (flow === "device") {
        await clock.armed(5_000);
        await Promise.all(acts);
        await clock.advance(5_000);
      }
      const given = await grant;
      await Promise.all(acts);
      return given;
    },
    issue: async (source, grant, key) =>
      tokenOf(await source.issue(grant, offered(source, key), never, nothing)),
    close: async () => {
      agent.destroy();
      await cloud.close();
      await house.close();
    },
  };
};
