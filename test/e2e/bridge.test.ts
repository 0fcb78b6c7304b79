import { copyFile, mkdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { programPath } from "../../scripts/command.mjs";
import {
  type House,
  oneProfile,
  openHouse,
  otherProfile,
  type Outcome,
  type Running,
} from "./house.ts";

// Only root gives a process mounts of its own, and only a static shim runs where nothing else is.
const hasSandbox = process.getuid?.() === 0 && programPath("musl-gcc") !== undefined;

let house: House;

beforeEach(async () => {
  house = await openHouse({ awsConfig: `${oneProfile}\n${otherProfile}` });
  expect(await house.evercred("login")).toMatchObject({ code: 0 });
});

afterEach(async () => {
  await house.close();
});

interface Bridge {
  readonly directory: string;
  readonly port?: number;
}

const addBridge = async (...words: readonly string[]): Promise<Bridge> => {
  const { code, stdout, stderr } = await house.evercred("bridge", "add", ...words, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as Bridge;
};

const auditText = (): Promise<string> => readFile(join(house.state, "audit.jsonl"), "utf8");

/** A container, in short: a root with the shim and the mounted bridge, without a network, that knows no processes. */
const openSandbox = async (bridge: Bridge): Promise<(...args: readonly string[]) => Running> => {
  const root = join(house.home, "container");
  await mkdir(join(root, "b"), { recursive: true });
  await copyFile(house.shim, join(root, "evercred"));
  const mount = 'mount --bind "$1" "$2/b" && echo mounted && exec sleep infinity';
  const holder = house.start("unshare", [
    ...["--mount", "--net", "--ipc", "--uts"],
    ...["sh", "-c", mount, "sh", bridge.directory, root],
  ]);
  await holder.line(/mounted/);
  const enter = ["--mount", "--net", "--ipc", "--uts", "--target", String(holder.child.pid)];
  const isolated = ["unshare", "--pid", "--fork", "chroot", root];
  return (...args) =>
    house.start("nsenter", [
      ...[...enter, "env", "-i", "EVERCRED_BRIDGE=/b", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      ...[...isolated, "/evercred", ...args],
    ]);
};

const accessKeyOf = ({ stdout }: Outcome): string =>
  (JSON.parse(stdout) as { Credentials: { AccessKeyId: string } }).Credentials.AccessKeyId;

test.skipIf(!hasSandbox)(
  "a sandbox with nothing but the bridge and the shim gets what is allowed, and nothing else",
  async () => {
    const inside = await openSandbox(await addBridge("dev", "--allow", "aws:p"));
    const served = await inside("aws", "export", "--profile", "p").outcome;
    expect(served).toMatchObject({ code: 0, stderr: "" });
    expect(accessKeyOf(served)).toBe(house.cloud.organisation().keys().at(-1)?.accessKeyId);
    // The only one that is served is meant where none is named.
    expect((await inside("aws", "process").outcome).code).toBe(0);

    const refused = [
      "aws export --profile other",
      "aws export --profile nobody",
      "aws login --profile other",
      "exec --server -- /evercred version",
      "status",
      "login",
      "login corp --yes",
      "logout",
      "aws accounts",
      "aws roles",
      "aws console --print",
      "aws profiles add --all",
      "bridge list",
      "bridge rm dev",
      "bridge add more --allow aws:other",
    ];
    const outcomes = await Promise.all(
      refused.map(async (line) => {
        const { code, stdout } = await inside(...line.split(" ")).outcome;
        return { line, code, stdout };
      }),
    );
    expect(outcomes).toEqual(refused.map((line) => ({ line, code: 5, stdout: "" })));
    // Whether there is such a profile cannot be found out.
    const sentence = async (profile: string): Promise<string> =>
      (await inside("aws", "export", "--profile", profile).outcome).stderr;
    expect(await sentence("nobody")).toBe((await sentence("other")).replaceAll("other", "nobody"));
    expect((await house.evercred("status", "--short")).stdout).toMatch(/^All signed in/);
    expect(await house.pages()).toHaveLength(1);
  },
);

test.skipIf(!hasSandbox)(
  "bridge rm cuts what is on its way, and names the keys that live on",
  async () => {
    const allow = ["--allow", "aws:p", "--allow", "aws:other"];
    const inside = await openSandbox(await addBridge("dev", ...allow));
    const served = await inside("aws", "export", "--profile", "p").outcome;
    const held = house.cloud.faults.add({ path: "/federation/credentials", kind: "hang" });
    const waiting = inside("aws", "export", "--profile", "other");
    await house.cloud.log.waitForArrival({ path: "/federation/credentials" }, 2);

    const removal = await house.evercred("bridge", "rm", "dev");
    const cut = await waiting.outcome;
    held.remove();
    const end = /"Expiration":"[^T]*T(\d\d:\d\d)/.exec(served.stdout)?.[1] ?? "none";
    expect(removal).toMatchObject({ code: 0, stdout: expect.stringContaining("dev is gone.") });
    expect(removal.stdout).toMatch(
      new RegExp(`Keys of aws:p that it gave out stay good until .*${end}`),
    );
    expect(removal.stdout).not.toContain("aws:other");
    expect(cut).toMatchObject({ code: 4, stdout: "" });
    expect(cut.stderr).not.toBe("");

    const after = await inside("aws", "export", "--profile", "p").outcome;
    expect(after).toMatchObject({ code: 4, stdout: "" });
    expect(after.stderr).toContain("Make it anew on the host with: evercred bridge add");
    expect((await house.evercred("bridge", "list")).stdout).toBe("There are no bridges.\n");
  },
);

test.skipIf(!hasSandbox)(
  "a dead sign-in is said in the sandbox, and asked for outside",
  async () => {
    const inside = await openSandbox(await addBridge("dev", "--allow", "aws:p"));
    await house.evercred("logout");
    const { code, stdout, stderr } = await inside("aws", "export", "--sign-in").outcome;
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("Sign in on the computer that the bridge leads to.");
    expect(await house.pages()).toHaveLength(1);
  },
);

test("each use is in the audit trail, without a secret", async () => {
  const { directory } = await addBridge("dev", "--allow", "aws:p");
  const overBridge = (...args: readonly string[]): Promise<Outcome> =>
    house.run(house.shim, args, { EVERCRED_BRIDGE: directory });
  const served = await overBridge("aws", "export");
  await overBridge("aws", "export", "--profile", "other");
  await overBridge("status");
  await house.evercred("bridge", "rm", "dev");
  const entries = (await auditText())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ bridge }) => bridge === "dev")
    .map(({ event, verb, target, exit }) => [event, verb, target, exit]);
  expect(entries).toEqual([
    ["bridge-added", undefined, "aws:p", undefined],
    ["served", "aws export", "aws:p", 0],
    // What it does not serve is not named: its caller could write anything into the record.
    ["refused", "aws export", undefined, 5],
    ["refused", "status", "aws:p", 5],
    ["bridge-removed", undefined, undefined, undefined],
  ]);
  const keys = house.cloud.keyRing.find(accessKeyOf(served));
  const record = await auditText();
  expect(record).not.toContain(keys?.secretAccessKey);
  expect(record).not.toContain(keys?.sessionToken);
});

