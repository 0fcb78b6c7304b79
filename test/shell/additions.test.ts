import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Additions, additionsOf } from "../../electron/shell/additions.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { ScriptedSource } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";

let broker: Broker;
let additions: Additions;
let written: unknown[];
let refuses: EvercredError | undefined;

beforeEach(async () => {
  const clock = new FakeClock();
  const log = new MemoryLog();
  broker = new Broker({
    store: new MemoryStore(),
    memo: new MemoryMemo(),
    clock,
    random: () => 0,
    log,
  });
  const provider = new ScriptedProvider(clock);
  provider.roles = { "111122223333": ["Developer"] };
  const source = new ScriptedSource({ clock, provider, lists: true });
  await broker.configure([source]);
  const { outcome } = broker.session("corp")!.signIn("code");
  await settle();
  source.visits[0]!.approve();
  await outcome;
  written = [];
  refuses = undefined;
  const write = (what: unknown): void => {
    if (refuses !== undefined) throw refuses;
    written.push(what);
  };
  additions = additionsOf(broker, {
    addOrganisation: async (organisation) => {
      write(organisation);
      return "example";
    },
    addProfiles: async (id, profiles) => write({ id, profiles }),
  });
});

afterEach(() => broker.close());

test("accounts and roles are listed by what a person needs to choose", async () => {
  expect(await additions.accounts("corp")).toEqual({
    kind: "done",
    value: [{ id: "111122223333", name: "Account 111122223333" }],
  });
  expect(await additions.roles("corp", "111122223333")).toEqual({
    kind: "done",
    value: ["Developer"],
  });
});

test("an organisation is written, and its source's id comes back", async () => {
  const startUrl = "https://example.awsapps.com/start";
  expect(await additions.addOrganisation(startUrl, "us-east-1")).toEqual({
    kind: "done",
    value: "example",
  });
  expect(written).toEqual([{ name: undefined, startUrl, region: "us-east-1" }]);
});

test("a profile is written for a role", async () => {
  const reply = await additions.addProfile("corp", "111122223333", "Developer", "dev");
  expect(reply).toEqual({ kind: "done", value: undefined });
  expect(written).toEqual([
    {
      id: "corp",
      profiles: [{ name: "dev", account: "111122223333", role: "Developer", region: undefined }],
    },
  ]);
});

test("what cannot be written is a sentence and a remedy", async () => {
  refuses = new EvercredError("usage", "The name is taken.", { remedy: "Choose another." });
  const trouble = { sentence: "The name is taken.", remedy: "Choose another." };
  const failed = { kind: "failed", trouble };
  expect(await additions.addProfile("corp", "1", "R", "dev")).toMatchObject(failed);
  expect(await additions.addOrganisation("x", "y")).toMatchObject(failed);
});

test("of a source that there is not nothing is listed", async () => {
  expect(await additions.accounts("nobody")).toMatchObject({ kind: "failed" });
  expect(await additions.roles("nobody", "1")).toMatchObject({ kind: "failed" });
});
