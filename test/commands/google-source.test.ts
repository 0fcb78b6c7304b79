import { beforeEach, describe, expect, test } from "vitest";
import { googleWorld } from "./google.ts";
import { configure } from "./organisation.ts";
import { type CallerParts, type Outcome, World } from "./world.ts";

let world: World;

const token = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Outcome> =>
  world.run(["gcp", "token", ...more], parts);

const refused = (sentence: string): object => ({
  exit: 2,
  stdout: "",
  stderr: `evercred: ${sentence}\n`,
});

/** Whose token was printed, of all sources whose token it may be. */
const served = ({ exit }: Outcome): string | undefined =>
  exit === 0
    ? world.sources.find(({ id }) => world.session(id).issued.uses().length > 0)?.id
    : undefined;

describe("the Google account is", () => {
  beforeEach(async () => {
    world = await googleWorld({ adc: { aliases: ["old"] }, work: {} });
    world.provider.person = "ann@example.com";
    await world.signIn("adc");
    world.provider.person = "ann@Work.example";
    await world.signIn("work");
  });

  test.each(["work", "adc"])("the source of --account: %s", async (id) => {
    world.defaultGoogleSource = "adc";
    expect(served(await token(["--account", id]))).toBe(id);
  });

  test("another name of that source", async () => {
    expect(served(await token(["--account", "old"]))).toBe("adc");
  });

  test.each(["ANN@work.example", "ann@Work.example"])("who is signed in: %s", async (email) => {
    world.memo.set("account:work", "ann@Work.example");
    expect(served(await token(["--account", email]))).toBe("work");
  });

  test("else the one that the configuration names", async () => {
    world.defaultGoogleSource = "work";
    expect(served(await token())).toBe("work");
  });
});

describe("the Google account is", () => {
  test("else the only one, whatever of AWS there is", async () => {
    world = await googleWorld();
    await configure(world, { corp: {}, google: world.source("google") });
    await world.signIn("google");
    expect(served(await token())).toBe("google");
  });

  test("the one that the configuration says will sign in, before anybody has", async () => {
    world = await googleWorld({ a: {}, b: { account: "ann@example.com" } });
    expect(await token(["--account", "ann@example.com"])).toMatchObject({
      exit: 3,
      stderr: "evercred: You are not signed in to b. Run: evercred login b\n",
    });
  });
});

