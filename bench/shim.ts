import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { House } from "../test/e2e/house.ts";
import {
  atLeast,
  atMost,
  type Effort,
  type Findings,
  median,
  ms,
  percentile,
  spread,
  times,
} from "./figures.ts";
import { loadSocket } from "./load.ts";
import { exportWords, later, project, run, socketOf } from "./place.ts";

/** As many requests as it takes until V8 compiles nothing more of what serves them. */
const warmUp = 3_000;

/** A program that is compared with the shim. */
interface Peer {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many runs of it are worth the time, of 50 in each round. */
  readonly runs: number;
  /** What it does here. */
  readonly what: string;
}

/** What of the machine's programs could not be had, and why. */
interface Missing {
  readonly name: string;
  readonly why: string;
}

/**
 * The whole process of `evercred aws export`, from memory, beside what else one could run. Each round runs each of them once
 * more, so that a slow moment of the machine meets all.
 */
export const measureShim = async (house: House, { quick }: Effort): Promise<Findings> => {
  const folder = join(house.home, "bench");
  await mkdir(folder, { recursive: true });
  const { stdout } = await house.evercred("aws", "export", "--profile", "p");
  const file = join(folder, "credentials.json");
  await writeFile(file, stdout);
  const { peers, missing } = await peersFor(house, file, folder);
  const [shim] = peers;
  if (shim === undefined) throw new Error("There is no shim.");
  const cold = median(await timesOf(shim, house, 20, folder));
  await loadSocket(socketOf(house), exportWords, 1, warmUp);
  const rounds = quick ? 2 : 6;
  const parts = new Map<Peer, (readonly number[])[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Every other round backwards: who comes first, comes last then.
    for (const peer of round % 2 === 0 ? peers : [...peers].reverse()) {
      const runs = quick ? Math.min(peer.runs, 25) : peer.runs;
      parts.get(peer)?.push(await timesOf(peer, house, runs, folder));
    }
  }
  const found = peers.map((peer) => ({ peer, ...summary(parts.get(peer) ?? []) }));
  const [own] = found;
  if (own === undefined) throw new Error("The shim was not run.");
  const medianOf = (name: string): number | undefined =>
    found.find(({ peer }) => peer.name === name)?.medianMs;
  const [cat, agent, cli] = ["/bin/cat", "ssh-add -l", "aws export-credentials"].map(medianOf);
  const because = `its rounds differ by ${own.differ}; where others want the cores, the shim and the daemon wait for one in turn`;
  return {
    budgets: [
      ...(cat === undefined
        ? []
        : [
            atMost("`aws export` from memory, whole process, beside `/bin/cat`", {
              value: own.medianMs / cat,
              most: 0.75,
              show: times,
              because,
            }),
          ]),
      ...(agent === undefined
        ? [notHad("the same beside `ssh-add -l`", "≤ 0.2 ×", missing)]
        : [
            atMost("the same beside `ssh-add -l`", {
              value: own.medianMs / agent,
              most: 0.2,
              show: times,
              because,
            }),
          ]),
      ...(cli === undefined
        ? [notHad("faster than `aws configure export-credentials`", "≥ 500 ×", missing)]
        : [
            atLeast("faster than `aws configure export-credentials`", {
              value: cli / own.medianMs,
              least: 500,
              show: times,
              because,
            }),
          ]),
    ],
    tables: [
      {
        title: "A whole process",
        head: ["program", "median", "p99", "runs", "rounds differ by", "beside the shim"],
        rows: found.map(({ peer, medianMs, p99Ms, count, differ }) => [
          peer.what,
          ms(medianMs),
          count < 100 ? "–" : ms(p99Ms),
          String(count),
          differ,
          times(medianMs / own.medianMs),
        ]),
        note: [
          `From fork to exit, by hyperfine without a shell, ${String(rounds)} rounds in turn, every other one backwards. The daemon has served ${warmUp.toLocaleString("en-US")} requests before, so that V8 has compiled what serves them; of 20 soon after its start the shim's median was ${ms(cold)}.`,
          ...missing.map(({ name, why }) => `\`${name}\`: ${why}`),
        ].join(" "),
      },
    ],
  };
};

const notHad = (what: string, budget: string, missing: readonly Missing[]) => ({
  what,
  measured: missing.map(({ name, why }) => `${name}: ${why}`).join("; "),
  budget,
  holds: undefined,
});

const summary = (parts: readonly (readonly number[])[]) => {
  const all = parts.flat();
  return {
    medianMs: median(all),
    p99Ms: percentile(all, 0.99),
    count: all.length,
    differ: spread(parts.map((part) => median(part))),
  };
};

