import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { FakeSharedPlace } from "../fakes/shared-place.ts";
import { type Configured, configuredWorld } from "./configured.ts";
import { configure } from "./organisation.ts";
import type { World } from "./world.ts";
import { type Outcome, terminal } from "./world.ts";

let world: World;
let configured: Configured;

beforeEach(async () => {
  configured = await configuredWorld(
    {
      sources: {
        company: { kind: "oidc" },
        google: { kind: "google" },
        named: { kind: "aws-sso" },
      },
      keys: { gateway: { kind: "oidc", source: "company" }, litellm: { kind: "static" } },
    },
    ["corp", "named"],
  );
  ({ world } = configured);
});

const source = (...words: readonly string[]): Promise<Outcome> => world.run(["source", ...words]);

describe("source list", () => {
  test("says of each its kind, how it stands, and whether it was found; of no key", async () => {
    await world.signIn("company");
    expect(await source("list")).toEqual({
      exit: 0,
      stdout: [
        "company  oidc     corp.example  signed in",
        "corp     aws-sso  corp.example  not signed in yet  found by itself",
        "google   google   corp.example  not signed in yet",
        "named    aws-sso  corp.example  not signed in yet",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("names what the configuration has in vain", async () => {
    configured.unusable.add("google");
    await world.config.apply();
    expect((await source("list")).stdout).toContain(
      "google   google                 not in use, see:",
    );
    expect(JSON.parse((await source("list", "--json")).stdout)).toMatchObject({
      sources: expect.arrayContaining([
        { id: "google", kind: "google", configured: true, state: "unusable" },
      ]),
    });
  });

  test("has a source of the same name as a key that comes with it", async () => {
    ({ world } = await configuredWorld(
      { keys: { adc: { kind: "gcp-access-token", source: "adc" } } },
      ["adc"],
    ));
    expect((await source("list")).stdout).toContain("adc  aws-sso");
  });

  test("--json has the same for programs", async () => {
    world.provider.person = "ann@corp.example";
    world.provider.names = true;
    await world.signIn("company");
    world.session("named").signIn(undefined);
    await world.settle();
    const usual = { title: "Corp", organisation: "corp.example", unattended: false };
    expect(JSON.parse((await source("list", "--json")).stdout)).toEqual({
      version: 1,
      sources: [
        {
          id: "company",
          kind: "oidc",
          configured: true,
          ...usual,
          account: "ann@corp.example",
          state: "active",
        },
        { id: "corp", kind: "aws-sso", configured: false, ...usual, state: "signed-out" },
        { id: "google", kind: "google", configured: true, ...usual, state: "signed-out" },
        { id: "named", kind: "aws-sso", configured: true, ...usual, state: "signing-in" },
      ],
    });
  });

  test("says so where there are none", async () => {
    ({ world } = await configuredWorld({ keys: { litellm: { kind: "static" } } }));
    expect(await source("list")).toEqual({
      exit: 0,
      stdout: "",
      stderr: "There are no sources. Add one: evercred source add ID --kind KIND\n",
      questions: [],
    });
  });
});

describe("source rm", () => {
  test("signs out at the provider, and takes it out of the configuration", async () => {
    await world.signIn("google");
    expect(await source("rm", "google")).toEqual({
      exit: 0,
      stdout: "Signed out of google.\nThe source google is gone.\n",
      stderr: "",
      questions: [],
    });
    expect(world.provider.count("revoke")).toBe(1);
    expect(world.config.changes).toEqual([["sources.google", undefined]]);
    expect(world.store.peek("grant/google")).toBeUndefined();
  });

  test("says where the provider could not be told", async () => {
    await world.signIn("google");
    world.provider.fail("revoke", "unreachable");
    expect((await source("rm", "google")).stderr).toBe(
      "corp.example could not be told: the session there ends by itself.\n",
    );
  });

  test("says nothing of a sign-in where there is none", async () => {
    expect((await source("rm", "google")).stdout).toBe("The source google is gone.\n");
  });

  test("takes away what could not be used", async () => {
    configured.unusable.add("google");
    await world.config.apply();
    expect(await source("rm", "google")).toMatchObject({ exit: 0 });
  });

  test("leaves what another program keeps to that one", async () => {
    const shared = new FakeSharedPlace();
    await configure(world, { google: { keptBy: "gcloud", shared, profiles: {} } });
    shared.leave(world.provider.signIn(world.source("google").boundTo));
    await world.session("google").look();
    expect(world.session("google").isSignedIn).toBe(true);
    expect((await source("rm", "google")).stdout).toBe("The source google is gone.\n");
    expect(world.provider.count("revoke")).toBe(0);
  });

  test("says where it is still found that had an entry besides", async () => {
    expect((await source("rm", "named")).stdout).toBe(
      "The configuration names named no more; it is still found in /home/ann/.aws/config.\n",
    );
  });

  test.each([
    ["corp", "corp is found by itself. It stands in /home/ann/.aws/config: take it out there."],
    ["litellm", "litellm is a key. Run: evercred api-key rm litellm"],
    ["gogle", "There is no source gogle. Did you mean google?"],
    ["other-things", "There is no source other-things. See: evercred source list"],
    ["a/b", '"a/b" is no ID of a source.'],
  ])("refuses %s, and says why", async (id, sentence) => {
    const { exit, stdout, stderr } = await source("rm", id);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(world.config.changes).toEqual([]);
  });

  test("names the file of Google's where that is where it was found", async () => {
    Object.assign(world.source("corp"), { kind: "google-adc" });
    expect((await source("rm", "corp")).stderr).toContain(`It stands in ${world.google.adcFile}`);
  });

  test("is refused while keys come with the sign-in, unless it has to be", async () => {
    await world.signIn("company");
    expect(await source("rm", "company")).toEqual({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: With the source company come the keys gateway. Take them away first, or run: evercred source rm company --yes\n",
      questions: [],
    });
    expect(world.session("company").isSignedIn).toBe(true);
    expect(await source("rm", "company", "--yes")).toMatchObject({
      exit: 0,
      stderr: "keys.gateway still names it.\n",
    });
  });

  test("asks on a terminal, and does nothing without a yes", async () => {
    await world.signIn("google");
    const no = await world.run(["source", "rm", "google"], { terminal, types: [""] });
    expect(no).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: expect.stringContaining("Sign out of google, and take it away? [y/N]\n"),
    });
    expect(world.session("google").isSignedIn).toBe(true);
    const yes = await world.run(["source", "rm", "google"], { terminal, types: ["yes"] });
    expect(yes.exit).toBe(0);
  });

  test("asks nothing where it would be refused", async () => {
    world.config.refusal = new EvercredError("policy-refused", "Example Corp has set it.");
    const outcome = await world.run(["source", "rm", "google"], { terminal, types: ["yes"] });
    expect(outcome).toMatchObject({ exit: 5, stdout: "" });
    expect(outcome.stderr).toMatch(/^evercred: Example Corp has set it\./);
  });

  test("keeps the entry where the keychain could not be cleared", async () => {
    await world.signIn("google");
    world.store.mood = "locked";
    expect(await source("rm", "google")).toMatchObject({ exit: 1 });
    expect(world.config.changes).toEqual([]);
  });

  test("signs nobody out where the configuration cannot be changed, and says why", async () => {
    await world.signIn("google");
    world.config.refusal = new EvercredError("config-invalid", "Line 3 is broken.");
    expect(await source("rm", "google")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: expect.stringContaining("Line 3 is broken."),
    });
    expect(world.session("google").isSignedIn).toBe(true);
    expect(world.provider.count("revoke")).toBe(0);
  });

  test("wants a name", async () => {
    expect((await source("rm")).stderr).toContain("Which source?");
  });
});
