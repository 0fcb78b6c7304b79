import { beforeEach, describe, expect, test } from "vitest";
import type { Lasting } from "../../electron/core/answers.ts";
import type { Caller } from "../../electron/core/caller.ts";
import { targetOf } from "../../electron/core/source.ts";
import { never, plus } from "../../electron/core/time.ts";
import { hour, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.make();
});

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");

/** A person has said so of a program and `target`. */
const said = (name: string, answer: Lasting, target = dev): void => {
  const at = world.clock.now();
  const until = answer === "today" ? plus(at, 8 * hour) : never;
  world.answers.keep({ who: `/usr/bin/${name}`, name, target, answer, at, until });
};

const list = (...words: readonly string[]): Promise<Outcome> =>
  world.run(["consent", "list", ...words]);
const forget = (...words: readonly string[]): Promise<Outcome> =>
  world.run(["consent", "forget", ...words]);

describe("consent list", () => {
  test("prints who may have what, and by which file that is known", async () => {
    said("claude", "always");
    said("boto", "never", ops);
    said("sly\u001b[2J", "today");
    expect(await list()).toEqual({
      exit: 0,
      stdout: [
        "claude   aws:dev  always allowed       /usr/bin/claude",
        "boto     aws:ops  never allowed        /usr/bin/boto",
        "sly [2J  aws:dev  allowed until 17:00  /usr/bin/sly [2J",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("as JSON it has all that is kept", async () => {
    said("claude", "always");
    const at = world.clock.now();
    expect(JSON.parse((await list("--json")).stdout)).toEqual({
      isOn: true,
      answers: [
        { who: "/usr/bin/claude", name: "claude", target: dev, answer: "always", at, until: null },
      ],
    });
  });

  test("says where there is nothing, and where nobody is asked", async () => {
    world.asks = false;
    expect(await list()).toMatchObject({
      exit: 0,
      stdout: "No answer is kept.\n",
      stderr: "Nobody is asked just now. To be asked: evercred config set consent ask\n",
    });
  });
});

describe("consent forget", () => {
  beforeEach(() => {
    said("claude", "always");
    said("claude", "never", ops);
    said("boto", "always");
  });

  const left = (): readonly string[] =>
    world.answers.all.map(({ name, target }) => `${name} ${target}`);

  test.each([
    [["claude"], ["boto aws:dev"]],
    [["/usr/bin/claude"], ["boto aws:dev"]],
    [
      ["claude", "--target", "aws:dev"],
      ["claude aws:ops", "boto aws:dev"],
    ],
    [["--target", "aws:dev"], ["claude aws:ops"]],
    [["--all"], []],
  ])("%o leaves %o", async (words, rest) => {
    const { exit, stdout } = await forget(...words);
    expect([exit, left()]).toEqual([0, rest]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3 - rest.length);
    expect(stdout).toContain("You will be asked again whether");
  });

  test("of nobody is refused: all is not meant by leaving it out", async () => {
    expect(await forget()).toMatchObject({ exit: 2, stdout: "" });
    expect(left()).toHaveLength(3);
  });

  test("of a program without an answer names the nearest", async () => {
    expect(await forget("cloude")).toMatchObject({
      exit: 2,
      stderr: "evercred: No answer is kept of cloude. Did you mean claude?\n",
    });
    expect((await forget("x")).stderr).toContain("See: evercred consent list");
  });

  test("of a target that nobody has is nothing", async () => {
    expect(await forget("--target", "aws:none")).toMatchObject({
      exit: 0,
      stdout: "No such answer is kept.\n",
    });
  });
});

test("who has answers forgotten is known by it", async () => {
  said("claude", "never");
  const caller: Caller = { kind: "bridge", name: "box" };
  await world.run(["consent", "forget", "claude"], { caller });
  expect(world.changers).toEqual([caller]);
});

test("no verb gives an answer: that takes a click", async () => {
  for (const verb of ["allow", "add", "set", "always"]) {
    expect(await world.run(["consent", verb, "claude"])).toMatchObject({ exit: 2 });
  }
});