const peersFor = async (
  house: House,
  file: string,
  folder: string,
): Promise<{ peers: readonly Peer[]; missing: readonly Missing[] }> => {
  const words = ["aws", "export", "--profile", "p"];
  const missing: Missing[] = [];
  const bytes = String((await stat(file)).size);
  const peers: Peer[] = [
    { name: "shim", words: [house.shim, ...words], runs: 50, what: "`evercred aws export`" },
    {
      name: "/bin/cat",
      words: ["/bin/cat", file],
      runs: 50,
      what: `\`/bin/cat\` of a file of the same ${bytes} bytes`,
    },
    {
      name: "sh -c",
      words: ["/bin/sh", join(folder, "script")],
      runs: 50,
      what: "`sh` with a script that prints the file by `cat`",
    },
    {
      name: "node",
      words: [process.execPath, join(project, "bench", "client.mjs"), ...words],
      runs: 10,
      what: `the same request from a client in Node ${process.versions.node}`,
    },
  ];
  await writeFile(join(folder, "script"), `cat '${file}'\n`);
  const agent = await startAgent(folder);
  if (typeof agent === "string") missing.push({ name: "ssh-add", why: agent });
  else {
    const what = "`ssh-add -l` of an agent with one key";
    peers.push({ name: "ssh-add -l", words: ["ssh-add", "-l"], env: agent, runs: 50, what });
  }
  const cli = await cliPeer(house);
  if (typeof cli === "string") missing.push({ name: "aws", why: cli });
  else peers.push(cli);
  const gcloud = await gcloudPeer(house, folder);
  if (typeof gcloud === "string") missing.push({ name: "gcloud", why: gcloud });
  else peers.push(gcloud);
  return { peers, missing };
};

/** An SSH agent with one key, as its variables; or why there is none. */
const startAgent = async (folder: string): Promise<Readonly<Record<string, string>> | string> => {
  try {
    const key = join(folder, "key");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const socket = join(folder, "agent");
    const { stdout } = await run("ssh-agent", ["-a", socket]);
    const pid = /SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1] ?? "";
    later(() => Promise.resolve(process.kill(Number(pid))));
    const env = { SSH_AUTH_SOCK: socket, SSH_AGENT_PID: pid };
    await run("ssh-add", ["-q", key], { env: { ...process.env, ...env } });
    return env;
  } catch {
    return "OpenSSH's client is not installed.";
  }
};

/** The AWS CLI with its own caches filled: it asks nobody either. */
const cliPeer = async (house: House): Promise<Peer | string> => {
  const words = ["/usr/bin/aws", "configure", "export-credentials", "--profile", "p"];
  const [program = "", ...rest] = words;
  const tried = await house.run(program, rest).catch(() => undefined);
  if (tried?.code !== 0) return "an AWS CLI that has export-credentials is not installed.";
  const { stdout } = await house.run(program, ["--version"]);
  const version = /aws-cli\/([\d.]+)/.exec(stdout)?.[1] ?? "";
  const what = `\`aws configure export-credentials\` (${version}), from its own cache`;
  return { name: "aws export-credentials", words, runs: 2, what };
};

/** gcloud where it has least to do: the token stands in a file. */
const gcloudPeer = async (house: House, folder: string): Promise<Peer | string> => {
  const env = {
    CLOUDSDK_CONFIG: join(folder, "gcloud"),
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, "token"),
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "1",
  };
  await writeFile(join(folder, "token"), "ya29.token");
  const words = ["/usr/bin/gcloud", "auth", "print-access-token"];
  const [program = "", ...rest] = words;
  const tried = await house.run(program, rest, env).catch(() => undefined);
  if (tried?.code !== 0) return "it is not installed.";
  const what = "`gcloud auth print-access-token`, from a file";
  return { name: "gcloud", words, env, runs: 1, what };
};

/** How long each of these runs took, in milliseconds. */
const timesOf = async (
  { name, words, env }: Peer,
  house: House,
  runs: number,
  folder: string,
): Promise<readonly number[]> => {
  const results = join(folder, "hyperfine.json");
  const flags = ["-N", "--style", "none", "--export-json", results];
  const warmUp = runs < 10 ? "0" : "3";
  const command = words.map((word) => `'${word}'`).join(" ");
  await run("hyperfine", [...flags, "--warmup", warmUp, "--runs", String(runs), command], {
    env: { ...house.env, ...env },
  }).catch((error: unknown) => {
    throw new Error(`hyperfine could not time ${name}: ${String(error)}`);
  });
  const { results: found } = JSON.parse(await readFile(results, "utf8")) as {
    results: readonly { times: readonly number[] }[];
  };
  return (found[0]?.times ?? []).map((seconds) => seconds * 1000);
};
