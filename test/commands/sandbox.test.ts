import { describe, expect, test } from "vitest";
import { verbs } from "../../electron/commands/verbs.ts";
import { World } from "./world.ts";

const told = ["audit", "completion", "config", "doctor", "logs", "policy", "source list", "status"];

describe.each(["true", "1", "TRUE"])("in a cloud sandbox (CLAUDE_CODE_REMOTE=%s)", (value) => {
  const env = { CLAUDE_CODE_REMOTE: value };

  test.each([
    ["aws", "export"],
    ["aws", "login"],
    ["gcp", "login"],
    ["gcp", "adc"],
    ["api-key", "gateway"],
    ["headers", "otel"],
    ["proxy-auth"],
    ["login"],
    ["config", "set", "log", "debug"],
    ["setup", "claude", "--provider", "bedrock"],
    ["setup", "aws"],
    ["bridge", "add", "b", "--allow", "aws:dev"],
  ])("%s %s: exit 5, and nothing is given", async (...words) => {
    const world = await World.signedIn();
    const { exit, stdout, stderr } = await world.run(words, { env });
    expect({ exit, stdout }).toEqual({ exit: 5, stdout: "" });
    expect(stderr).toContain("cloud sandbox");
    expect(world.pages).toBe(0);
    expect(world.config.changes).toEqual([]);
  });

  test("what is only told is told", async () => {
    const world = await World.signedIn();
    expect(await world.run(["status"], { env })).toMatchObject({ exit: 0 });
    expect(await world.run(["aws", "export", "--help"], { env })).toMatchObject({ exit: 0 });
  });
});

test("every verb but those that only tell something is refused there", async () => {
  const world = await World.signedIn();
  const env = { CLAUDE_CODE_REMOTE: "true" };
  for (const { name, takesProgram } of verbs) {
    const isTold = told.some((each) => name === each || name.startsWith(`${each} `));
    if (isTold || takesProgram === true) continue;
    const { exit } = await world.run(name.split(" "), { env });
    expect({ name, exit }).toEqual({ name, exit: 5 });
  }
});

test.each(["", "0", "false"])("CLAUDE_CODE_REMOTE=%s is no sandbox", async (value) => {
  const world = await World.signedIn();
  const env = { CLAUDE_CODE_REMOTE: value, AWS_PROFILE: "dev" };
  expect(await world.run(["aws", "export"], { env })).toMatchObject({ exit: 0 });
});
