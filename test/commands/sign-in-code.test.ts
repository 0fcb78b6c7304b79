import { beforeEach, describe, expect, test } from "vitest";
import { codeSource, configure } from "./organisation.ts";
import { type Call, type CallerParts, hour, minute, second, terminal, World } from "./world.ts";

const device = "arn:aws:iam::111122223333:mfa/ann";
const question = `Code of ${device}:\n`;
const elsewhere = `The code of ${device} is asked for in the tray, or by: evercred login mfa. Waiting…\n`;

let world: World;
let source: ReturnType<typeof codeSource>;

beforeEach(async () => {
  world = await World.make({ sources: {} });
  world.provider.renewable = false;
  source = codeSource(world);
  await configure(world, { mfa: source });
});

const login = (
  types: NonNullable<CallerParts["types"]>,
  words: readonly string[] = [],
): Promise<Call> => world.start(["login", ...words], { terminal, types });

describe("a sign-in with a one-time code, on a terminal", () => {
  test("asks for it without echo, and opens no page", async () => {
    const call = await login(["123456"]);
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe(`Signed in to mfa until ${world.timeIn(hour)}.\n`);
    expect(call.stderr).toBe(question);
    expect(call.questions).toEqual(["h"]);
    expect(source.typed).toEqual(["123456"]);
    expect(world.pages).toBe(0);
  });

  test("drops the blanks in it, and asks again for an empty line", async () => {
    const call = await login(["", "  ", " 123 456 "]);
    expect(await call.exit).toBe(0);
    expect(source.typed).toEqual(["123456"]);
    expect(call.questions).toEqual(["h", "h", "h"]);
  });

  test("asks again after one that is not accepted, and says so", async () => {
    const call = await login(["111111", "222222", "123456"]);
    expect(await call.exit).toBe(0);
    expect(call.stderr).toBe(`${question}The sign-in was refused.\n`.repeat(2) + question);
    expect(source.typed).toEqual(["111111", "222222", "123456"]);
  });

  test("gives up after the third, with exit code 5", async () => {
    const call = await login(["111111", "222222", "333333", "123456"]);
    expect(await call.exit).toBe(5);
    expect(source.typed).toHaveLength(3);
  });

  test("the end of input is exit code 1, and the sign-in stays open", async () => {
    const call = await login([]);
    expect(await call.exit).toBe(1);
    expect(call.stderr).toContain(
      "No code was typed. The sign-in stays open: type it in the tray, or run: evercred login mfa\n",
    );
    expect(world.session("mfa").signInOpen).toBeDefined();
  });

  test("shows the code nowhere, whatever becomes of it", async () => {
    const lines: string[] = [];
    world.context.trace((line) => lines.push(line));
    const calls = [await login(["987654", "123456"], ["--debug"])];
    await Promise.all(calls.map(({ exit }) => exit));
    expect(source.typed).toEqual(["987654", "123456"]);
    const shown = calls.map(({ stdout, stderr }) => stdout + stderr).join("") + lines.join("");
    expect(shown).not.toMatch(/987654|123456/);
  });

  test.each([["aws export", "--sign-in"], ["aws login"]])(
    "is asked for by evercred %s %s too",
    async (verb, ...more) => {
      const words = [...verb.split(" "), "--profile", "dev", ...more];
      const call = await world.start(words, { terminal, types: ["123456"] });
      expect(await call.exit).toBe(0);
      expect(call.questions).toEqual(["h"]);
    },
  );
});

describe("a sign-in with a one-time code, while the question stands", () => {
  /** A caller who has not typed anything yet; `type` does. */
  const waiting = async (): Promise<{ readonly call: Call; type(line: string): void }> => {
    let type: (line: string) => void = () => undefined;
    const line = new Promise<string>((resolve) => {
      type = resolve;
    });
    return { call: await login([line]), type };
  };

  test("ends where the code is typed in the tray", async () => {
    const { call } = await waiting();
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("goes on with the same question where a wrong one is typed there", async () => {
    const { call, type } = await waiting();
    source.visits[0]!.refuse();
    await world.settle();
    expect(call.questions).toEqual(["h"]);
    type("123456");
    expect(await call.exit).toBe(0);
    expect(source.typed).toEqual(["123456"]);
  });

  test("ends where the sign-in is cancelled", async () => {
    const { call } = await waiting();
    world.session("mfa").cancelSignIn();
    expect(await call.exit).toBe(1);
  });

  test("gives up as --timeout says, and the sign-in stays open", async () => {
    const call = await login([new Promise(() => undefined)], ["--timeout", "5s"]);
    await world.clock.advance(5 * second);
    expect(await call.exit).toBe(6);
    expect(world.session("mfa").signInOpen).toBeDefined();
  });
});

describe("a sign-in with a one-time code, where none can be asked for", () => {
  const callers: readonly (readonly [string, readonly string[], CallerParts])[] = [
    ["without a terminal", [], {}],
    ["where nothing can be typed", [], { terminal: { ...terminal, stdin: false } }],
    ["where the question could not be read", [], { terminal: { ...terminal, stderr: false } }],
  ];

  test.each(callers)("says where it is, and waits: %s", async (_where, words, caller) => {
    const call = await world.start(["aws", "login", "--profile", "dev", ...words], caller);
    expect(call).toMatchObject({ stdout: "", stderr: elsewhere, questions: [] });
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("gives up after 165 seconds, and says that the sign-in stays open", async () => {
    const call = await world.start(["aws", "login", "--profile", "dev"]);
    await world.clock.advance(164 * second);
    expect(call.stderr).toBe(elsewhere);
    await world.clock.advance(second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain("The sign-in stays open: finish it in the tray.\n");
    expect(world.session("mfa").signInOpen).toBeDefined();
  });

  test("waits on after a code that was not accepted, for the next one", async () => {
    const call = await world.start(["aws", "login", "--profile", "dev"]);
    source.visits[0]!.refuse();
    await world.settle();
    expect(call.stderr).toBe(`${elsewhere}The sign-in was refused.\n${elsewhere}`);
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("exits as the sign-in ends where the code lapses", async () => {
    const call = await world.start(["login"]);
    await world.clock.advance(10 * minute);
    expect(await call.exit).toBe(6);
  });
});
