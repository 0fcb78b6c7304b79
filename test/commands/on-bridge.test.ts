import { beforeEach, describe, expect, test } from "vitest";
import { type Target, targetOf } from "../../electron/core/source.ts";
import { routeOnBridge } from "../../electron/commands/on-bridge.ts";
import { verbs } from "../../electron/commands/verbs.ts";
import { never } from "../../electron/core/time.ts";
import { addKeys } from "./keys.ts";
import { type CallerParts, hour, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");

/** `evercred` with these words, over the bridge `box`, which serves `dev`. */
const over = (
  words: readonly string[],
  allow: readonly Target[] = [dev],
  parts: CallerParts = {},
): Promise<Outcome> => world.run(words, { ...parts, bridge: { name: "box", allow } });

const served: readonly string[] = [
  "aws export",
  "aws login",
  "aws process",
  "aws env",
  "aws bedrock-key",
  "gcp token",
  "gcp id-token",
  "gcp login",
  "api-key",
  "exec",
];

test("these verbs and no others may be asked for", () => {
  const names = verbs.filter(({ onBridge }) => onBridge === true).map(({ name }) => name);
  expect(names).toEqual(served);
});

test.each(verbs.filter(({ name }) => !served.includes(name)))(
  "$name is refused, whatever follows it",
  async ({ name }) => {
    expect(await over(name.split(" "))).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: `evercred: evercred ${name} cannot be asked for over the bridge box. Run it where Evercred runs.\n`,
    });
    expect(world.stops).toBe(0);
  },
);

test("help and version are answered", async () => {
  expect(await over(["help"])).toMatchObject({ exit: 0 });
  expect(await over(["status", "--help"])).toMatchObject({ exit: 0 });
  expect(await over(["aws", "export", "--version"])).toMatchObject({ exit: 0 });
});

describe("a profile", () => {
  test("that is allowed is served, by its name or as the only one", async () => {
    for (const words of [
      ["aws", "export", "--profile", "dev"],
      ["aws", "export"],
    ]) {
      expect(await over(words)).toMatchObject({ exit: 0, stderr: "" });
    }
  });

  test("is not taken from the caller's variables", async () => {
    const { stdout } = await over(["aws", "process"], [dev], { env: { AWS_PROFILE: "ops" } });
    expect(JSON.parse(stdout)).toMatchObject({ AccountId: "111122223333" });
  });

  test.each(["ops", "nobody", "de", ""])("%j is refused alike, there or not", async (name) => {
    const { exit, stdout, stderr } = await over(["aws", "export", `--profile=${name}`]);
    if (name === "") expect(exit).toBe(2);
    else {
      expect({ exit, stdout, stderr }).toEqual({
        exit: 5,
        stdout: "",
        stderr: `evercred: The bridge box does not serve aws:${name}. Make one that does, where Evercred runs: evercred bridge add\n`,
      });
    }
    expect(world.provider.count("issue")).toBe(0);
  });

  test("has to be named where the bridge serves several, and only those are named", async () => {
    const three = await World.signedIn({
      sources: { corp: { dev: "111122223333/A", ops: "444455556666/B", hidden: "444455556666/C" } },
    });
    const bridge = { name: "box", allow: [dev, ops] };
    expect(await three.run(["aws", "export"], { bridge })).toMatchObject({
      exit: 2,
      stderr: "evercred: Which profile? The bridge box serves dev, ops. Name one with --profile.\n",
    });
  });

  test("that is not there any more is said to be so, and no other one is named", async () => {
    const gone = targetOf("aws", "deb");
    const { exit, stderr } = await over(["aws", "export"], [gone]);
    expect(exit).toBe(2);
    expect(stderr).toContain("There is no profile deb any more.");
    expect(stderr).not.toContain("dev");
  });

  test("is needed", async () => {
    const other = "gcp:adc" as Target;
    expect(await over(["aws", "export"], [other])).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("The bridge box serves no AWS profile."),
    });
  });
});

