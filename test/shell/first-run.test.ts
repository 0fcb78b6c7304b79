import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addingOf } from "../../electron/shell/adding.ts";
import { firstRunOf, type FirstRunPorts } from "../../electron/shell/first-run.ts";
import { temporaryFolder } from "../platform/folder.ts";

const ports = (parts: Partial<FirstRunPorts> = {}): FirstRunPorts => ({
  file: join(temporaryFolder(), "first-run"),
  settings: () => [
    { path: ["network", "caFiles"], setBy: "policy" },
    { path: ["app", "theme"], setBy: "built-in" },
  ],
  environment: {
    differences: () => Promise.resolve([]),
    save: () => Promise.resolve(),
  },
  changed: () => undefined,
  ...parts,
});

test("it asks until it is finished, also after a restart, and again where somebody wants that", async () => {
  let changes = 0;
  const own = ports({ changed: () => (changes += 1) });
  const first = firstRunOf(own);
  expect(first.view()).toEqual({ forced: ["network.caFiles"] });
  await first.finish();
  expect(first.view()).toBeUndefined();
  expect(existsSync(own.file)).toBe(true);
  const restarted = firstRunOf(own);
  expect(restarted.view()).toBeUndefined();
  await restarted.again();
  expect(restarted.view()).toBeDefined();
  expect(firstRunOf(own).view()).toBeDefined();
  expect(changes).toBe(2);
});

test("where that cannot be kept, it is finished all the same until the next start", async () => {
  const own = ports({ file: "/nowhere/first-run" });
  const run = firstRunOf(own);
  expect(await run.finish()).toMatchObject({ kind: "failed" });
  expect(run.view()).toBeUndefined();
  expect(firstRunOf(own).view()).toBeDefined();
});

test("what is added goes by the verbs, each value in its own flag", async () => {
  const ran: (readonly string[])[] = [];
  const run = (args: readonly string[]) => {
    ran.push(args);
    return Promise.resolve({ code: 0, lines: [], said: [] });
  };
  const adding = addingOf({ run }, () => Promise.resolve("/home/ann/client.json"));
  expect(await adding.chooseFile()).toEqual({ kind: "done", value: "/home/ann/client.json" });
  const source = await adding.addSource({ kind: "google", name: "google", clientFile: "/c.json" });
  expect(source).toEqual({ kind: "done", value: "google" });
  await adding.addSource({ kind: "oidc", name: "company", issuer: "https://i", clientId: "-x" });
  await adding.addKey("litellm", "2027-03-31");
  await adding.addKey("other", "");
  expect(ran).toEqual([
    ["source", "add", "google", "--kind", "google", "--client-file=/c.json"],
    ["source", "add", "company", "--kind", "oidc", "--issuer=https://i", "--client-id=-x"],
    ["api-key", "add", "litellm", "--kind", "static", "--expires-at=2027-03-31"],
    ["api-key", "add", "other", "--kind", "static"],
  ]);
});

test("what would be a flag is no name", async () => {
  const ran: unknown[] = [];
  const run = (args: readonly string[]) => {
    ran.push(args);
    return Promise.resolve({ code: 0, lines: [], said: [] });
  };
  const adding = addingOf({ run }, () => Promise.resolve(undefined));
  const refused = { kind: "failed", trouble: { code: "usage" } };
  expect(await adding.addKey("--help", "")).toMatchObject(refused);
  expect(
    await adding.addSource({ kind: "oidc", name: "-q", issuer: "https://i", clientId: "x" }),
  ).toMatchObject(refused);
  expect(ran).toEqual([]);
});
