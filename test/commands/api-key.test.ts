import { beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { targetOf } from "../../electron/core/source.ts";
import { type Configured, configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import { minute, type Outcome, second, terminal } from "./world.ts";

const tree = {
  sources: { company: { kind: "oidc" } },
  keys: {
    litellm: { kind: "static" },
    gateway: { kind: "oidc", source: "company" },
    vault: { kind: "command" },
    iap: { kind: "gcp-id-token", source: "nowhere" },
  },
};

let world: World;
let configured: Configured;

beforeEach(async () => {
  configured = await configuredWorld(tree);
  ({ world } = configured);
});

const apiKey = (...words: readonly string[]): Promise<Outcome> => world.run(["api-key", ...words]);

/** Somebody enters the key of litellm. */
const enter = async (key: string): Promise<void> => {
  const { exit } = await world.run(["api-key", "set", "litellm"], { types: [key] });
  expect(exit).toBe(0);
};

describe("api-key", () => {
  test("prints the key and a newline, and nothing else", async () => {
    await enter("sk-1234");
    expect(await apiKey("litellm")).toEqual({
      exit: 0,
      stdout: "sk-1234\n",
      stderr: "",
      questions: [],
    });
  });

  test("is what a source of many keys hands out for that one", async () => {
    await world.signIn("company");
    expect(await apiKey("gateway")).toMatchObject({ exit: 0, stdout: "token-1\n" });
  });

  test("needs nobody where a program prints it", async () => {
    expect(await apiKey("vault")).toMatchObject({ exit: 0, stdout: "token-1\n", stderr: "" });
  });

  test.each([
    ["litellm", "There is no key of litellm yet. Run: evercred api-key set litellm"],
    ["gateway", "You are not signed in to company. Run: evercred login company"],
  ])("opens nothing for %s, exits 3 and says what to run", async (name, sentence) => {
    expect(await apiKey(name)).toEqual({
      exit: 3,
      stdout: "",
      stderr: `evercred: ${sentence}\n`,
      questions: [],
    });
    expect(world.pages).toBe(0);
  });

  test("--sign-in waits for a person, and keeps stdout for the key", async () => {
    const call = await world.start(["api-key", "gateway", "--sign-in"]);
    expect(world.pages).toBe(1);
    world.approve("company");
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe("token-1\n");
  });

  test("--fresh drops the one in memory, once a minute", async () => {
    await apiKey("vault");
    expect((await apiKey("vault")).stdout).toBe("token-1\n");
    await world.clock.advance(minute);
    expect((await apiKey("vault", "--fresh")).stdout).toBe("token-2\n");
    expect((await apiKey("vault", "--fresh")).stdout).toBe("token-2\n");
  });

  test("says in time that there is no answer", async () => {
    world.provider.hold("issue");
    const call = await world.start(["api-key", "vault"]);
    await world.clock.advance(30 * second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toBe("evercred: There was no answer for key vault in time. Try again.\n");
  });

  test.each([
    ["pass word", "has a space in it"],
    ["pässword", "has characters in it that no header can carry"],
    ["x".repeat(16_385), "is longer than 16,384 characters"],
  ])("refuses what Claude Code would not take, and does not print it: %#", async (key, fault) => {
    await enter(key);
    expect(await apiKey("litellm")).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: `evercred: The key litellm ${fault}: Claude Code does not take it. Enter another one: evercred api-key set litellm\n`,
    });
  });

  test("names the place in the configuration where an unfit key is not entered", async () => {
    const { issue } = world.source("vault");
    Object.assign(world.source("vault"), {
      issue: async (...asked: Parameters<typeof issue>) => ({
        ...(await issue.apply(world.source("vault"), asked)),
        token: new Secret("two words"),
      }),
    });
    const { exit, stderr } = await apiKey("vault");
    expect(exit).toBe(1);
    expect(stderr).toContain("Correct keys.vault in /home/ann/.config/evercred/config.json.");
  });
});

describe("the name of a key", () => {
  test.each([
    [[], "Which key? There are gateway, iap, litellm, vault."],
    [["litelm"], "There is no key litelm. Did you mean litellm?"],
    [["something-else"], "There is no key something-else. There are gateway, iap, litellm, vault."],
    [["help"], '"help" is a verb, and no name of a key. See: evercred help api-key'],
    [["constructor"], "There is no key constructor. There are gateway, iap, litellm, vault."],
  ])("is one of the configuration: %j", async (words, sentence) => {
    expect(await apiKey(...words)).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: `evercred: ${sentence}\n`,
    });
  });

  test("is asked for where there is none yet, and it is said how to add one", async () => {
    const { world: empty } = await configuredWorld();
    expect((await empty.run(["api-key"])).stderr).toBe(
      "evercred: Which key? Add one: evercred api-key add NAME --kind KIND\n",
    );
  });

  test.each([
    "api-key",
    "api-key set",
    "api-key add",
    "api-key show",
    "api-key test",
    "api-key rm",
  ])("after %s is not repeated where it may be a secret", async (verb) => {
    for (const words of [["sk-ant-Api03_Secret"], ["litellm", "sk-secret"]]) {
      const { exit, stdout, stderr } = await world.run([...verb.split(" "), ...words]);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
      expect(stderr).not.toContain("sk-");
    }
  });

  test("says that a secret on the command line is to be replaced", async () => {
    expect((await apiKey("set", "litellm", "sk-secret")).stderr).toBe(
      "evercred: After the name nothing is taken: other programs can read a command line, and shells keep it. If that was a secret, have it replaced. Enter the new one with: evercred api-key set NAME\n",
    );
  });

  test("of a key that nothing gives says why, in the words of that problem", async () => {
    const other = { code: "config-invalid", sentence: "keys.iap-2 is wrong.", remedy: "Mend it." };
    const its = { code: "config-invalid", sentence: "keys.iap has no source.", remedy: "Add it." };
    world.problems = [other, its];
    expect((await apiKey("iap")).stderr).toBe(
      "evercred: The key iap cannot be used. keys.iap has no source. Add it.\n",
    );
    world.problems = [other];
    expect((await apiKey("iap")).stderr).toBe(
      "evercred: The key iap cannot be used. keys.iap-2 is wrong. Mend it.\n",
    );
    world.problems = [];
    expect(await apiKey("iap")).toMatchObject({
      exit: 2,
      stderr:
        "evercred: Nothing gives the key iap. Check keys.iap in /home/ann/.config/evercred/config.json.\n",
    });
  });
});

