import { describe, expect, test } from "vitest";
import { key, otherKey } from "../fakes/source.ts";
import { addKeys } from "./keys.ts";
import { build, codeSource, configure } from "./organisation.ts";
import { type Outcome, World } from "./world.ts";

const third = "777788889999/Third";
const broken = {
  code: "config-invalid",
  sentence: "/home/ann/.aws/config line 3: That is no section.",
  remedy: "Correct the line.",
};

/** The account of the keys that were printed: it says which profile was taken. */
const account = ({ stdout }: Outcome): string =>
  (JSON.parse(stdout) as { readonly AccountId: string }).AccountId;

const three = { corp: { dev: key, ops: otherKey, default: third } };

describe("the profile is", () => {
  test("the one of --profile, whatever else there is", async () => {
    const world = await World.signedIn({ sources: three });
    world.defaultProfile = "ops";
    const env = { AWS_PROFILE: "ops", AWS_DEFAULT_PROFILE: "ops" };
    const got = await world.run(["aws", "process", "--profile", "dev"], { env });
    expect(account(got)).toBe("111122223333");
  });

  test("else the caller's AWS_PROFILE", async () => {
    const world = await World.signedIn({ sources: three });
    world.defaultProfile = "ops";
    const env = { AWS_PROFILE: "dev", AWS_DEFAULT_PROFILE: "ops" };
    expect(account(await world.run(["aws", "process"], { env }))).toBe("111122223333");
  });

  test("else the caller's AWS_DEFAULT_PROFILE", async () => {
    const world = await World.signedIn({ sources: three });
    world.defaultProfile = "ops";
    const env = { AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "dev" };
    expect(account(await world.run(["aws", "process"], { env }))).toBe("111122223333");
  });

  test("else the one that the configuration names", async () => {
    const world = await World.signedIn({ sources: three });
    world.defaultProfile = "ops";
    const env = { AWS_PROFILE: "", AWS_DEFAULT_PROFILE: "" };
    expect(account(await world.run(["aws", "process"], { env }))).toBe("444455556666");
  });

  test("else the only one, whatever its name", async () => {
    const world = await World.signedIn({ sources: { corp: { sole: otherKey } } });
    expect(account(await world.run(["aws", "process"]))).toBe("444455556666");
  });

  test("else the only one of an organisation, whatever keys lie about", async () => {
    const world = await World.make();
    const keys = build(world).source;
    const mfa = codeSource(world, { mfa: third });
    await configure(world, { corp: { profiles: { sole: otherKey } }, mfa, build: keys });
    await world.signIn();
    expect(account(await world.run(["aws", "process"]))).toBe("444455556666");
  });

  test("else the only one that a person signs in for", async () => {
    const world = await World.make();
    const keys = build(world).source;
    const device = codeSource(world, { mfa: otherKey });
    await configure(world, { device, build: keys });
    await world.signIn("mfa");
    expect(account(await world.run(["aws", "process"]))).toBe("444455556666");
  });

  test("else the only one, though it needs nobody", async () => {
    const world = await World.make({ sources: {} });
    await configure(world, { build: build(world).source });
    expect(account(await world.run(["aws", "process"]))).toBe("111122223333");
  });

  test("else default", async () => {
    const world = await World.signedIn({ sources: three });
    expect(account(await world.run(["aws", "process"]))).toBe("777788889999");
  });

  test("one of any source", async () => {
    const world = await World.signedIn({ sources: { corp: { dev: key }, lab: { test: third } } });
    const got = await world.run(["aws", "process", "--profile", "test"]);
    expect(account(got)).toBe("777788889999");
  });
});

describe.each(["export", "process", "login"])("aws %s refuses with exit code 2", (verb) => {
  const refused = (sentence: string): object => ({
    exit: 2,
    stdout: "",
    stderr: `evercred: ${sentence}\n`,
  });

  test("to guess between several profiles, and lists them", async () => {
    const world = await World.make({
      sources: { lab: { zeta: third }, corp: { ops: key, dev: key } },
    });
    expect(await world.run(["aws", verb])).toMatchObject(
      refused("Which profile? There are dev, ops, zeta. Name one with --profile."),
    );
    expect(world.pages).toBe(0);
  });

  test("a profile that it does not know, with the nearest one", async () => {
    const world = await World.make();
    expect(await world.run(["aws", verb, "--profile", "dve"])).toMatchObject(
      refused("There is no profile dve to sign in for. Did you mean dev?"),
    );
  });

  test("one that the environment names, even where there is only one other", async () => {
    const world = await World.make({ sources: { corp: { dev: key } } });
    const env = { AWS_PROFILE: "production" };
    expect(await world.run(["aws", verb], { env })).toMatchObject(
      refused("There is no profile production to sign in for. See: evercred status"),
    );
  });

  test("an unknown profile, and says what is wrong with the file that may have it", async () => {
    const world = await World.make();
    world.problems = [broken];
    expect(await world.run(["aws", verb, "--profile", "dve"])).toMatchObject(
      refused(
        "There is no profile dve to sign in for. /home/ann/.aws/config line 3: That is no section. Did you mean dev? Correct the line.",
      ),
    );
  });

  test("an unknown profile of a shell with another AWS_CONFIG_FILE, and says which one counts", async () => {
    const world = await World.make();
    const env = { AWS_CONFIG_FILE: "/elsewhere/config" };
    const { exit, stderr } = await world.run(["aws", verb, "--profile", "x"], { env });
    expect(exit).toBe(2);
    expect(stderr).toContain(
      "Evercred reads /home/ann/.aws/config, not this shell's AWS_CONFIG_FILE.",
    );
    expect(stderr).toContain("evercred daemon restart");
    const same = { AWS_CONFIG_FILE: "/home/ann/.aws/config" };
    const told = await world.run(["aws", verb, "--profile", "x"], { env: same });
    expect(told.stderr).not.toContain("AWS_CONFIG_FILE");
  });

  test("to sign in to nothing, and says how to add an organisation", async () => {
    const world = await World.make({ sources: {} });
    expect(await world.run(["aws", verb])).toMatchObject(
      refused(
        'There is nothing to sign in to yet. Add an organisation with: evercred aws profiles add --start-url URL (or under "sources" in /home/ann/.config/evercred/config.json).',
      ),
    );
  });

  test("to sign in to nothing, and says what is wrong with the file that should say it", async () => {
    const world = await World.make({ sources: {} });
    world.problems = [broken];
    const { exit, stderr } = await world.run(["aws", verb]);
    expect(exit).toBe(2);
    expect(stderr).toContain(
      "There is nothing to sign in to yet. /home/ann/.aws/config line 3: That is no section.",
    );
  });
});

test("aws login refuses what is no place of AWS, and login finds the source of a key by the key's name", async () => {
  const world = await World.signedIn();
  await addKeys(world, { litellm: "sk-1" });
  expect(await world.run(["aws", "login", "--sso-session", "litellm"])).toMatchObject({
    exit: 2,
    stdout: "",
    stderr: "evercred: litellm has nothing of AWS. See: evercred status\n",
  });
  expect(await world.run(["logout", "litellm"])).toMatchObject({ exit: 0 });
  expect(world.session("litellm").isSignedOut).toBe(true);
});
