import { mkdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, oneProfile, openHouse } from "./house.ts";

let house: House;

beforeEach(async () => {
  house = await openHouse();
});

afterEach(async () => {
  await house.close();
});

const withConfig = async (text: string | Buffer): Promise<void> => {
  await writeFile(join(house.home, ".aws", "config"), text);
};

test.each([
  ["a duplicate section", `${oneProfile}\n[profile p]\nregion = us-east-1\n`, /line \d+/],
  ["a bad region", oneProfile.replace("sso_region = us-east-1", "sso_region = nowhere!"), /region/],
  ["a missing key", oneProfile.replace(/sso_region.*\n/, ""), /sso_region/],
  ["NUL bytes", `${oneProfile}\0\0\n`, /./],
  ["a line of a megabyte", `${oneProfile}# ${"x".repeat(1_000_000)}\n`, /./],
])(
  "%s in ~/.aws/config: the daemon lives and says what is wrong",
  async (_name, text, expected) => {
    await withConfig(text);
    const status = await house.evercred("status");
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(expected);
  },
);

test("an unknown profile: exit 2 and the nearest one", async () => {
  const { code, stderr } = await house.evercred("aws", "export", "--profile", "pp");
  expect(code).toBe(2);
  expect(stderr).toContain("Did you mean p?");
});

test("an unknown verb: exit 2 and the nearest one", async () => {
  const { code, stderr } = await house.evercred("aws", "exprot");
  expect(code).toBe(2);
  expect(stderr).toContain("evercred aws export");
});

test("a broken config.json: the defaults stay in force, status names the line", async () => {
  const folder = join(house.home, ".config", "evercred");
  await house.evercred("status");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), '{\n  "signIn": {\n');
  const watch = house.start(house.shim, ["status", "--watch"]);
  await watch.line(/config\.json line \d+/);
  watch.child.kill("SIGINT");
  await watch.outcome;
  await rm(join(folder, "config.json"));
});

test("giant, truncated and senseless frames end their connection, not the daemon", async () => {
  const pid = await house.daemonPid();
  const giant = Buffer.from([0x41, 0xff, 0xff, 0xff, 0xff]);
  const inputs = [
    giant,
    Buffer.from("V"),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(4096),
  ];
  for (const input of inputs) {
    await new Promise<void>((resolve) => {
      const socket = connect(join(house.runtime, "evercred", "daemon.sock"), () =>
        socket.end(input),
      );
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve();
      });
      socket.resume();
    });
  }
  expect(await house.daemonPid()).toBe(pid);
});

test("a reply that is no JSON is a sentence and exit 7", async () => {
  await house.evercred("login");
  process.kill(await house.daemonPid(), "SIGKILL");
  house.cloud.faults.add({ path: "/federation/credentials", kind: "html" });
  const { code, stdout, stderr } = await house.evercred("aws", "export");
  expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
  // A start that takes its time is said first.
  expect(stderr.replace("Starting Evercred…\n", "").trim().split("\n")).toHaveLength(1);
});