describe("api-key over a bridge", () => {
  const over = (words: readonly string[], ...allow: readonly string[]): Promise<Outcome> =>
    world.run(["api-key", ...words], {
      terminal,
      bridge: { name: "box", allow: allow.map((name) => targetOf("api-key", name)) },
    });

  test("is what the bridge serves, and is noted", async () => {
    expect(await over(["vault"], "vault")).toMatchObject({ exit: 0, stdout: "token-1\n" });
    expect(world.audit.entries).toMatchObject([
      { event: "served", target: "api-key:vault", verb: "api-key", bridge: "box" },
    ]);
  });

  test("is the only one there without a name", async () => {
    expect(await over([], "vault")).toMatchObject({ exit: 0, stdout: "token-1\n" });
    expect(await over([], "vault", "gateway")).toMatchObject({ exit: 2, stdout: "" });
  });

  test("is refused for every other key alike, known or not", async () => {
    for (const name of ["gateway", "nothing"]) {
      expect(await over([name], "vault")).toMatchObject({ exit: 5, stdout: "" });
    }
  });

  test.each(["set vault", "add vault", "list", "show vault", "test vault", "rm vault"])(
    "%s cannot be asked for",
    async (words) => {
      expect(await over(words.split(" "), "vault")).toMatchObject({ exit: 5, stdout: "" });
    },
  );
});
