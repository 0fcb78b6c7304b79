import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpsProxyAgent } from "https-proxy-agent";
import { type AwsCredential, awsKeysOf, type Grant } from "../../../electron/core/credential.ts";
import { Secret } from "../../../electron/core/secret.ts";
import {
  type Flow,
  pageOf as pageIn,
  type PageRequest,
  type SignInRequest,
  type Source,
  targetOf,
} from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { BedrockKey } from "../../../electron/sources/aws/bedrock-keys.ts";
import type {
  AssumedRole,
  AwsProfileDefinition,
  AwsSsoDefinition,
} from "../../../electron/sources/aws/definition.ts";
import { AwsProfileSource } from "../../../electron/sources/aws/profile-source.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { type AwsPorts, AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { type Cloud, type CloudOptions, startCloud } from "../../fakes/cloud/cloud.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { signInOptions } from "../../fakes/source.ts";

/** A clock that stands still, and tells when somebody waits on it. */
export class WatchedClock extends FakeClock {
  #waiting: (() => void)[] = [];

  override alarm(...args: Parameters<FakeClock["alarm"]>): () => void {
    const disarm = super.alarm(...args);
    const told = this.#waiting;
    this.#waiting = [];
    for (const tell of told) tell();
    return disarm;
  }

  /** Resolves once an alarm is set that goes off within `ms`. */
  async armed(ms: number): Promise<void> {
    while (!this.pending.some((at) => at <= this.now() + ms)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** One organisation with its provider, and a machine that signs in there. */
export interface World {
  readonly cloud: Cloud;
  readonly clock: WatchedClock;
  readonly log: MemoryLog;
  readonly home: string;
  readonly cacheFolder: string;
  readonly agent: Agent;
  readonly ports: AwsPorts;
  /** Time passes here and at the provider. */
  pass(ms: number): Promise<void>;
  source(
    definition?: Partial<AwsSsoDefinition>,
    ports?: Partial<AwsPorts>,
    keys?: readonly BedrockKey[],
  ): AwsSsoSource;
  profileSource(
    definition?: Partial<AwsProfileDefinition>,
    keys?: readonly BedrockKey[],
  ): AwsProfileSource;
  /** The person approves (or denies) what a sign-in shows; gives the text of the last page. */
  answer(request: SignInRequest, answer?: { readonly deny?: boolean }): Promise<string>;
  signIn(source: AwsSsoSource, flow?: Flow, previous?: Grant): Promise<Grant>;
  close(): Promise<void>;
}

/** A signal that never ends anything. */
export const never = new AbortController().signal;

/** The page that a sign-in shows. */
export const pageOf = (request: SignInRequest | undefined): PageRequest => {
  const page = pageIn(request);
  if (page === undefined) throw new Error("No page is shown.");
  return page;
};

/** Nothing else is issued on the way. */
export const nothing = (key: string): Promise<never> => {
  throw new Error(`Nobody expected to be asked for ${key}.`);
};

/** What a session does for a source, as far as issuing goes: one credential leads to another, each is kept. */
export class Issuer {
  /** What one credential needed of others, oldest first. */
  readonly asked: [key: string, fresh: boolean][] = [];
  readonly #kept = new Map<string, AwsCredential>();
  readonly #source: Source;
  readonly #grant: Grant;

  constructor(source: Source, grant: Grant) {
    this.#source = source;
    this.#grant = grant;
  }

  async issue(key: string): Promise<AwsCredential> {
    const issued = await this.#source.issue(this.#grant, key, never, (other, fresh) => {
      this.asked.push([other, fresh]);
      const kept = fresh ? undefined : this.#kept.get(other);
      return kept === undefined ? this.issue(other) : Promise.resolve(kept);
    });
    const credential = awsKeysOf(issued);
    this.#kept.set(key, credential);
    return credential;
  }

  /** What a profile is handed. */
  of(profile: string): Promise<AwsCredential> {
    const offer = this.#source.offers.get(targetOf("aws", profile));
    if (offer === undefined) throw new Error(`${profile} is not offered.`);
    return this.issue(offer.key);
  }
}

/** What the example organisation is called in `~/.aws/config`. */
export const corp: AwsSsoDefinition = {
  id: "corp",
  title: "corp",
  startUrl: "https://d-1234567890.awsapps.com/start",
  region: "us-east-1",
  scopes: ["sso:account:access"],
  legacy: false,
  cacheNames: ["corp"],
  flow: "code",
  profiles: [
    { name: "p", account: "111122223333", role: "Developer", region: "us-east-1" },
    { name: "q", account: "111122223333", role: "ReadOnly", region: undefined },
  ],
  assumed: [],
  aliases: [],
};

/** A user with long-lived keys, who may do what IAM says. */
export const devUser = {
  arn: "arn:aws:iam::111122223333:user/team/dev",
  accessKeyId: "AKIADEVELOPER7EXAMPL",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  mfaSerial: "arn:aws:iam::111122223333:mfa/dev",
};

/** What that user's keys are in `~/.aws/credentials`. */
export const devKeys = {
  kind: "keys",
  accessKeyId: devUser.accessKeyId,
  secretAccessKey: new Secret(devUser.secretAccessKey),
  sessionToken: undefined,
  endsAt: undefined,
} as const;

export const dev: AwsProfileDefinition = {
  id: "dev",
  title: "dev",
  root: devKeys,
  mfaSerial: undefined,
  profiles: [{ name: "dev", region: "eu-west-1" }],
  assumed: [],
  stsRegion: "us-east-1",
};

/** A role of the other account. */
export const deploy = "arn:aws:iam::444455556666:role/ci/Deploy";

/** A profile that assumes it with what its source has. */
export const deployRole: AssumedRole = {
  name: "deploy",
  key: `${deploy}#1`,
  parent: undefined,
  chained: false,
  roleArn: deploy,
  sessionName: undefined,
  externalId: undefined,
  durationMs: undefined,
  stsRegion: "us-east-1",
  region: undefined,
};

export const legacyCorp: Partial<AwsSsoDefinition> = {
  scopes: [],
  legacy: true,
  cacheNames: [corp.startUrl],
  flow: "device",
};

/** Starts a world of its own. */
export async function startWorld(options: CloudOptions = {}): Promise<World> {
  const cloud = await startCloud(options);
  const home = await mkdtemp(join(tmpdir(), "home-"));
  const clock = new WatchedClock(instantOf(Date.now()));
  const log = new MemoryLog();
  const agent = proxyAgent(cloud.proxyUrl, cloud.ca);
  const ports: AwsPorts = {
    agent,
    clock,
    log,
    home,
    mirror: true,
    productName: "Evercred",
    providerTime: new ProviderTime(),
  };
  const pass = async (ms: number): Promise<void> => {
    cloud.advance(ms);
    await clock.advance(ms);
  };
  const answer: World["answer"] = async (request, decision) => {
    const { text } = await cloud.approve(pageOf(request).url, decision);
    if (request.flow === "device") {
      await clock.armed(60_000);
      await pass(clock.pending[0]! - clock.now());
    }
    return text;
  };
  return {
    cloud,
    clock,
    log,
    home,
    cacheFolder: join(home, ".aws", "sso", "cache"),
    agent,
    ports,
    pass,
    source: (definition, more, keys = []) =>
      new AwsSsoSource({ ...corp, ...definition }, { ...ports, ...more }, keys),
    profileSource: (definition, keys = []) =>
      new AwsProfileSource({ ...dev, ...definition }, ports, keys),
    answer,
    signIn: async (source, flow = "code", previous) => {
      const acts: Promise<unknown>[] = [];
      const show = (request: SignInRequest): void => void acts.push(answer(request));
      const grant = await source.signIn(signInOptions(flow, show, previous), never);
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

/** An agent for what is behind a proxy, trusting one more authority there. */
class ProxyAgent extends HttpsProxyAgent<string> {
  readonly #ca: string;

  constructor(proxyUrl: string, ca: string) {
    super(proxyUrl, { keepAlive: true });
    this.#ca = ca;
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>["connect"]>) {
    return super.connect(request, { ...options, ca: this.#ca } as typeof options);
  }
}

/** The agent of a machine whose only way out is this proxy. */
export function proxyAgent(proxyUrl: string, ca: string): Agent {
  return new ProxyAgent(proxyUrl, ca);
}

/** Writes a file under a home directory, with its folders. */
export async function put(home: string, path: string, text: string | Uint8Array): Promise<string> {
  const file = join(home, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, text);
  return file;
}
