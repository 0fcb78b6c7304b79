import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Configured, configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import type { Outcome } from "./world.ts";

let world: World;
let configured: Configured;

beforeEach(async () => {
  configured = await configuredWorld(
    {
      sources: { company: { kind: "oidc" } },
      keys: {
        litellm: { kind: "static" },
        broken: { kind: "static" },
        company: { kind: "oidc", source: "company" },
      },
    },
    ["corp"],
  );
  configured.unusable.add("broken");
  await configured.world.config.apply();
  ({ world } = configured);
});

const add = (...words: readonly string[]): Promise<Outcome> =>
  world.run(["source", "add", ...words]);

describe("source add", () => {
  test("writes it, and says how to sign in; it opens nothing", async () => {
    const words = [
      "--kind",
      "oidc",
      "--issuer",
      "https://login.example.com",
      "--client-id",
      "evercred",
    ];
    expect(await add("new", ...words)).toEqual({
      exit: 0,
      stdout: "Added the source new.\nSign in: evercred login new\n",
      stderr: "",
      questions: [],
    });
    expect(world.config.changes).toEqual([
      ["sources.new", { kind: "oidc", issuer: "https://login.example.com", clientId: "evercred" }],
    ]);
    expect(world.pages).toBe(0);
  });

  test.each([
    [
      "aws-sso --start-url https://corp.example/start --region us-east-1 --scopes sso:account:access --flow device --title Corp --sign-in-command aws",
      {
        title: "Corp",
        startUrl: "https://corp.example/start",
        region: "us-east-1",
        scopes: ["sso:account:access"],
        flow: "device",
        signIn: ["aws"],
      },
    ],
    [
      "google --client-file client.json --account dev@example.com --scopes openid,email",
      {
        clientFile: "/home/ann/client.json",
        account: "dev@example.com",
        scopes: ["openid", "email"],
      },
    ],
    ["google-adc --sign-in-command gcloud", { signIn: ["gcloud"] }],
    ["google-workforce --login-config-file ~/login.json", { loginConfigFile: "~/login.json" }],
    [
      "oidc --issuer https://login.example.com --client-id evercred --scopes openid --audience litellm --resource https://a.example.com --resource https://b.example.com --redirect-uri http://localhost:8400/ --flow device --client-secret-key litellm",
      {
        issuer: "https://login.example.com",
        clientId: "evercred",
        scopes: ["openid"],
        audience: "litellm",
        resource: ["https://a.example.com", "https://b.example.com"],
        redirectUri: "http://localhost:8400/",
        flow: "device",
        clientSecretKey: "litellm",
      },
    ],
    [
      "command --sign-in-command vault --check-command ~/bin/check --title Vault",
      { title: "Vault", signIn: ["vault"], check: ["~/bin/check"] },
    ],
  ])("writes what the flags of the kind say: %s", async (line, fields) => {
    const [kind = "", ...flags] = line.split(" ");
    expect((await add("new", "--kind", kind, ...flags)).exit).toBe(0);
    expect(world.config.changes).toEqual([["sources.new", { kind, ...fields }]]);
  });

  test("takes a program's arguments with it", async () => {
    await add("new", "--kind", "command", "--sign-in-command", "vault login -method=oidc");
    expect(world.config.settings.sources["new"]).toMatchObject({
      signIn: ["vault", "login", "-method=oidc"],
    });
  });

  test("says more of one that is found by itself, which needs no address then", async () => {
    await world.signIn("corp");
    expect(await add("corp", "--kind", "aws-sso", "--title", "Work")).toMatchObject({
      exit: 0,
      stdout: "Added the source corp.\nYou are signed in to it.\n",
    });
    expect(world.config.changes).toEqual([["sources.corp", { kind: "aws-sso", title: "Work" }]]);
  });

  test("says of one that needs nobody that it does not", async () => {
    const { apply } = world.config;
    world.config.apply = async () => {
      await apply();
      Object.assign(world.source("new"), { unattended: true });
      await world.signIn("new");
    };
    const words = ["--issuer", "https://login.example.com", "--client-id", "x"];
    const flags = ["--flow", "client-credentials", "--client-secret-key", "litellm"];
    expect((await add("new", "--kind", "oidc", ...words, ...flags)).stdout).toBe(
      "Added the source new.\nIt needs no sign-in.\n",
    );
  });
});

describe("what source add refuses", () => {
  test.each([
    [["new"], "Which kind of source? Write --kind with one of aws-sso, google,"],
    [["new", "--kind", "odic"], "There is no kind of source odic. Did you mean --kind oidc?"],
    [["new", "--kind", "aws-sso"], "A source of kind aws-sso needs --start-url and --region."],
    [["new", "--kind", "google"], "A source of kind google needs --client-file."],
    [["new", "--kind", "google-workforce"], "needs --login-config-file."],
    [["new", "--kind", "oidc"], "A source of kind oidc needs --issuer and --client-id."],
    [["new", "--kind", "command"], "A source of kind command needs --sign-in-command."],
    [
      ["new", "--kind", "google", "--client-file", "x", "--client-id", "y"],
      "A source of kind google has no --client-id. That belongs to oidc.",
    ],
    [
      ["company", "--kind", "oidc", "--issuer", "x", "--client-id", "y"],
      "is a source company already.",
    ],
    [["litellm", "--kind", "google-adc"], "litellm is the name of a key already."],
    [["broken", "--kind", "google-adc"], "broken is the name of a key already."],
    [["corp", "--kind", "google-adc"], "corp is the name of a source of another kind already."],
    [["New", "--kind", "google-adc"], '"New" is no ID of a source.'],
    [["--kind", "google-adc"], "Which source?"],
  ])("%j, and writes nothing", async (words, sentence) => {
    const { exit, stdout, stderr } = await add(...words);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(world.config.changes).toEqual([]);
  });

  test.each(["google", "oidc"])(
    "a client's secret of %s, which it does not repeat",
    async (kind) => {
      const { exit, stdout, stderr } = await add(
        "new",
        "--kind",
        kind,
        "--client-secret",
        "GOCSPX-1",
      );
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
      expect(stderr).toContain("A client's secret is not taken from the command line");
      expect(stderr).toContain("--client-file FILE");
      expect(stderr).not.toContain("GOCSPX");
      expect(world.config.changes).toEqual([]);
    },
  );

  test("what the configuration refuses, in its words", async () => {
    world.config.refusal = new EvercredError("usage", "sources.new.issuer must begin with https.");
    const words = ["--kind", "oidc", "--issuer", "x", "--client-id", "y"];
    expect(await add("new", ...words)).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: sources.new.issuer must begin with https. See: evercred help\n",
    });
  });

  test.each([
    [
      [{ sentence: "sources.new is broken.", remedy: "Mend it." }],
      "sources.new is broken. Mend it.",
    ],
    [[], "Check sources.new in /home/ann/.config/evercred/config.json."],
  ])("what cannot be used: takes it back, and says why", async (problems, sentence) => {
    configured.unusable.add("new");
    const other = { code: "config-invalid", sentence: "sources.new-2 is wrong.", remedy: "Mend." };
    const its = problems.map((problem) => ({ code: "config-invalid", ...problem }));
    world.problems = its.length > 0 ? [other, ...its] : [];
    expect(await add("new", "--kind", "google", "--client-file", "x")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: `evercred: The source new cannot be used. ${sentence}\n`,
    });
    expect(world.config.settings.sources["new"]).toBeUndefined();
  });
});
