import { beforeEach, describe, expect, test } from "vitest";
import { type GoogleAsk, googleKeyOf, plainGoogleAsk } from "../../electron/core/google.ts";
import { googleOf, googleWorld } from "./google.ts";
import { type CallerParts, minute, type Outcome, second, type World } from "./world.ts";

const auth = "https://www.googleapis.com/auth";
const builder = "build@p.iam.gserviceaccount.com";
const deployer = "123456-compute@developer.gserviceaccount.com";

let world: World;

beforeEach(async () => {
  world = await googleWorld();
  await world.signIn("google");
});

const token = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Outcome> =>
  world.run(["gcp", "token", ...more], parts);

const idToken = (more: readonly string[] = []): Promise<Outcome> =>
  world.run(["gcp", "id-token", ...more]);

const asked = (): readonly GoogleAsk[] => googleOf(world).asked;

describe("gcp token", () => {
  test("prints the token and a newline, and says nothing", async () => {
    expect(await token()).toEqual({ exit: 0, stdout: "ya29.ASIA1\n", stderr: "", questions: [] });
    expect(asked()).toEqual([plainGoogleAsk]);
  });

  test("is the source's own, whatever that is, where nothing special is asked for", async () => {
    const own = { ...plainGoogleAsk, impersonate: [builder] };
    world = await googleWorld({ google: { offer: { key: googleKeyOf(own) } } });
    await world.signIn("google");
    await token();
    expect(asked()).toEqual([own]);
  });

  test("comes from memory, and with --fresh from Google", async () => {
    await token();
    expect((await token()).stdout).toBe("ya29.ASIA1\n");
    await world.clock.advance(minute);
    expect((await token(["--fresh"])).stdout).toBe("ya29.ASIA2\n");
  });

  test.each<[readonly string[], readonly string[]]>([
    [["--scopes", "cloud-platform"], [`${auth}/cloud-platform`]],
    [
      ["--scopes", "devstorage.read_only, openid", "--scopes", "email"],
      ["email", `${auth}/devstorage.read_only`, "openid"],
    ],
    [
      ["--scopes=https://mail.google.com/ https://www.google.com/m8/feeds"],
      ["https://mail.google.com/", "https://www.google.com/m8/feeds"],
    ],
  ])("has the scopes that are asked for: %j", async (more, scopes) => {
    expect((await token(more)).exit).toBe(0);
    expect(asked()).toEqual([{ ...plainGoogleAsk, scopes }]);
  });

  test.each<[readonly string[], readonly string[]]>([
    [["--impersonate", builder], [builder]],
    [
      ["--impersonate", `${builder} , ${deployer}`],
      [builder, deployer],
    ],
    [
      ["--impersonate", deployer, "--impersonate", builder],
      [deployer, builder],
    ],
  ])("is a service account's, by means of others in their order: %j", async (more, chain) => {
    expect((await token(more)).exit).toBe(0);
    expect(asked()).toEqual([{ ...plainGoogleAsk, impersonate: chain }]);
  });

  test.each<[readonly string[], string]>([
    [["--scopes", " , "], "--scopes names nothing. See: evercred help gcp token"],
    [["--impersonate", ","], "--impersonate names nothing. See: evercred help gcp token"],
    [["--scopes", "Cloud!"], '"Cloud!" is no scope.'],
    [["--scopes", "http://a.example/x"], '"http://a.example/x" is no scope.'],
    [["--scopes", "https://a.example/x?y"], '"https://a.example/x?y" is no scope.'],
    [["--scopes", "\u001b[2J"], '"[2J" is no scope.'],
    [["--scopes", "x".repeat(600)], `"${"x".repeat(79)}…" is no scope.`],
    [["--scopes", "a ".repeat(33)], "--scopes names too many at once."],
    [["--impersonate", "ann@example.com"], '"ann@example.com" is no service account.'],
    [["--impersonate", "build"], '"build" is no service account.'],
    [["--impersonate", `${builder},a b@p.iam.gserviceaccount.com`], "is no service account."],
    [["--impersonate", "a/b@p.iam.gserviceaccount.com"], "is no service account."],
    [["--impersonate", "a@p.notgserviceaccount.com"], "is no service account."],
    [["--impersonate", "a@p.gserviceaccount.com.example"], "is no service account."],
    [
      ["--impersonate", `${"a".repeat(500)}@p.iam.gserviceaccount.com`],
      "is no service account. Write its e-mail address, like NAME@PROJECT.iam.gserviceaccount.com.",
    ],
  ])("is refused with exit code 2, before anything is asked: %j", async (more, sentence) => {
    const { exit, stdout, stderr } = await token(more);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(asked()).toEqual([]);
  });

  test("is silent: it exits 3, opens nothing, and the tray asks", async () => {
    await world.session("google").signOut();
    expect(await token()).toMatchObject({
      exit: 3,
      stdout: "",
      stderr: "evercred: You are not signed in to google. Run: evercred login google\n",
    });
    expect(world.pages).toBe(0);
    expect(world.session("google").wantedAt).toBe(world.clock.now());
  });

  test("with --sign-in asks and waits, and only the token is on stdout", async () => {
    await world.session("google").signOut();
    const call = await world.start(["gcp", "token", "--sign-in"]);
    expect(world.pages).toBe(1);
    world.approve("google");
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe("ya29.ASIA1\n");
    expect(call.stderr).toContain("https://corp.example/sign-in/");
  });

  test("gives up after 30 seconds, and says of what", async () => {
    world.provider.hold("issue");
    const call = await world.start(["gcp", "token"]);
    await world.clock.advance(30 * second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toBe("evercred: There was no answer for google in time. Try again.\n");
  });

  test("does not print what a token is on stderr, whatever happens", async () => {
    const { stderr } = await token(["--debug"]);
    expect(stderr).not.toContain("ya29");
  });
});

describe("gcp id-token", () => {
  test("is for one audience", async () => {
    expect(await idToken(["--audience", "https://run.example"])).toMatchObject({
      exit: 0,
      stdout: "ya29.ASIA1\n",
    });
    expect(asked()).toEqual([
      { form: "id", scopes: [], impersonate: [], audience: "https://run.example" },
    ]);
  });

  test("is a service account's where that is asked for", async () => {
    await idToken(["--audience", "32555.apps.example", "--impersonate", builder]);
    expect(asked()).toMatchObject([{ audience: "32555.apps.example", impersonate: [builder] }]);
  });

  test("needs the audience", async () => {
    expect(await idToken()).toMatchObject({
      exit: 2,
      stderr:
        "evercred: An identity token is good for one audience. Name it: evercred gcp id-token --audience AUDIENCE\n",
    });
  });

  test.each(["a b", "a\tb", "é", "x".repeat(513), " "])("%j is no audience", async (audience) => {
    const { exit, stderr } = await idToken(["--audience", audience]);
    expect(exit).toBe(2);
    expect(stderr).toContain("is no audience. Write it as the service");
    expect(asked()).toEqual([]);
  });

  test("has no scopes", async () => {
    const { exit, stderr } = await idToken(["--audience", "x", "--scopes", "email"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("has no flag --scopes");
  });
});
