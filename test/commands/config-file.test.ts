import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { ConfigProblem } from "../../electron/commands/ports.ts";
import { type Outcome, World } from "./world.ts";

const file = "/home/ann/.config/evercred/config.json";

const problems: readonly ConfigProblem[] = [
  { severity: "error", line: 3, sentence: "log must be a text.", remedy: "Correct it." },
  { severity: "warning", line: undefined, sentence: "It is \u001b[2Jodd.", remedy: "Look at it." },
];

let world: World;

beforeEach(async () => {
  world = await World.make();
});

const config = (...words: readonly string[]): Promise<Outcome> => world.run(["config", ...words]);

test("config path says where the file is", async () => {
  expect(await config("path")).toMatchObject({ exit: 0, stdout: `${file}\n`, stderr: "" });
});

test("config edit has the shim run the caller's editor, and look at what came of it", async () => {
  const call = await world.start(["config", "edit"]);
  expect(call.order).toMatchObject({ words: [file, "/opt/evercred/bin/evercred"] });
  call.leave();
  expect(await call.exit).toBe(0);
});

test("config schema is the JSON Schema", async () => {
  const { exit, stdout } = await config("schema");
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toEqual(world.configReader.schema);
});

describe("config check", () => {
  test("says each problem with its line", async () => {
    world.configReader.problems.set(file, problems);
    expect(await config("check")).toMatchObject({
      exit: 2,
      stdout: [
        `${file} line 3: error: log must be a text. Correct it.`,
        `${file}: warning: It is  [2Jodd. Look at it.`,
        "",
      ].join("\n"),
      stderr: "",
    });
  });

  test("as JSON", async () => {
    world.configReader.problems.set(file, problems);
    const { exit, stdout } = await config("check", "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      file,
      problems: problems.map((problem) => JSON.parse(JSON.stringify(problem)) as unknown),
    });
  });

  test("of a good file says so", async () => {
    expect(await config("check")).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: `${file}: nothing is wrong.\n`,
    });
    const { exit, stdout } = await config("check", "--json");
    expect({ exit, ...JSON.parse(stdout) }).toEqual({ exit: 0, version: 1, file, problems: [] });
  });

  test("reads another file, from where the caller is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "evercred-check-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const other = join(folder, "other.json");
    writeFileSync(other, "{}");
    world.configReader.problems.set(other, problems.slice(0, 1));
    // The caller is in /home/ann.
    expect(await config("check", `../..${other}`)).toMatchObject({
      exit: 2,
      stdout: `${other} line 3: error: log must be a text. Correct it.\n`,
    });
  });

  test("a file that is named and not there is a mistake", async () => {
    expect(await config("check", "no-such.json")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: /home/ann/no-such.json is not there. Name a file, or none for your configuration.\n",
    });
  });
});
