import { mkdtemp, rm } from "node:fs/promises";
import type { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Grant } from "../../../electron/core/credential.ts";
import { googleKeyOf, plainGoogleAsk } from "../../../electron/core/google.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { SignInRequest, Source } from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { GoogleKey } from "../../../electron/sources/google/offer.ts";
import {
  type OwnDefinition,
  OwnClientSource,
} from "../../../electron/sources/google/own-source.ts";
import type { GooglePorts } from "../../../electron/sources/google/ports.ts";
import {
  type WorkforceDefinition,
  WorkforceSource,
} from "../../../electron/sources/google/workforce-source.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../fakes/cloud/cloud.ts";
import type { GoogleClient } from "../../fakes/cloud/google/clients.ts";
import type { Pool } from "../../fakes/cloud/google/pools.ts";
import type { Answer } from "../../fakes/cloud/person.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { signInOptions } from "../../fakes/source.ts";
import { pageOf, proxyAgent, WatchedClock } from "../aws/world.ts";

export { never, pageOf, put } from "../aws/world.ts";

/** The key of what is asked for where nothing special is. */
export const plainKey = googleKeyOf(plainGoogleAsk);

export const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";
export const userinfoEmail = "https://www.googleapis.com/auth/userinfo.email";

/** A machine that signs in to Google. */
export interface World {
  readonly cloud: Cloud;
  /** An OAuth client of type Desktop app. */
  readonly client: GoogleClient;
  readonly pool: Pool;
  readonly clock: WatchedClock;
  readonly log: MemoryLog;
  readonly home: string;
  /** Where Google's programs look for their credentials. */
  readonly adcFile: string;
  readonly agent: Agent;
  readonly ports: GooglePorts;
  /** Time passes here and at Google. */
  pass(ms: number): Promise<void>;
  own(definition?: Partial<OwnDefinition>, keys?: readonly GoogleKey[]): OwnClientSource;
  workforce(
    definition?: Partial<WorkforceDefinition>,
    keys?: readonly GoogleKey[],
  ): WorkforceSource;
  /** The person approves (or denies) what a sign-in shows; gives the text of the last page. */
  answer(request: SignInRequest, answer?: Answer): Promise<string>;
  signIn(source: Source, answer?: Answer): Promise<Grant>;
  close(): Promise<void>;
}

/** Starts a world of its own. */
export async function startWorld(options: CloudOptions = {}): Promise<World> {
  const cloud = await startCloud(options);
  const home = await mkdtemp(join(tmpdir(), "home-"));
  const adcFile = join(home, ".config", "gcloud", "application_default_credentials.json");
  const client = cloud.google.addClient();
  const pool = cloud.google.addPool();
  const clock = new WatchedClock(instantOf(Date.now()));
  const log = new MemoryLog();
  const agent = proxyAgent(cloud.proxyUrl, cloud.ca);
  const ports: GooglePorts = {
    agent,
    clock,
    log,
    home,
    env: {},
    productName: "Evercred",
    providerTime: new ProviderTime(),
  };
  const oauthClient = { id: client.id, secret: new Secret(client.secret) };
  const answer: World["answer"] = async (request, decision) =>
    (await cloud.approve(pageOf(request).url, decision)).text;
  const common = {
    client: oauthClient,
    quotaProject: undefined,
    impersonate: [],
    adcFile,
    keepsAdc: false,
    hidesAdc: false,
  };
  return {
    cloud,
    client,
    pool,
    clock,
    log,
    home,
    adcFile,
    agent,
    ports,
    pass: async (ms) => {
      cloud.advance(ms);
      await clock.advance(ms);
    },
    own: (definition, keys = []) => {
      const usual: OwnDefinition = {
        ...common,
        id: "google",
        title: "google",
        account: undefined,
        scopes: ["openid", "email", cloudPlatform],
        adcMemory: { last: undefined, stood: false },
      };
      return new OwnClientSource({ ...usual, ...definition }, ports, keys);
    },
    workforce: (definition, keys = []) => {
      const usual: WorkforceDefinition = {
        ...common,
        id: "workforce",
        title: "workforce",
        scopes: [cloudPlatform],
        adcMemory: { last: undefined, stood: false },
        login: {
          audience: pool.audience,
          provider: pool.providerName,
          authUrl: "https://auth.cloud.google/authorize",
          tokenUrl: "https://sts.googleapis.com/v1/oauthtoken",
          tokenInfoUrl: "https://sts.googleapis.com/v1/introspect",
          universeDomain: "googleapis.com",
          client: undefined,
        },
      };
      return new WorkforceSource({ ...usual, ...definition }, ports, keys);
    },
    answer,
    signIn: async (source, decision) => {
      const acts: Promise<unknown>[] = [];
      const show = (request: SignInRequest): void => void acts.push(answer(request, decision));
      const grant = await source.signIn(signInOptions("code", show), new AbortController().signal);
      await Promise.all(acts);
      return grant;
    },
    close: async () => {
      agent.destroy();
      await cloud.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