describe("a key", () => {
  const gateway = targetOf("api-key", "gateway");
  const spare = targetOf("api-key", "spare");
  const routed = (named: string | undefined, allow: readonly Target[]) =>
    routeOnBridge("api-key", named, { name: "box", allow }, world.context);

  beforeEach(() => addKeys(world, { gateway: "sk-1", spare: "sk-2" }));

  test("that is allowed is served, by its name or as the only one", () => {
    for (const named of ["gateway", undefined]) {
      expect(routed(named, [dev, gateway])).toMatchObject({
        name: "gateway",
        target: gateway,
        offer: { key: "gateway" },
      });
    }
  });

  test.each(["spare", "nobody"])("%j is refused alike, there or not", (named) => {
    expect(() => routed(named, [gateway])).toThrow(
      expect.objectContaining({
        code: "policy-refused",
        message: `The bridge box does not serve api-key:${named}.`,
      }),
    );
  });

  test("has to be named where the bridge serves several", () => {
    expect(() => routed(undefined, [gateway, dev, spare])).toThrow(
      expect.objectContaining({
        code: "ambiguous-name",
        message: "Which key? The bridge box serves gateway, spare.",
        remedy: "Write: evercred api-key NAME",
      }),
    );
  });

  test("is needed", () => {
    expect(() => routed(undefined, [dev])).toThrow("The bridge box serves no key.");
  });

  test("that needs a sign-in is exit 3, and that is done elsewhere", async () => {
    await world.session("gateway").signOut();
    expect(await over(["api-key", "gateway", "--sign-in"], [gateway])).toMatchObject({
      exit: 3,
      stdout: "",
      stderr:
        "evercred: You are not signed in to gateway. Sign in on the computer that the bridge leads to.\n",
    });
    expect(world.session("gateway").signInOpen).toBeUndefined();
  });

  test("that is not there any more is said to be so, and no other one is named", () => {
    expect(() => routed(undefined, [targetOf("api-key", "gatevay")])).toThrow(
      expect.objectContaining({
        code: "unknown-name",
        message: "There is no key gatevay any more.",
        remedy: "See, where Evercred runs: evercred status",
      }),
    );
  });
});

describe("nobody signs in over a bridge:", () => {
  const remedy = "Sign in on the computer that the bridge leads to.\n";

  beforeEach(async () => {
    await world.session().signOut();
  });

  test.each([
    [["aws", "export"]],
    [["aws", "export", "--sign-in"]],
    [["aws", "process"]],
    [["aws", "env"]],
    [["aws", "bedrock-key", "--region", "us-west-2"]],
    [["exec", "--"]],
    [["aws", "login"]],
    [["aws", "login", "--device-code"]],
  ])("%j exits 3, says where, opens no page, and the tray asks", async (words) => {
    const before = world.provider.count("sign-in");
    const { exit, stdout, stderr } = await over(words);
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
    expect(stderr.endsWith(remedy)).toBe(true);
    expect([world.pages, world.provider.count("sign-in")]).toEqual([0, before]);
    expect(world.session().signInOpen).toBeUndefined();
    expect(world.session().wantedAt).toBe(world.clock.now());
  });
});

describe("aws login", () => {
  test("on a live session answers at once", async () => {
    expect(await over(["aws", "login"])).toMatchObject({ exit: 0, stderr: "" });
    expect(world.pages).toBe(0);
  });

  test("names no source", async () => {
    expect(await over(["aws", "login", "--sso-session", "corp"])).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: "evercred: --sso-session cannot be used over the bridge box. Leave it out.\n",
    });
  });
});

test.each([[["exec", "--server", "--"]], [["aws", "env", "--server"]]])(
  "%j is refused: that door is on the other computer",
  async (words) => {
    expect(await over(words)).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: "evercred: --server cannot be used over the bridge box. Leave it out.\n",
    });
    expect(world.doors.running.size).toBe(0);
  },
);

test("exec has the shim there run the program, with the keys", async () => {
  const call = await world.start(["exec", "--"], { bridge: { name: "box", allow: [dev] } });
  expect(call.order).toMatchObject({ variables: { AWS_ACCESS_KEY_ID: "ASIA1" } });
  call.leave();
});

test("--debug tells nothing of what else the daemon does", async () => {
  const release = world.provider.hold("issue");
  const words = ["aws", "export", "--debug"];
  const call = await world.start(words, { bridge: { name: "box", allow: [dev] } });
  expect(world.log.followers).toBe(0);
  release();
  expect(await call.exit).toBe(0);
});

