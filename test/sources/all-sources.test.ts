import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { AllSources } from "../../electron/assembly/all-sources.ts";
import { type Limits, noRule } from "../../electron/core/limits.ts";
import { configSchema } from "../../electron/platform/config-schema.ts";
import { programsReady } from "../../electron/sources/find-program.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "../platform/folder.ts";

let shell: string;
let ran: string;

/** A login shell that leaves a trace. Its name is that of one that is asked. */
beforeEach(() => {
  const folder = temporaryFolder();
  shell = join(folder, "bash");
  ran = join(folder, "ran");
  writeFileSync(shell, `#!/bin/sh\ntouch '${ran}'\n`);
  chmodSync(shell, 0o755);
  vi.stubEnv("SHELL", shell);
  vi.stubEnv("CLOUDSDK_PYTHON", "/home/ann/evil");
  return () => vi.unstubAllEnvs();
});

const sourcesUnder = (limits: Limits): AllSources =>
  new AllSources({
    network: { agent: new Agent() },
    clock: new FakeClock(),
    log: new MemoryLog(),
    secretOf: () => Promise.reject(new Error("There are no keys.")),
    rule: () => ({ ...noRule, limits }),
    isInMemory: false,
    isForced: (id) => id === "corp",
    flowOf: () => undefined,
  });

const readyUnder = async (limits: Limits): Promise<void> => {
  sourcesUnder(limits);
  await programsReady();
};

test("where programs are not limited the login shell is asked, and they get what there is", async () => {
  await readyUnder({});
  expect(existsSync(ran)).toBe(true);
  expect(process.env["CLOUDSDK_PYTHON"]).toBe("/home/ann/evil");
});

test("a login shell that is not allowed is not run, and what would change programs is gone", async () => {
  await readyUnder({ commands: [] });
  expect(existsSync(ran)).toBe(false);
  expect(process.env).not.toHaveProperty("CLOUDSDK_PYTHON");
});

test("one that is allowed is asked", async () => {
  await readyUnder({ commands: [shell] });
  expect(existsSync(ran)).toBe(true);
});

test("a person's source that is called by a number does not take the profile of a forced one", async () => {
  const home = temporaryFolder();
  vi.stubEnv("HOME", home);
  const entry = (account: string) => ({
    kind: "aws-sso",
    startUrl: `https://${account}.awsapps.com/start`,
    region: "us-east-1",
    profiles: [{ name: "bedrock", account, role: "ClaudeCode", region: "us-east-1" }],
  });
  const config = configSchema(home).parse({
    sources: { corp: entry("111122223333"), "1": entry("444455556666") },
  });
  const offered = (await sourcesUnder({}).load(config, false)).map(({ id, offers }) => [
    id,
    [...offers.keys()],
  ]);
  expect(Object.fromEntries(offered)).toEqual({ corp: ["aws:bedrock"], "1": [] });
});
