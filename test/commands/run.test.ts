import { beforeEach, describe, expect, test } from "vitest";
import { commonFlags, parse } from "../../electron/commands/arguments.ts";
import { examples } from "../../electron/commands/examples.ts";
import { helpOf } from "../../electron/commands/usage.ts";
import { verbs } from "../../electron/commands/verbs.ts";
import { type ErrorCode, errorTable } from "../../electron/core/errors.ts";
import { minute, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.make();
});

describe("an example", () => {
  test.each(verbs)("is there of $name, and is a command line of it", (verb) => {
    const words = examples[verb.name]?.split(" ") ?? [];
    expect(words.slice(0, verb.name.split(" ").length).join(" ")).toBe(verb.name);
    expect(() => parse(verb, words.slice(verb.name.split(" ").length))).not.toThrow();
    expect(helpOf(verb)).toContain(`\n  $ evercred ${words.join(" ")}\n`);
  });

  test("is there of no verb that there is not", () => {
    expect(Object.keys(examples).sort()).toEqual(verbs.map(({ name }) => name).sort());
  });
});

describe("help", () => {
  test("names every verb with its summary, and the exit codes", async () => {
    const { exit, stdout, stderr } = await world.run(["help"]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    for (const { name, words, summary } of verbs) {
      const line = stdout.split("\n").find((each) => each.includes(`evercred ${name} `));
      expect(line).toContain(words);
      expect(line?.endsWith(summary)).toBe(true);
    }
    expect(stdout).toContain("evercred version ");
    expect(stdout).toContain("3 sign-in needed");
  });

  test.each(verbs)("of $name says what it does and names each of its flags", async (verb) => {
    const { exit, stdout, stderr } = await world.run(["help", ...verb.name.split(" ")]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const [title] = stdout.split("\n");
    expect(title).toBe(
      `evercred ${verb.name}${verb.words === "" ? "" : ` ${verb.words}`}: ${verb.summary}`,
    );
    expect(stdout).toContain(`\n${verb.about}\n`);
    for (const [name, flag] of Object.entries({ ...verb.flags, ...commonFlags })) {
      const line = stdout
        .split("\n")
        .find((each) => new RegExp(`^ {2}(-., )?--${name} `).test(each));
      expect(line).toContain(flag.value === undefined ? `--${name} ` : `--${name} ${flag.value} `);
      expect(line).toContain(flag.summary);
    }
  });

  test.each(verbs)(
    "of $name is the same with --help and -h, and runs nothing",
    async ({ name }) => {
      const words = name.split(" ");
      const help = await world.run(["help", ...words]);
      expect(await world.run([...words, "--help"])).toEqual(help);
      expect(await world.run([...words, "-h", "--debug"])).toEqual(help);
      expect(world.stops).toBe(0);
      expect(world.provider.calls).toEqual([]);
    },
  );

  test.each(
    verbs.flatMap(({ name, flags }) =>
      Object.entries({ ...flags, ...commonFlags }).map(([flag, { value }]) => ({
        name,
        flag: `--${flag}${value === undefined ? "" : "=5m"}`,
      })),
    ),
  )("of $name can be asked for beside $flag", async ({ name, flag }) => {
    expect(await world.run([...name.split(" "), flag, "--help"])).toMatchObject({ exit: 0 });
  });

  test("of a verb that does not exist is refused", async () => {
    expect(await world.run(["help", "statos"])).toEqual({
      exit: 2,
      stdout: "",
      stderr: 'evercred: There is no verb "statos". Did you mean: evercred status\n',
      questions: [],
    });
  });
});

describe("a verb that does not exist is refused with exit code 2", () => {
  test.each([
    [["stats"], 'There is no verb "stats". Did you mean: evercred status'],
    [["aws", "exprt"], 'There is no verb "aws exprt". Did you mean: evercred aws export'],
    [
      ["aws", "exprt", "--profile", "dev"],
      'There is no verb "aws exprt". Did you mean: evercred aws export',
    ],
    [
      ["daemon", "halt"],
      'There is no verb "daemon halt". There are: daemon start, daemon stop, daemon restart, daemon run',
    ],
    [["daemon", "stp"], 'There is no verb "daemon stp". Did you mean: evercred daemon stop'],
    [
      ["aws", "profiles"],
      'There is no verb "aws profiles". Did you mean: evercred aws profiles add',
    ],
    [["awz", "export"], 'There is no verb "awz". Did you mean: evercred aws export'],
    [
      ["bridge"],
      'There is no verb "bridge". There are: bridge add, bridge list, bridge rm, bridge ssh',
    ],
    [["frobnicate"], 'There is no verb "frobnicate". See: evercred help'],
    [["constructor"], 'There is no verb "constructor". See: evercred help'],
    [["hlp"], 'There is no verb "hlp". Did you mean: evercred help'],
  ])("%j", async (words, sentence) => {
    expect(await world.run(words)).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: `evercred: ${sentence}\n`,
    });
  });

  test.each([
    [["-q", "status"], "status -q"],
    [["--debug", "aws", "export"], "aws export --debug"],
    [["aws", "--debug", "export"], "aws export --debug"],
    [["--debug", "aws", "profiles", "add"], "aws profiles add --debug"],
  ])("%j, because the verb comes first", async (words, order) => {
    expect(await world.run(words)).toMatchObject({
      exit: 2,
      stderr: `evercred: Flags come after the verb. Write: evercred ${order}\n`,
    });
  });
});