test("a bridge over TCP serves the shim and the SDKs alike, until it is gone", async () => {
  const { directory, port = 0 } = await addBridge("dock", "--allow", "aws:p", "--tcp");
  const token = (await readFile(join(directory, "token"), "utf8")).trim();
  const env = {
    EVERCRED_BRIDGE: `tcp://127.0.0.1:${String(port)}`,
    EVERCRED_BRIDGE_TOKEN_FILE: join(directory, "token"),
  };
  const wrong = { EVERCRED_BRIDGE: env.EVERCRED_BRIDGE, EVERCRED_BRIDGE_TOKEN: "0".repeat(64) };
  const [served, other, stranger] = await Promise.all([
    house.run(house.shim, ["aws", "export"], env),
    house.run(house.shim, ["aws", "export", "--profile", "other"], env),
    house.run(house.shim, ["aws", "export"], wrong),
  ]);
  expect(accessKeyOf(served)).toBe(house.cloud.organisation().keys().at(-1)?.accessKeyId);
  expect(other).toMatchObject({ code: 5, stdout: "" });
  expect(stranger).toMatchObject({ code: 4, stdout: "" });

  const fetched = (path: string, host: string, authorization = token): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { Host: `${host}:${String(port)}`, Authorization: authorization };
      const asking = request({ host: "127.0.0.1", port, path, headers, agent: false }, (reply) => {
        text(reply).then((body) => {
          resolve(`${String(reply.statusCode)} ${body}`);
        }, reject);
      });
      asking.on("error", reject);
      asking.end();
    });
  expect(await fetched("/aws/p", "host.docker.internal")).toContain(accessKeyOf(served));
  expect(await fetched("/aws/other", "host.docker.internal")).toMatch(/^403 /);
  expect(await fetched("/aws/p", "evil.example")).toMatch(/^403 /);
  expect(await fetched("/aws/p", "localhost", "wrong")).toMatch(/^403 /);

  await house.evercred("bridge", "rm", "dock");
  const after = await house.run(house.shim, ["aws", "export"], {
    ...wrong,
    EVERCRED_BRIDGE_TOKEN: token,
  });
  expect(after).toMatchObject({ code: 4, stdout: "" });
});

test("a bridge goes on after a restart of the daemon, at the same place with the same token", async () => {
  const { directory } = await addBridge("dev", "--allow", "aws:p");
  const token = await readFile(join(directory, "token"), "utf8");
  process.kill(await house.daemonPid(), "SIGKILL");
  await house.evercred("status");
  const bridge = { EVERCRED_BRIDGE: directory };
  // The bridges come a moment after the daemon's own door.
  await expect
    .poll(async () => (await house.run(house.shim, ["aws", "export"], bridge)).code)
    .toBe(0);
  expect(await readFile(join(directory, "token"), "utf8")).toBe(token);
});
