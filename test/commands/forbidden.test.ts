import { describe, expect, test } from "vitest";
import { limitedSource } from "../../electron/core/limited-source.ts";
import { type Limits, noRule, type Rule } from "../../electron/core/limits.ts";
import { type CallerParts, type Outcome, World } from "./world.ts";

const help = "Help: it@example.com";

/** A machine on which somebody has signed in to `corp`, and an organisation then says what it allows. */
const bound = async (limits: Limits): Promise<World> => {
  const world = await World.signedIn();
  const rule: Rule = {
    ...noRule,
    organization: "Example Corp",
    contact: "it@example.com",
    limits,
  };
  world.policy.rule = rule;
  await world.broker.configure(
    world.sources.map((source) =>
      limitedSource(source, {
        rule: () => rule,
        realPath: String,
        isInMemory: false,
        programsReady: () => Promise.resolve(),
      }),
    ),
  );
  return world;
};

const run = (world: World, line: string, parts: CallerParts = {}): Promise<Outcome> =>
  world.run(line.split(" "), parts);

const forbidden: Limits = { sourceKinds: [] };
const sentence = "Example Corp does not allow sources of kind aws-sso.";

test("a refusal is an exit code, a sentence, a way to help, and a line in the record", async () => {
  const world = await bound(forbidden);
  expect(await run(world, "aws export --profile dev")).toMatchObject({
    exit: 5,
    stdout: "",
    stderr: `evercred: ${sentence} ${help}\n`,
  });
  expect(world.audit.entries).toEqual([
    { event: "policy-refused", program: "unknown", verb: "aws export", target: "aws:dev" },
  ]);
});

test("the record names what there is, and no text of a caller's", async () => {
  const world = await bound({});
  const env = { CLAUDE_CODE_REMOTE: "true" };
  for (const name of ["dev", "wJalrXUtnFEMI"]) {
    expect(await run(world, `aws export --profile ${name}`, { env })).toMatchObject({ exit: 5 });
  }
  const common = { event: "policy-refused", program: "unknown", verb: "aws export" };
  expect(world.audit.entries).toEqual([{ ...common, target: "aws:dev" }, common]);
});

test("over a bridge it is recorded as any other refusal there", async () => {
  const world = await bound(forbidden);
  const bridge = { name: "box", allow: ["aws:dev" as never] };
  const { exit } = await run(world, "aws export", { bridge });
  expect(exit).toBe(5);
  expect(world.audit.entries.map(({ event }) => event)).toEqual(["refused"]);
});

describe("what is forbidden", () => {
  test("is no sign-in that anybody is asked for", async () => {
    const world = await bound(forbidden);
    expect(await run(world, "login")).toMatchObject({
      exit: 0,
      stdout: "Nothing needs a sign-in.\n",
    });
    expect(await run(world, "login corp")).toMatchObject({ exit: 5 });
    expect(world.pages).toBe(0);
  });

  test("is said by status, with help, and is worth an exit code of its own", async () => {
    const world = await bound(forbidden);
    const { stdout } = await run(world, "status");
    expect(stdout).toContain(`corp  corp.example  ${sentence.slice(0, -1)}\n  ${help}\n`);
    expect(await run(world, "status --short")).toMatchObject({
      stdout: `Corp: ${sentence.slice(0, -1)}\n`,
    });
    expect(await run(world, "status --check")).toMatchObject({
      exit: 5,
      stderr: `evercred: corp: ${sentence} ${help}\n`,
    });
  });

  test("is signed out of with all else", async () => {
    const world = await bound(forbidden);
    expect(await run(world, "logout --all")).toMatchObject({
      exit: 0,
      stdout: "Signed out of corp.\n",
    });
    // It was set aside: the provider is told all the same.
    expect(world.provider.count("revoke")).toBe(1);
  });
});

test("an account that is forbidden is said not to be allowed, beside the others", async () => {
  const world = await bound({ awsAccounts: ["111122223333"] });
  const { stdout } = await run(world, "status");
  expect(stdout).toContain("  ops  444455556666/Operator  not allowed by your organisation\n");
  expect(stdout).toContain("  dev  111122223333/Developer\n");
});

test("a Bedrock key is not made where such keys are not allowed", async () => {
  const world = await bound({ keyKinds: ["static"] });
  const made = await run(world, "aws bedrock-key --profile dev --region eu-central-1");
  expect(made).toMatchObject({
    exit: 5,
    stderr: `evercred: Example Corp does not allow keys of kind aws-bedrock. ${help}\n`,
  });
});