test.each(verbs)("an unknown flag of $name is refused, with the nearest one", async (verb) => {
  const { name, takesProgram } = verb;
  const { exit, stdout, stderr } = await world.run([...name.split(" "), "--quie"]);
  expect({ exit, stdout, stderr }).toEqual({
    exit: takesProgram === true ? 125 : 2,
    stdout: "",
    stderr: `evercred: evercred ${name} has no flag --quie. Did you mean --quiet?\n`,
  });
});

describe("an error", () => {
  test("is one line on stderr, and nothing on stdout", async () => {
    const { stdout, stderr } = await world.run(["aws", "export", "--profile", "dev"]);
    expect(stdout).toBe("");
    expect(stderr).toBe("evercred: You are not signed in to corp. Run: evercred login corp\n");
  });

  test.each([["--bogus"], ["--for", "8h"], ["one"], ["--check"], ["--check", "nowhere"]])(
    "is an object on stdout for those who asked for JSON: status --json %s",
    async (...words) => {
      const plain = await world.run(["status", ...words]);
      const { exit, stdout, stderr } = await world.run(["status", "--json", ...words]);
      expect(exit).toBe(plain.exit);
      expect(exit).toBeGreaterThan(0);
      expect(stderr).toBe("");
      expect(stdout.trimEnd()).not.toContain("\n");
      const { error, ...rest } = JSON.parse(stdout) as {
        readonly error: Readonly<Record<"code" | "message" | "remedy", string>>;
      };
      expect(rest).toEqual({});
      expect(Object.keys(error)).toEqual(["code", "message", "remedy"]);
      expect(errorTable[error.code as ErrorCode].exit).toBe(exit);
      expect(plain.stderr).toBe(`evercred: ${error.message} ${error.remedy}\n`);
    },
  );

  test("that nobody has foreseen is called so, and tells nothing of its inside", async () => {
    world.defaultProfile = undefined;
    const context = {
      ...world.context,
      view: () => {
        throw new Error("token=abc");
      },
    };
    Object.assign(world, { context });
    expect(await world.run(["status"])).toMatchObject({
      exit: 1,
      stdout: "",
      stderr: "evercred: Something went wrong inside Evercred. Run: evercred doctor\n",
    });
  });
});

describe("-q", () => {
  test("leaves the payload", async () => {
    await world.signIn();
    const loud = await world.run(["aws", "export", "--profile", "dev"]);
    expect(await world.run(["aws", "export", "--profile", "dev", "-q"])).toEqual(loud);
  });

  test("leaves errors", async () => {
    const loud = await world.run(["aws", "export", "--profile", "dev"]);
    expect(await world.run(["aws", "export", "--profile", "dev", "--quiet"])).toEqual(loud);
    expect(loud.stderr).not.toBe("");
  });

  test("leaves out what is said beside", async () => {
    const call = await world.start(["aws", "login", "--profile", "dev", "-q"]);
    expect(call.stdout).toMatch(/^https:/);
    expect(call.stderr).toBe("");
    world.approve();
    expect(await call.exit).toBe(0);
  });
});

describe("--debug", () => {
  test("says on stderr what happens, while it happens, and stdout stays the payload's", async () => {
    const call = await world.start(["aws", "export", "--profile", "dev", "--sign-in", "--debug"]);
    world.approve();
    expect(await call.exit).toBe(0);
    expect(call.stderr).toContain("session: state");
    expect(Object.keys(JSON.parse(call.stdout) as object)).toEqual(["Credentials"]);
    expect(call.stderr).not.toMatch(/secret-access-key|session-token|ASIA/);
    expect(world.log.followers).toBe(0);
  });

  test("is heard also beside -q", async () => {
    const call = await world.start(["aws", "login", "--profile", "dev", "-q", "--debug"]);
    expect(call.stderr).toContain("session: state");
    world.approve();
    await call.exit;
  });

  test("follows the log no longer than the request, also when it fails", async () => {
    await world.run(["aws", "export", "--profile", "nobody", "--debug"]);
    expect(world.log.followers).toBe(0);
  });

  test("is off without it", async () => {
    const call = await world.start(["aws", "login", "--profile", "dev"]);
    expect(call.stderr).not.toContain("session: state");
    await world.clock.advance(3 * minute);
    await call.exit;
  });
});

test.each(verbs)("$name --version prints the version and does nothing else", async ({ name }) => {
  const { exit, stdout } = await world.run([...name.split(" "), "--version"]);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: "evercred 1.2.3\n" });
});

test("what nobody foresaw is told, so that the log has it; what was foreseen is not", async () => {
  const signedIn = await World.signedIn();
  signedIn.provider.fail("issue", "internal", "unreachable");
  expect(await signedIn.run(["aws", "export", "--profile", "dev"])).toMatchObject({ exit: 1 });
  expect(signedIn.surprises).toHaveLength(1);
  expect(await signedIn.run(["aws", "export", "--profile", "dev"])).toMatchObject({ exit: 7 });
  expect(signedIn.surprises).toHaveLength(1);
});
