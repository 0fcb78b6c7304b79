import { beforeEach, describe, expect, test, vi } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { worldOf } from "./keys.ts";
import { minute, type Outcome, second, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await worldOf({ gateway: "sk-gateway", team: 'quo"te\\' });
  world.config.tree = {
    ...world.config.tree,
    headers: {
      otel: { Authorization: "Bearer ${key:gateway}", "X-Team": "payments" },
      both: { Authorization: "Bearer ${key:gateway}", "X-Keys": "${key:team}, ${key:gateway};" },
      plain: { "X-Team": "payments" },
    },
  };
});

const headers = (...words: readonly string[]): Promise<Outcome> => world.run(["headers", ...words]);

describe("what it prints", () => {
  test("is one JSON object with the keys filled in, and a newline", async () => {
    expect(await headers("otel")).toEqual({
      exit: 0,
      stdout: '{"Authorization":"Bearer sk-gateway","X-Team":"payments"}\n',
      stderr: "",
      questions: [],
    });
  });

  test("may have several keys, in one value too, whatever is in them", async () => {
    const { stdout } = await headers("both");
    expect(JSON.parse(stdout)).toEqual({
      Authorization: "Bearer sk-gateway",
      "X-Keys": 'quo"te\\, sk-gateway;',
    });
    expect(world.provider.count("issue")).toBe(2);
  });

  test("is made of each key once, in however many places it stands", async () => {
    const asked = vi.spyOn(world.session("gateway"), "issue");
    await headers("both");
    expect(asked).toHaveBeenCalledOnce();
  });

  test("needs no key where there is none in it", async () => {
    expect(await headers("plain")).toMatchObject({ exit: 0, stdout: '{"X-Team":"payments"}\n' });
    expect(world.provider.count("issue")).toBe(0);
  });

  test("has in it nothing that a key says of keys, or of places in a text", async () => {
    world = await worldOf({ first: "${key:second}$&$1", second: "secret" });
    world.config.tree = { headers: { otel: { A: "${key:first}", B: "${key:second}" } } };
    expect(JSON.parse((await headers("otel")).stdout)).toEqual({
      A: "${key:second}$&$1",
      B: "secret",
    });
  });

  test("comes from memory, and with --fresh anew", async () => {
    await headers("otel");
    await headers("otel");
    expect(world.provider.count("issue")).toBe(1);
    await world.clock.advance(minute);
    await headers("otel", "--fresh");
    expect(world.provider.count("issue")).toBe(2);
  });
});

test("the keys of a set are fetched side by side", async () => {
  const release = world.provider.hold("issue");
  const call = await world.start(["headers", "both"]);
  expect(world.provider.busy("issue")).toBe(2);
  release();
  expect(await call.exit).toBe(0);
});

describe("a set that is not there", () => {
  test.each([
    [["otle"], "There are no headers otle. Did you mean otel?"],
    [["something-else"], "There are no headers something-else. There are both, otel, plain."],
    [["constructor"], "There are no headers constructor. There are both, otel, plain."],
    [[], "Which headers? There are both, otel, plain."],
  ])("%j is refused", async (words, sentence) => {
    expect(await headers(...words)).toEqual({
      exit: 2,
      stdout: "",
      stderr: `evercred: ${sentence}\n`,
      questions: [],
    });
  });

  test("is added to the configuration", async () => {
    world.config.tree = {};
    expect((await headers("otel")).stderr).toContain(
      'Add them under "headers" in /home/ann/.config/evercred/config.json.',
    );
  });
});

test("a key that is not there is refused", async () => {
  const { keys = {} } = world.config.tree;
  world.config.tree = { keys, headers: { otel: { Authorization: "Bearer ${key:gatevay}" } } };
  expect(await headers("otel")).toMatchObject({
    exit: 2,
    stdout: "",
    stderr: "evercred: There is no key gatevay. Did you mean gateway?\n",
  });
});

test.each([
  ["two\nlines", "a line break"],
  ["carriage\rreturn", "a line break"],
  ["nul\0", "a character that no header can carry"],
  ["schlüssel", "a character that no header can carry"],
  ["del\u007f", "a character that no header can carry"],
])("a key %j is refused, and not shown", async (text, what) => {
  world = await worldOf({ odd: text });
  world.config.tree = { headers: { otel: { "X-Ok": "yes", "X-Odd": "Bearer ${key:odd}" } } };
  expect(await headers("otel")).toEqual({
    exit: 1,
    stdout: "",
    stderr: `evercred: The header X-Odd would have ${what} in it. Look at the keys that are filled in there: evercred api-key list\n`,
    questions: [],
  });
});

test("more than Claude Code reads is refused", async () => {
  // With what stands around it this is a megabyte just so.
  const most = 1_000_000 - '{"A":""}\n'.length;
  world = await worldOf({ long: "x".repeat(most), longer: "x".repeat(most + 1) });
  world.config.tree = { headers: { long: { A: "${key:long}" }, longer: { A: "${key:longer}" } } };
  expect((await headers("long")).stdout).toHaveLength(1_000_000);
  expect(await headers("longer")).toMatchObject({ exit: 2, stdout: "" });
});

describe("where a key is not there at once", () => {
  test("it exits 3 with nothing on stdout, opens nothing, and the tray asks", async () => {
    await world.session("team").signOut();
    expect(await headers("both")).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: You are not signed in to team. Run: evercred login team\n",
    });
    expect(world.pages).toBe(0);
    expect(world.session("team").wantedAt).toBe(world.clock.now());
  });

  test("what the provider says is said", async () => {
    world.provider.fail("issue", new EvercredError("access-denied", "Not you."));
    expect(await headers("otel")).toMatchObject({ exit: 5, stdout: "" });
  });

  test("it gives up after 9 seconds, or when --timeout says", async () => {
    const release = world.provider.hold("issue");
    const usual = await world.start(["headers", "both"]);
    const patient = await world.start(["headers", "both", "--timeout", "20s"]);
    await world.clock.advance(9 * second);
    expect(await usual.exit).toBe(6);
    expect(usual.stdout).toBe("");
    release();
    expect(await patient.exit).toBe(0);
  });
});