describe("the record", () => {
  test("has what was given out, and the bridge knows until when it is good", async () => {
    await over(["aws", "export"]);
    const expiresAt = world.clock.now() + hour;
    expect(world.audit.entries).toEqual([
      { event: "served", bridge: "box", target: dev, verb: "aws export", exit: 0, expiresAt },
    ]);
    await world.bridges.add({
      name: "box",
      allow: [dev],
      lastsMs: hour,
      tcp: false,
      madeFor: undefined,
    });
    expect(await world.bridges.remove("box")).toMatchObject([{ target: dev, expiresAt }]);
  });

  test("has a program's keys from its start", async () => {
    const call = await world.start(["exec", "--"], { bridge: { name: "box", allow: [dev] } });
    expect(world.audit.entries).toMatchObject([{ event: "served", verb: "exec" }]);
    call.leave();
  });

  test("has a check for a sign-in, which gives nothing out", async () => {
    await over(["aws", "login"]);
    expect(world.audit.entries).toEqual([
      { event: "served", bridge: "box", target: dev, verb: "aws login", exit: 0 },
    ]);
  });

  test("has a key that was given out, also where that has no end", async () => {
    await addKeys(world, { gateway: "sk-1" });
    world.provider.credentialMs = Number.POSITIVE_INFINITY;
    const target = targetOf("api-key", "gateway");
    await world.bridges.add({
      name: "box",
      allow: [target],
      lastsMs: hour,
      tcp: false,
      madeFor: undefined,
    });
    for (const words of [["api-key", "gateway"], ["api-key"]]) {
      expect(await over(words, [dev, target])).toMatchObject({ exit: 0, stdout: "sk-1\n" });
      const expiresAt = never;
      expect(world.audit.entries.splice(0)).toEqual([
        { event: "served", bridge: "box", target, verb: "api-key", exit: 0, expiresAt },
      ]);
    }
    expect(await world.bridges.remove("box")).toMatchObject([
      { target, expiresAt: never },
      { target, expiresAt: never },
    ]);
  });

  test.each([
    // What it does not serve is not named: any number of texts is one line.
    [["api-key", "gateway"], { verb: "api-key", exit: 5 }],
    [["api-key", "set", "gateway"], { verb: "api-key set", exit: 5 }],
    [["api-key", "set", "spare"], { verb: "api-key set", target: "api-key:spare", exit: 5 }],
    // The only one of its kind is what was meant, and what is no name is not repeated.
    [["api-key", "--bogus"], { verb: "api-key", target: "api-key:spare", exit: 2 }],
    [["api-key", "Sk_Secret"], { verb: "api-key", target: "api-key:spare", exit: 2 }],
    [["headers", "otel"], { verb: "headers", exit: 5 }],
    [["proxy-auth", "spare"], { verb: "proxy-auth", exit: 5 }],
  ])("has %j of a bridge with a key, which was refused", async (words, entry) => {
    await over(words, [dev, targetOf("api-key", "spare")]);
    expect(world.audit.entries).toEqual([{ event: "refused", bridge: "box", ...entry }]);
  });

  test.each([
    [["aws", "export", "--profile", "ops"], { verb: "aws export", exit: 5 }],
    [["aws", "export", "--profile", "x".repeat(10_000)], { verb: "aws export", exit: 5 }],
    [["status"], { verb: "status", target: dev, exit: 5 }],
    [["frobnicate"], { target: dev, exit: 2 }],
    [["aws", "export", "--bogus"], { verb: "aws export", target: dev, exit: 2 }],
  ])("has %j, which was refused", async (words, entry) => {
    await over(words);
    expect(world.audit.entries).toEqual([{ event: "refused", bridge: "box", ...entry }]);
  });

  test("has what goes over the user's own door as no bridge's", async () => {
    await world.run(["aws", "export", "--profile", "dev"]);
    await world.run(["aws", "export", "--profile", "nobody"]);
    expect(world.audit.entries).toMatchObject([{ event: "served", program: "unknown" }]);
    expect(world.audit.entries[0]).not.toHaveProperty("bridge");
  });
});
