import { beforeEach, describe, expect, test } from "vitest";
import { googleKeyOf, plainGoogleAsk } from "../../electron/core/google.ts";
import { type Target, targetOf } from "../../electron/core/source.ts";
import { googleOf, googleWorld } from "./google.ts";
import { configure } from "./organisation.ts";
import { type CallerParts, hour, type Outcome, type World } from "./world.ts";

const google = targetOf("gcp", "google");
const other = targetOf("gcp", "other");
const dev = targetOf("aws", "dev");
const builder = "build@p.iam.gserviceaccount.com";

let world: World;

beforeEach(async () => {
  world = await googleWorld({ google: { account: "ann@example.com" }, other: {} });
  await configure(world, {
    corp: {},
    google: world.source("google"),
    other: world.source("other"),
  });
  for (const id of ["corp", "google", "other"]) await world.signIn(id);
});

/** `evercred` with these words, over the bridge `box`, which serves `google`. */
const over = (
  words: readonly string[],
  allow: readonly Target[] = [google],
  parts: CallerParts = {},
): Promise<Outcome> => world.run(words, { ...parts, bridge: { name: "box", allow } });

describe("over a bridge a Google account", () => {
  test.each([
    [["gcp", "token"]],
    [["gcp", "token", "--account", "google"]],
    [["gcp", "id-token", "--audience", "https://run.example"]],
  ])("that is allowed is served, by its name or as the only one: %j", async (words) => {
    world.defaultGoogleSource = "other";
    expect(await over(words, [dev, google])).toMatchObject({ exit: 0, stdout: "ya29.ASIA1\n" });
    expect(googleOf(world).asked).toHaveLength(1);
  });

  test.each(["other", "nobody", "ann@example.com"])("%j is refused alike", async (name) => {
    expect(await over(["gcp", "token", "--account", name])).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: `evercred: The bridge box does not serve gcp:${name}. Make one that does, where Evercred runs: evercred bridge add\n`,
    });
    expect(world.provider.count("issue")).toBe(0);
  });

  test("is needed", async () => {
    expect(await over(["gcp", "token"], [dev])).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("The bridge box serves no Google account.") as string,
    });
  });

  test("has to be named where there are several", async () => {
    expect(await over(["gcp", "token"], [google, other])).toMatchObject({
      exit: 2,
      stderr:
        "evercred: Which Google account? The bridge box serves google, other. Name one with --account.\n",
    });
  });

  test("that is not there any more is said to be so", async () => {
    const { exit, stderr } = await over(["gcp", "token"], [targetOf("gcp", "goggle")]);
    expect(exit).toBe(2);
    expect(stderr).toContain("There is no Google account goggle any more.");
  });

  test("does not stand in an AWS profile's way", async () => {
    expect(await over(["aws", "export"], [google, dev])).toMatchObject({ exit: 0 });
    expect(await over(["aws", "export"], [google])).toMatchObject({ exit: 5 });
  });

  test("becomes no service account", async () => {
    for (const words of [["token"], ["id-token", "--audience", "x"]]) {
      expect(await over(["gcp", ...words, "--impersonate", builder])).toMatchObject({
        exit: 5,
        stdout: "",
        stderr:
          "evercred: The bridge box serves gcp:google itself, and no other service account. Leave --impersonate out.\n",
      });
    }
    expect(googleOf(world).asked).toEqual([]);
  });

  test("becomes the one that it is by its configuration", async () => {
    const own = googleKeyOf({ ...plainGoogleAsk, impersonate: [builder] });
    world = await googleWorld({ google: { offer: { key: own } } });
    await world.signIn("google");
    expect(await over(["gcp", "token", "--impersonate", builder])).toMatchObject({ exit: 0 });
  });

  test.each<[string, number]>([
    ["cloud-platform", 0],
    ["openid,cloud-platform", 0],
    ["drive", 5],
    ["cloud-platform,drive", 5],
  ])("has scopes of its own only: %s", async (scopes, exit) => {
    const got = await over(["gcp", "token", "--scopes", scopes]);
    expect(got.exit).toBe(exit);
    if (exit === 0) return;
    expect(got.stdout).toBe("");
    expect(got.stderr).toBe(
      "evercred: The bridge box serves gcp:google with its own scopes only. Leave --scopes out.\n",
    );
    expect(googleOf(world).asked).toEqual([plainGoogleAsk]);
  });

  test("is not given to a program by exec, and has no variables there", async () => {
    expect(await over(["exec", "--gcp-account", "google", "--"], [google, dev])).toMatchObject({
      exit: 5,
      stderr: "evercred: --gcp-account cannot be used over the bridge box. Leave it out.\n",
    });
    expect(await over(["gcp", "env"])).toMatchObject({ exit: 5 });
    expect(world.googleDoors.running.size).toBe(0);
  });

  test.each([[["gcp", "token", "--sign-in"]], [["gcp", "login"]]])(
    "is not signed in to: %j exits 3, says where, and the tray asks",
    async (words) => {
      await world.session("google").signOut();
      expect(await over(words)).toMatchObject({
        exit: 3,
        stdout: "",
        stderr:
          "evercred: You are not signed in to google. Sign in on the computer that the bridge leads to.\n",
      });
      expect([world.pages, world.session("google").signInOpen]).toEqual([0, undefined]);
      expect(world.session("google").wantedAt).toBe(world.clock.now());
    },
  );

  test("is checked by gcp login, which gives nothing out", async () => {
    expect(await over(["gcp", "login"])).toMatchObject({
      exit: 0,
      stdout: "Signed in to google.\n",
    });
    expect(googleOf(world).asked).toEqual([]);
  });
});

