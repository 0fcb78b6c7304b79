import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, oneProfile, openHouse, otherProfile, type Running } from "./house.ts";
import { type SshHost, startSshHost } from "./sshd.ts";

let house: House;
let host: SshHost;

beforeAll(async () => {
  house = await openHouse({ awsConfig: `${oneProfile}\n${otherProfile}` });
  const there = join(house.home, "there");
  await mkdir(there);
  await copyFile(house.shim, join(there, "evercred"));
  host = await startSshHost(join(house.home, "host"), `${there}:/usr/bin:/bin`);
  expect(await house.evercred("login")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await host.close();
  await house.close();
});

/** Runs a command line of sh on the host, over a bridge. */
const over = (line: string, ...flags: readonly string[]): Running => {
  const env = { PATH: `${host.bin}:${house.env["PATH"] ?? ""}` };
  const words = ["bridge", "ssh", "box", ...flags, "--", "sh", "-c", line];
  return house.start(house.shim, words, env);
};

const bridges = async (): Promise<string> => (await house.evercred("bridge", "list")).stdout;

test("what is allowed is served on the host, all else is refused, and afterwards nothing is left", async () => {
  const line = [
    'echo "$EVERCRED_BRIDGE"',
    "evercred aws export",
    "evercred aws export --profile other; echo $?",
    "evercred status; echo $?",
    "evercred login; echo $?",
    "evercred version",
    "exit 9",
  ].join("\n");
  const { code, stdout } = await over(line, "--allow", "aws:p").outcome;
  const [place = "", exported = "", ...rest] = stdout.trimEnd().split("\n");
  expect(code).toBe(9);
  expect(place).toMatch(/^\/tmp\/evercred-bridge-\w+$/);
  const { Credentials: keys } = JSON.parse(exported) as { Credentials: { AccessKeyId: string } };
  expect(house.cloud.keyRing.find(keys.AccessKeyId)?.roleName).toBe("Developer");
  expect(rest).toEqual(["5", "5", "5", expect.stringContaining(`(bridge ${place})`)]);
  expect(existsSync(place)).toBe(false);
  expect(await bridges()).toBe("There are no bridges.\n");
});

test("bridge rm cuts the host off while somebody is there", async () => {
  const fifo = join(house.home, "go");
  await house.run("mkfifo", [fifo]);
  const line = `echo "at $EVERCRED_BRIDGE"; read go <${fifo}; evercred aws export; exit $?`;
  const there = over(line, "--allow", "aws:p");
  const place = (await there.line(/^at /)).slice("at ".length);
  const [name = ""] = (await bridges()).split(" ");
  expect(name).toMatch(/^ssh-box-/);
  expect(await house.evercred("bridge", "rm", name)).toMatchObject({ code: 0 });
  await house.run("sh", ["-c", `echo >${fifo}`]);
  expect(await there.outcome).toMatchObject({
    code: 4,
    stdout: `at ${place}\n`,
    stderr: expect.stringContaining(`The bridge ${place}`),
  });
  expect(existsSync(place)).toBe(false);
});

test.each(["SIGHUP", "SIGTERM"] as const)("%s leaves nothing, here or there", async (signal) => {
  const there = over('echo "at $EVERCRED_BRIDGE"; exec sleep infinity', "--allow", "aws:p");
  const place = (await there.line(/^at /)).slice("at ".length);
  expect(existsSync(join(place, "socket"))).toBe(true);
  there.child.kill(signal);
  await there.outcome;
  expect(existsSync(place)).toBe(false);
  await expect.poll(bridges).toBe("There are no bridges.\n");
});
