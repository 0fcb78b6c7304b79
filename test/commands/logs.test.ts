import { beforeEach, describe, expect, test } from "vitest";
import { type Outcome, World } from "./world.ts";

const line = (level: string, event: string, fields: object = {}): string =>
  JSON.stringify({ at: "2026-11-29T15:51:33.000Z", level, event, ...fields });

let world: World;

beforeEach(async () => {
  world = await World.make();
});

const logs = (...words: readonly string[]): Promise<Outcome> => world.run(["logs", ...words]);

describe("logs", () => {
  test("prints lines for people, the newest one last", async () => {
    world.logs.add(line("info", "daemon: started", { version: "1.2.3", pid: 7 }));
    world.logs.add(line("warn", "config: problem", { sentence: "It is \u009b2J\u202e odd." }));
    expect(await logs()).toEqual({
      exit: 0,
      stdout: [
        '2026-11-29T15:51:33.000Z info daemon: started version="1.2.3" pid=7',
        '2026-11-29T15:51:33.000Z warn config: problem sentence="It is  2J  odd."',
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("as JSON they are as they stand there", async () => {
    world.logs.add(line("info", "daemon: started", { pid: 7 }));
    expect((await logs("--json")).stdout).toBe(`${line("info", "daemon: started", { pid: 7 })}\n`);
  });

  test("are a hundred, or as many as are asked for", async () => {
    for (let i = 1; i <= 120; i++) world.logs.add(line("info", `test: ${i}`));
    const events = ({ stdout }: Outcome): readonly string[] => stdout.match(/test: \d+/g) ?? [];
    expect(events(await logs())).toHaveLength(100);
    expect(events(await logs())[0]).toBe("test: 21");
    expect(events(await logs("-n", "2"))).toEqual(["test: 119", "test: 120"]);
    expect(events(await logs("--lines", "500"))).toHaveLength(120);
    expect(await logs("-n", "0")).toMatchObject({ exit: 0, stdout: "", stderr: "" });
  });

  test("are only those that are so grave", async () => {
    for (const level of ["debug", "info", "warn", "error"]) world.logs.add(line(level, level));
    expect((await logs("--level", "warn")).stdout).toMatch(/^\S+ warn warn\n\S+ error error\n$/);
    expect((await logs()).stdout.split("\n")).toHaveLength(5);
  });

  test("where there are none says where they would be", async () => {
    expect(await logs("--level", "error")).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "Nothing of that stands in /home/ann/.local/state/evercred/evercred.log.\n",
    });
  });

  test.each([
    [["--level", "wran"], 'There is no level "wran". Did you mean warn?'],
    [["--level", "loudly"], "There are error, warn, info, debug."],
    [["-n", "many"], "The number of lines is a number."],
    [["-n", "-1"], "evercred logs"],
    [["--lines", "1e3"], "The number of lines is a number."],
  ])("%j is refused", async (words, sentence) => {
    const { exit, stdout, stderr } = await logs(...words);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });
});

describe("logs --follow", () => {
  test("goes on with each line until the caller leaves", async () => {
    world.logs.add(line("info", "before"));
    const call = await world.start(["logs", "-f"]);
    expect(call.stdout).toMatch(/before\n$/);
    world.logs.add(line("info", "after"));
    await world.settle();
    expect(call.stdout).toMatch(/before\n.*after\n$/);
    call.leave();
    expect(await call.exit).toBe(0);
    expect(world.logs.followers).toBe(0);
    world.logs.add(line("info", "late"));
    expect(call.stdout).not.toContain("late");
  });

  test("shows only what is so grave, as JSON where that is asked for", async () => {
    const call = await world.start(["logs", "--follow", "--level", "error", "--json"]);
    world.logs.add(line("warn", "less"));
    world.logs.add(line("error", "grave"));
    await world.settle();
    expect(call.stdout).toBe(`${line("error", "grave")}\n`);
    expect(call.stderr).toBe("");
    call.leave();
    await call.exit;
  });

  test("of a caller who has left already follows nothing", async () => {
    const call = await world.start(["logs", "-f"], { gone: true });
    expect(await call.exit).toBe(0);
    expect(world.logs.followers).toBe(0);
  });
});