describe("is refused with exit code 2:", () => {
  beforeEach(async () => {
    world = await googleWorld({ adc: { account: "ann@example.com" }, work: {} });
  });

  test("to guess between several, and lists them with who is signed in", async () => {
    expect(await token()).toMatchObject(
      refused(
        "Which Google account? There are adc (ann@example.com), work. Name one with --account.",
      ),
    );
  });

  test("one that is not there, with the nearest or with all", async () => {
    expect(await token(["--account", "wrok"])).toMatchObject(
      refused("There is no Google account wrok. Did you mean work?"),
    );
    expect(await token(["--account", "ann@exmaple.com"])).toMatchObject(
      refused("There is no Google account ann@exmaple.com. Did you mean ann@example.com?"),
    );
    expect(await token(["--account", "else"])).toMatchObject(
      refused("There is no Google account else. There are adc (ann@example.com), work."),
    );
  });

  test("one that the configuration names and that is not there", async () => {
    world.defaultGoogleSource = "gone";
    expect(await token()).toMatchObject(
      refused("There is no Google account gone. There are adc (ann@example.com), work."),
    );
  });

  test("to guess, and what a provider calls somebody cannot disturb a terminal", async () => {
    world = await googleWorld({ a: { account: "ann\u001b[2J" }, b: {} });
    expect((await token()).stderr).toContain("There are a (ann [2J), b.");
  });

  test("an e-mail that several have", async () => {
    world = await googleWorld({
      adc: { account: "ann@example.com" },
      work: { account: "ann@example.com" },
    });
    expect(await token(["--account", "ann@example.com"])).toMatchObject(
      refused("ann@example.com is the account of adc, work. Name one of them."),
    );
  });

  test("a source that is none of Google", async () => {
    const adc = world.source("adc");
    await configure(world, { corp: {}, adc });
    expect(await token(["--account", "corp"])).toMatchObject(
      refused("corp is no Google account. There are adc (ann@example.com)."),
    );
  });

  test.each([
    [
      { GOOGLE_APPLICATION_CREDENTIALS: "/tmp/key.json", CLOUDSDK_CONFIG: "/x" },
      "GOOGLE_APPLICATION_CREDENTIALS",
    ],
    [{ CLOUDSDK_CONFIG: "/elsewhere" }, "CLOUDSDK_CONFIG"],
  ])("one that is not there, and says whose file counts: %j", async (env, variable) => {
    const why = `Evercred reads ${world.google.adcFile}, not this shell's ${variable}. To change that, restart it from this shell: evercred daemon restart`;
    expect(await token(["--account", "x"], { env })).toMatchObject(
      refused(`There is no Google account x. ${why}`),
    );
    world = await World.make();
    expect(await token([], { env })).toMatchObject(
      refused(`There is no Google account yet. ${why}`),
    );
  });

  test.each([
    { GOOGLE_APPLICATION_CREDENTIALS: "", CLOUDSDK_CONFIG: "/home/ann/.config/gcloud" },
    {
      GOOGLE_APPLICATION_CREDENTIALS:
        "/home/ann/.config/gcloud/application_default_credentials.json",
    },
    { CLOUDSDK_CONFIG: "" },
  ])("and says nothing of a file that is the same: %j", async (env) => {
    expect((await token(["--account", "x"], { env })).stderr).not.toContain("Evercred reads");
  });

  test("any, where there is none, with the ways to get one", async () => {
    world = await World.make();
    world.defaultGoogleSource = "google";
    expect(await token()).toMatchObject(
      refused(
        'There is no Google account yet. Run: gcloud auth application-default login (or name a source of kind google under "sources" in /home/ann/.config/evercred/config.json).',
      ),
    );
  });

  test("any, and says what is wrong with the file that should say it", async () => {
    world.problems = [{ code: "x", sentence: "The file is broken.", remedy: "Mend it." }];
    expect(await token(["--account", "else"])).toMatchObject(
      refused(
        "There is no Google account else. The file is broken. There are adc (ann@example.com), work. Mend it.",
      ),
    );
  });
});

describe("what is of AWS", () => {
  beforeEach(async () => {
    world = await googleWorld();
    await world.signIn("google");
  });

  test.each([
    [["aws", "export", "--profile", "google"]],
    [["aws", "console", "--profile", "google"]],
    [["aws", "bedrock-key", "--profile", "google"]],
    [["aws", "env", "--profile", "google"]],
    [["aws", "env", "--server", "--profile", "google"]],
    [["aws", "login", "--profile", "google"]],
    [["aws", "login", "--sso-session", "google"]],
  ])("is not asked of a Google account: %j", async (words) => {
    expect(await world.run(words)).toMatchObject(
      refused("google is a Google account, and has nothing of AWS. See: evercred help gcp token"),
    );
  });

  test.each([
    [["aws", "accounts"]],
    [["aws", "roles"]],
    [["aws", "profiles", "add", "--account=1", "--role=x"]],
  ])("is not asked of a Google account: %j --sso-session google", async (words) => {
    expect(await world.run([...words, "--sso-session", "google"])).toMatchObject(
      refused("google has no accounts to be listed. There is: nothing else."),
    );
  });

  test.each([[["aws", "export"]], [["aws", "login"]], [["exec", "--"]]])(
    "does not fall back on a Google account: %j",
    async (words) => {
      const { exit, stderr } = await world.run(words);
      expect(exit).toBe(words[0] === "exec" ? 125 : 2);
      expect(stderr).toContain("There is no AWS profile yet. Add an organisation with:");
      expect(world.provider.count("issue")).toBe(0);
    },
  );

  test("names no Google account as the nearest profile", async () => {
    world = await googleWorld({ "google-of-example-claude": {} });
    const { stderr } = await world.run(["aws", "export", "--profile", "google-of-example-claud"]);
    expect(stderr).toBe(
      "evercred: There is no profile google-of-example-claud to sign in for. See: evercred status\n",
    );
  });
});
