import { setTimeout } from "node:timers/promises";
import { type House, type HouseOptions, oneProfile, otherProfile } from "../e2e/house.ts";
import { chanceOf } from "../fleet/chance.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import { Weather } from "./weather.ts";

/** The house of a soak: two roles of one organisation, whose keys live for `lifeMs`, and access tokens little longer. */
export const soakHouse = (lifeMs: number): HouseOptions => ({
  awsConfig: `${oneProfile}\n${otherProfile}`,
  lifetimes: { accessTokenMs: 1.25 * lifeMs, roleMs: lifeMs, sessionMs: 24 * 60 * 60_000 },
});

export interface SoakOptions {
  readonly forMs: number;
  readonly seed: number;
  readonly callersPerSecond: number;
}

/** What came of a soak; `faults` of Evercred's, none where it is well. */
export interface SoakFigures {
  readonly calls: number;
  /** By verb and exit code: `aws export 7`. */
  readonly ends: Readonly<Record<string, number>>;
  /** How many credentials were handed out, each checked. */
  readonly credentials: number;
  readonly weather: Readonly<Record<string, number>>;
  readonly pages: number;
  readonly before: Footprint;
  readonly after: Footprint;
  readonly faults: readonly string[];
}

/** A credential as a verb prints it. */
interface Printed {
  readonly id: string | undefined;
  readonly secret: string | undefined;
  readonly token: string | undefined;
  readonly expiration: string | undefined;
}

interface Verb {
  readonly words: readonly string[];
  /** The role whose keys it prints; undefined: it prints none. */
  readonly role?: string;
  read?(document: Record<string, string>): Printed;
}

const keysOf = (document: Record<string, string>): Printed => ({
  id: document["AccessKeyId"],
  secret: document["SecretAccessKey"],
  token: document["SessionToken"],
  expiration: document["Expiration"],
});

const exported = (document: Record<string, string>): Printed =>
  keysOf((document as unknown as { Credentials: Record<string, string> }).Credentials);

const variables = (document: Record<string, string>): Printed => ({
  id: document["AWS_ACCESS_KEY_ID"],
  secret: document["AWS_SECRET_ACCESS_KEY"],
  token: document["AWS_SESSION_TOKEN"],
  expiration: document["AWS_CREDENTIAL_EXPIRATION"],
});

const verbs: readonly Verb[] = [
  { words: ["aws", "export", "--profile", "p"], role: "Developer", read: exported },
  { words: ["aws", "export", "--profile", "other"], role: "ReadOnly", read: exported },
  { words: ["aws", "process", "--profile", "p"], role: "Developer", read: keysOf },
  {
    words: ["aws", "env", "--profile", "other", "--format", "json"],
    role: "ReadOnly",
    read: variables,
  },
  { words: ["aws", "login", "--profile", "p"] },
  { words: ["status", "--json"] },
];

/** More callers than this at a time are not started: they would wait for the computer, not for the daemon. */
const most = 60;

/** A daemon may hold so much more after a soak than before it. */
const allowed = { pssKiB: 60 * 1_024, descriptors: 12, processes: 0, files: 4 } as const;

/** Signs somebody in, which starts the daemon; resolves to its process id. */
export const begin = async (house: House): Promise<number> => {
  let login = await house.evercred("login");
  // On a busy computer it may start for longer than a client waits: the next client finds it.
  for (let tries = 0; login.code === 4 && tries < 8; tries += 1) {
    login = await house.evercred("login");
  }
  if (login.code !== 0) throw new Error(`Nobody could sign in: ${login.stderr}`);
  return house.daemonPid();
};

/** Lets callers and faults loose on a daemon that runs in this house, of which the process id is given. */
export const soak = async (
  house: House,
  daemonPid: number,
  options: SoakOptions,
): Promise<SoakFigures> => {
  const chance = chanceOf(options.seed);
  const faults: string[] = [];
  const ends: Record<string, number> = {};
  let [calls, credentials] = [0, 0];
  const weather = new Weather(
    house,
    daemonPid,
    house.cloud.lifetimes.roleMs,
    chanceOf(options.seed + 1),
  );

  const call = async (verb: Verb): Promise<number | null> => {
    const name = verb.words.join(" ");
    const [begunAt, from] = [house.cloud.now(), performance.now()];
    const { code, stdout, stderr } = await house.evercred(...verb.words);
    calls += 1;
    const end = `${name} → ${code ?? "killed"}`;
    ends[end] = (ends[end] ?? 0) + 1;
    if (code === 0 && verb.role !== undefined && verb.read !== undefined) {
      credentials += 1;
      const wrong = wrongIn(house, verb.read(JSON.parse(stdout)), verb.role, begunAt);
      if (wrong !== undefined) faults.push(`${name} handed out ${wrong}.`);
    }
    if (code !== 0 && !weather.explains(code ?? -1, from, performance.now())) {
      faults.push(`${end}, and no fault explains it: ${stderr.trim()}`);
    }
    return code;
  };

  const folders = [house.state, house.runtime];
  const pagesBefore = (await house.pages()).length;
  for (const verb of verbs) await call(verb);
  const before = await footprintOf(daemonPid, folders);

  const over = new AbortController();
  const changing = weather.until(over.signal);
  const running = new Set<Promise<unknown>>();
  const endsAt = performance.now() + options.forMs;
  while (performance.now() < endsAt) {
    if (running.size < most) {
      const verb = verbs[Math.floor(chance() * verbs.length)];
      if (verb !== undefined) {
        const caller = call(verb).finally(() => running.delete(caller));
        running.add(caller);
      }
    }
    await setTimeout(1_000 / options.callersPerSecond);
  }
  over.abort();
  await changing;
  await Promise.all(running);

  faults.push(...(await recovered(call)));
  const after = await footprintOf(daemonPid, folders);
  for (const what of ["pssKiB", "descriptors", "processes", "files"] as const) {
    const grown = after[what] - before[what];
    if (grown > allowed[what]) faults.push(`${what} have grown by ${grown}.`);
  }
  const pages = (await house.pages()).length - pagesBefore;
  if (pages > 0) faults.push(`${pages} pages were opened, though nobody had to sign in.`);
  return { calls, ends, credentials, weather: weather.summary, pages, before, after, faults };
};

/** What is wrong with a credential that was handed out, after its caller began; undefined: nothing. */
const wrongIn = (
  { cloud }: House,
  printed: Printed,
  role: string,
  begunAt: number,
): string | undefined => {
  const issued = cloud.keyRing.find(printed.id ?? "");
  if (issued === undefined) return "keys that nobody issued";
  if (issued.secretAccessKey !== printed.secret || issued.sessionToken !== printed.token) {
    return "parts of two credentials";
  }
  if (issued.roleName !== role) return `keys of ${issued.roleName}, and not of ${role}`;
  if (Date.parse(printed.expiration ?? "") !== issued.expiresAt) return "another end than theirs";
  return issued.expiresAt <= begunAt ? "keys that had ended" : undefined;
};

/** Each verb works again within half a minute after the last fault; what does not is named. */
const recovered = async (
  call: (verb: Verb) => Promise<number | null>,
): Promise<readonly string[]> => {
  const until = performance.now() + 30_000;
  const lost: string[] = [];
  for (const verb of verbs) {
    let code = await call(verb);
    while (code !== 0 && performance.now() < until) {
      await setTimeout(500);
      code = await call(verb);
    }
    if (code !== 0) lost.push(`${verb.words.join(" ")} does not work again.`);
  }
  return lost;
};
