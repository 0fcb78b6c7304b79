import { expect, test } from "vitest";
import { World } from "./world.ts";

const file = "/home/ann/.config/code/User/settings.json";
const flags = "--provider bedrock --profile dev --region eu-central-1 --no-verify";

const setup = (world: World, line: string) =>
  world.run(["setup", "vscode", ...line.split(" ").filter(Boolean)]);

const env = {
  CLAUDE_CODE_USE_BEDROCK: "1",
  AWS_REGION: "eu-central-1",
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
  MAX_THINKING_TOKENS: "1024",
};

test("the editors that are used get the variables, and an undo takes them back", async () => {
  const world = await World.make();
  const { exit, stdout, stderr } = await setup(world, flags);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: `Set up: ${file}\n` });
  expect(JSON.parse(world.editors.files.texts.get(file) ?? "")).toEqual(env);
  expect(stderr).toContain("Its helpers do not stand in /home/ann/.claude/settings.json so.");
  expect(await setup(world, "--undo")).toMatchObject({ exit: 0, stdout: `Removed: ${file}\n` });
  expect(world.editors.files.texts.size).toBe(0);
});

test("where the helpers stand already, nothing is said of them", async () => {
  const world = await World.make();
  await world.run(["setup", "claude", ...flags.split(" ")]);
  expect((await setup(world, flags)).stderr).not.toContain("helpers");
});

test("a dry run prints what would change", async () => {
  const world = await World.make();
  const { stdout } = await setup(world, `${flags} --dry-run`);
  expect(stdout).toContain('+  "AWS_REGION": "eu-central-1",\n');
  expect(world.editors.files.texts.size).toBe(0);
});

test("the ones that are named, or the project's", async () => {
  const world = await World.make();
  await setup(world, `${flags} --editor cursor --editor cursor`);
  await setup(world, `${flags} --scope project`);
  expect([...world.editors.files.texts.keys()]).toEqual([
    "/home/ann/.config/cursor/User/settings.json",
    "/home/ann/.vscode/settings.json",
  ]);
});

test.each([
  [`${flags} --editor vi`, '--editor cannot be "vi".'],
  [`${flags} --scope local`, '--scope cannot be "local".'],
  [`${flags} --scope project --editor code`, "--editor does not go with a project."],
  ["--undo --provider bedrock", "--provider does not go with --undo."],
  ["--provider bedrock --key k", "With bedrock a key is for a gateway"],
])("%s: exit 2, and why", async (line, why) => {
  const world = await World.make();
  const { exit, stderr } = await setup(world, line);
  expect(exit).toBe(2);
  expect(stderr).toContain(why);
});

test("in a folder that is gone there are no settings of a project", async () => {
  const world = await World.make();
  const words = ["setup", "vscode", ...flags.split(" "), "--scope", "project"];
  expect(await world.run(words, { cwd: "" })).toMatchObject({ exit: 2 });
  expect(world.editors.files.texts.size).toBe(0);
});

test("where no editor is used, one has to be named", async () => {
  const world = await World.make();
  world.editors.used = [];
  expect((await setup(world, flags)).stderr).toContain(
    "No editor of the family has been used here.",
  );
});