describe("the record", () => {
  const expiresAt = (): number => world.clock.now() + hour;

  test("has what was given out, under its target", async () => {
    await world.bridges.add({
      name: "box",
      allow: [google],
      lastsMs: hour,
      tcp: false,
      madeFor: undefined,
    });
    await over(["gcp", "token", "--scopes", "cloud-platform"], [google, dev]);
    expect(world.audit.entries).toEqual([
      {
        event: "served",
        bridge: "box",
        target: google,
        verb: "gcp token",
        exit: 0,
        expiresAt: expiresAt(),
      },
    ]);
    const { stdout } = await world.run(["bridge", "rm", "box"]);
    expect(stdout).toContain(
      `Tokens of gcp:google that it gave out stay good until ${world.timeIn(hour)}.\n`,
    );
  });

  test("has a check without an end", async () => {
    await over(["gcp", "login"]);
    expect(world.audit.entries).toEqual([
      { event: "served", bridge: "box", target: google, verb: "gcp login", exit: 0 },
    ]);
  });

  test.each<[readonly string[], readonly Target[], object]>([
    [["gcp", "token", "--account", "other"], [google], { verb: "gcp token", exit: 5 }],
    [["gcp", "token", "--impersonate", builder], [google, dev], { target: google, exit: 5 }],
    [["gcp", "token"], [dev], { verb: "gcp token", exit: 5 }],
    [["gcp", "token", "--scopes", "!"], [google, other], { verb: "gcp token", exit: 2 }],
    [["exec", "--gcp-account", "google", "--"], [dev, google], { target: google, exit: 5 }],
    [["aws", "roles", "--account", "1"], [dev, google], { target: dev, exit: 5 }],
  ])("has %j over %j, which was refused", async (words, allow, entry) => {
    await over(words, allow);
    expect(world.audit.entries).toMatchObject([{ event: "refused", bridge: "box", ...entry }]);
    expect("target" in world.audit.entries[0]!).toBe("target" in entry);
  });
});

test("bridge add serves a Google account, and names the nearest one there is", async () => {
  expect(await world.run(["bridge", "add", "box", "--allow", "gcp:google"])).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining("Bridge box serves gcp:google until") as string,
  });
  const { stderr } = await world.run(["bridge", "add", "b", "--allow", "gcp:gogle"]);
  expect(stderr).toBe("evercred: There is no gcp:gogle to be served. Did you mean gcp:google?\n");
});
