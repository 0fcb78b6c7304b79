import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { gcloudWorld, googleWorld } from "./google.ts";
import { type CallerParts, type Outcome, terminal, type World } from "./world.ts";

const file = "/home/ann/.config/gcloud/application_default_credentials.json";
const clear = (who: string): string =>
  `The refresh token of ${who} now stands in clear in ${file}, for every program of yours.\n`;

let world: World;

const adc = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Outcome> =>
  world.run(["gcp", "adc", ...more], parts);

describe.each(["google", "google-workforce"] as const)("gcp adc of a source of kind %s", (kind) => {
  beforeEach(async () => {
    world = await googleWorld({ work: { kind } });
    await world.signIn("work");
  });

  test("writes the file, prints its path, and says what that puts on disk", async () => {
    expect(await adc()).toMatchObject({ exit: 0, stdout: `${file}\n`, stderr: clear("work") });
    expect(world.google.written).toEqual([{ source: "work", quotaProject: undefined }]);
  });

  test("has the project that requests are counted to", async () => {
    await adc(["--quota-project", "example.com:proj-1"]);
    expect(world.google.written).toEqual([{ source: "work", quotaProject: "example.com:proj-1" }]);
  });

  test.each(["My Project", "-x", "x".repeat(101)])("%j is no project", async (project) => {
    const { exit, stderr } = await adc([`--quota-project=${project}`]);
    expect(exit).toBe(2);
    expect(stderr).toContain("is no project. Write its id, like example-project.");
    expect(world.google.written).toEqual([]);
  });

  test("says whose token it is where that is known", async () => {
    world.memo.set("account:work", "ann\u001b[2J@example.com");
    expect((await adc()).stderr).toBe(clear("ann [2J@example.com"));
  });

  test("fails as writing it fails, and asks nothing then", async () => {
    world.google.failure = new EvercredError("sign-in-needed");
    expect(await adc([], { terminal })).toMatchObject({ exit: 3, stdout: "", questions: [] });
    world.google.failure = new EvercredError("usage", "It has no refresh token.");
    expect(await adc(["--yes"], { terminal })).toMatchObject({ exit: 2, questions: [] });
  });
});

describe("gcp adc where another client's file stands", () => {
  beforeEach(async () => {
    world = await googleWorld();
    await world.signIn("google");
    world.google.occupied = true;
  });

  const kept = `The file that was there is now ${file}.before-evercred.\n`;

  test("is exit code 2 where nobody can be asked", async () => {
    expect(await adc([], { types: ["y"] })).toEqual({
      exit: 2,
      stdout: "",
      stderr: `evercred: ${file} is another client's. Replace it with --yes.\n`,
      questions: [],
    });
    expect(world.google.written).toEqual([]);
  });

  test("replaces and keeps it with --yes, unasked", async () => {
    expect(await adc(["--yes"], { terminal })).toEqual({
      exit: 0,
      stdout: `${file}\n`,
      stderr: clear("google") + kept,
      questions: [],
    });
  });

  test("asks on a terminal, and does as it is told", async () => {
    const no = await adc([], { terminal, types: [""] });
    expect(no).toMatchObject({ exit: 1, stdout: "", questions: ["l"] });
    expect(no.stderr).toContain(`${file} is another client's. Replace it? [y/N]\n`);
    expect(no.stderr).toContain("Nothing was written.");
    expect(world.google.written).toEqual([]);
    const yes = await adc(["--quota-project", "p1"], { terminal, types: ["y"] });
    expect(yes.exit).toBe(0);
    expect(yes.stderr).toContain(kept);
    expect(world.google.written).toEqual([{ source: "google", quotaProject: "p1" }]);
  });
});

test("gcp adc of such a file says that it is one", async () => {
  ({ world } = await gcloudWorld(true));
  expect(await adc()).toMatchObject({
    exit: 0,
    stdout: "",
    stderr: "adc is such a file already: Google's libraries read it by themselves.\n",
  });
  expect(world.google.written).toEqual([]);
});

test("gcp adc of what a program keeps is refused", async () => {
  world = await googleWorld({ tool: { kind: "command" } });
  expect(await adc()).toMatchObject({
    exit: 2,
    stderr:
      "evercred: tool has nothing that could be written as a file. Name a source of kind google with --account.\n",
  });
});

test("gcp adc writes nothing before its caller may have that, and is recorded", async () => {
  world = await googleWorld({ work: { kind: "google" } });
  await world.signIn("work");
  world.gate.refusal = new EvercredError("consent-refused");
  expect(await adc(["--yes"])).toMatchObject({ exit: 5, stdout: "" });
  world.gate.refusal = undefined;
  expect(world.google.written).toEqual([]);
  const common = { program: "unknown", target: "gcp:work", verb: "gcp adc", exit: 5 };
  expect(world.audit.entries.splice(0)).toEqual([
    { ...common, event: "refused", code: "consent-refused" },
  ]);
  expect(await adc(["--yes"])).toMatchObject({ exit: 0 });
  expect(world.audit.entries).toMatchObject([
    { event: "served", program: "unknown", target: "gcp:work", verb: "gcp adc" },
  ]);
});
