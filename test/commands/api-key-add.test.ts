import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type Configured, configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import { type CallerParts, minute, type Outcome, terminal } from "./world.ts";

let world: World;
let configured: Configured;

beforeEach(async () => {
  configured = await configuredWorld(
    {
      sources: { company: { kind: "oidc" }, google: { kind: "google" } },
      keys: { taken: { kind: "static" }, printed: { kind: "command" } },
    },
    ["corp"],
  );
  ({ world } = configured);
});

const add = (words: readonly string[], caller: CallerParts = {}): Promise<Outcome> =>
  world.run(["api-key", "add", ...words], caller);

/** What stands in the configuration now. */
const entry = (name: string): unknown => world.config.settings.keys[name];

describe("api-key add --kind static", () => {
  test("writes it, takes the key from stdin and says what to try", async () => {
    expect(await add(["litellm", "--kind", "static"], { types: ["sk-1"] })).toEqual({
      exit: 0,
      stdout:
        "Added the key litellm.\nThe key of litellm is in the keychain.\nTry: evercred api-key litellm\n",
      stderr: "",
      questions: ["h", "h"],
    });
    expect(entry("litellm")).toEqual({ kind: "static" });
    expect((await world.run(["api-key", "litellm"])).stdout).toBe("sk-1\n");
  });

  test("asks for the key on a terminal, unseen", async () => {
    const words = ["litellm", "--kind", "static"];
    expect(await add(words, { terminal, types: ["sk-1"] })).toMatchObject({
      exit: 0,
      stderr: "Enter the key of litellm:\n",
      questions: ["h"],
    });
  });

  test("is content without the key, and says how to enter it", async () => {
    expect(await add(["litellm", "--kind", "static"])).toMatchObject({
      exit: 0,
      stdout: "Added the key litellm.\nTry: evercred api-key litellm\n",
      stderr: "Nothing was entered. Do it with: evercred api-key set litellm\n",
    });
  });

  test("forgets what an earlier key of that name has left", async () => {
    await add(["litellm", "--kind", "static"], { types: ["sk-old"] });
    // The entry is taken out of the file by hand.
    await world.config.set(["keys", "litellm"], undefined);
    expect(world.store.peek("grant/litellm")).toContain("sk-old");
    expect(await add(["litellm", "--kind", "static"])).toMatchObject({
      exit: 0,
      stderr: "Nothing was entered. Do it with: evercred api-key set litellm\n",
    });
    expect(world.store.peek("grant/litellm")).toBeUndefined();
    expect((await world.run(["api-key", "litellm"])).exit).toBe(3);
  });

  test("goes on with what the source refuses, and the entry stays", async () => {
    const words = ["minted", "--kind", "jwt", "--algorithm", "ES256"];
    expect(await add(words, { types: ["sk-1"] })).toMatchObject({
      exit: 2,
      stderr: "evercred: That is no private key. See: evercred help\n",
    });
    expect(entry("minted")).toEqual({ kind: "jwt", algorithm: "ES256" });
  });
});

describe("what api-key add writes", () => {
  test.each([
    [
      "static --expires-at 2027-03-31 --remind-before 14d",
      { expiresAt: "2027-03-31", remindBefore: "14d" },
    ],
    [
      "command --command vault --ttl 1h --run-timeout 20s --cwd . --env A=b=c --env D=",
      { command: ["vault"], ttl: "1h", timeout: "20s", cwd: "/home/ann", env: { A: "b=c", D: "" } },
    ],
    ["command --command x --cwd ~/work", { command: ["x"], cwd: "~/work" }],
    ["command --command x --cwd /srv", { command: ["x"], cwd: "/srv" }],
    ["command --command x --cwd sub/folder", { command: ["x"], cwd: "/home/ann/sub/folder" }],
    [
      "jwt --algorithm RS256 --key-id 2026-11 --issuer me --audience a --lifetime 1h",
      { algorithm: "RS256", keyId: "2026-11", issuer: "me", audience: "a", lifetime: "1h" },
    ],
    [
      "jwt --algorithm HS256 --audience a --audience b",
      { algorithm: "HS256", audience: ["a", "b"] },
    ],
    [
      'jwt --algorithm HS256 --claim sub=${user} --claim n=7 --claim b=true --claim l=["a",null] --claim o={"x":1} --claim t="7" --claim d=-0.10e2 --claim z="null" --claim big="12345678901234567890" --claim e=',
      {
        algorithm: "HS256",
        claims: {
          sub: "${user}",
          n: 7,
          b: true,
          l: ["a", null],
          o: { x: 1 },
          t: "7",
          d: -10,
          z: "null",
          big: "12345678901234567890",
          e: "",
        },
      },
    ],
    [
      "oidc --source company --token id --audience litellm --resource https://gw.example.com --scopes openid,email",
      {
        source: "company",
        token: "id",
        audience: "litellm",
        resource: "https://gw.example.com",
        scopes: ["openid", "email"],
      },
    ],
    [
      "gcp-id-token --source google --audience https://gw.example.com --impersonate a@p.iam.gserviceaccount.com,b@p.iam.gserviceaccount.com",
      {
        source: "google",
        audience: "https://gw.example.com",
        impersonate: ["a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com"],
      },
    ],
    [
      "gcp-access-token --source google --scopes cloud-platform",
      { source: "google", scopes: ["https://www.googleapis.com/auth/cloud-platform"] },
    ],
  ])("is what the flags of the kind say: %s", async (line, fields) => {
    const [kind = "", ...flags] = line.split(" ");
    const done = world.run(["api-key", "add", "new", "--kind", kind, ...flags], { types: [] });
    await world.settle();
    for (const id of ["company", "google"]) {
      for (const visit of world.source(id).visits) visit.approve();
    }
    await done;
    expect(world.config.changes).toEqual([["keys.new", { kind, ...fields }]]);
  });

  test("is the profile, region and lifetime of a Bedrock key", async () => {
    // Nothing here gives one.
    configured.unusable.add("new");
    const flags = ["--profile", "b", "--region", "eu-central-1", "--lifetime", "8h"];
    await add(["new", "--kind", "aws-bedrock", ...flags]);
    expect(world.config.changes[0]).toEqual([
      "keys.new",
      { kind: "aws-bedrock", profile: "b", region: "eu-central-1", lifetime: "8h" },
    ]);
  });

  test("goes where the caller's paths lead", async () => {
    await add(["new", "--kind", "command", "--command", "x", "--cwd", "../bob"]);
    expect(entry("new")).toMatchObject({ cwd: "/home/bob" });
  });

  test.each([
    ["vault kv get -field=api_key secret/litellm", true],
    ["~/bin/key --of litellm", true],
    ["  vault   token ", true],
    ["vault kv get x | tr -d '\\n'", false],
    ["KEY=1 vault", false],
    ["cat $HOME/key", false],
    ["echo ~ann", false],
    ['print "a b"', false],
    ["keys\\get.exe", false],
  ])(
    "has a command as words, or as a line for the shell, and says which: %s",
    async (line, plain) => {
      const { stderr } = await add(["new", "--kind", "command", "--command", line]);
      const command = plain ? line.trim().split(/\s+/) : line;
      expect(entry("new")).toEqual({ kind: "command", command });
      expect(stderr).toBe(
        plain
          ? "Its command is run without a shell.\n"
          : "Its command has shell syntax, and is run by the shell.\n",
      );
    },
  );
});

describe("api-key add and the sign-in that a key needs", () => {
  test("signs in as login does", async () => {
    const call = await world.start(
      ["api-key", "add", "gateway", "--kind", "oidc", "--source", "company"],
      { terminal },
    );
    expect(world.pages).toBe(1);
    world.approve("company");
    expect(await call.exit).toBe(0);
    expect(call.stdout).toMatch(
      /^Added the key gateway\.\nhttps:\S+\nSigned in to company\.\nTry: evercred api-key gateway\n$/,
    );
  });

  test("signs in to what a command needs", async () => {
    const words = ["new", "--kind", "command", "--command", "x"];
    const call = await world.start([
      "api-key",
      "add",
      ...words,
      "--sign-in-command",
      "vault login",
    ]);
    expect(entry("new")).toMatchObject({ signIn: ["vault", "login"] });
    world.approve("new");
    expect(await call.exit).toBe(0);
  });

  test("needs nobody where somebody is signed in", async () => {
    await world.signIn("company");
    const words = ["gateway", "--kind", "oidc", "--source", "company"];
    expect(await add(words)).toMatchObject({
      exit: 0,
      stdout: "Added the key gateway.\nTry: evercred api-key gateway\n",
    });
  });

  test("waits as long as --timeout says, and the entry stays", async () => {
    const words = ["gateway", "--kind", "oidc", "--source", "company", "--timeout", "1m"];
    const call = await world.start(["api-key", "add", ...words]);
    await world.clock.advance(minute);
    expect(await call.exit).toBe(6);
    expect(entry("gateway")).toBeDefined();
  });
});

describe("what api-key add refuses", () => {
  test.each([
    [["new"], "Which kind of key? Write --kind with one of static, command, jwt, oidc,"],
    [["new", "--kind", "statik"], "There is no kind of key statik. Did you mean --kind static?"],
    [["new", "--kind", "constructor"], "There is no kind of key constructor."],
    [["new", "--kind", "command"], "A key of kind command needs --command."],
    [["new", "--kind", "jwt"], "A key of kind jwt needs --algorithm."],
    [["new", "--kind", "oidc"], "A key of kind oidc needs --source."],
    [["new", "--kind", "gcp-id-token"], "A key of kind gcp-id-token needs --audience."],
    [["new", "--kind", "aws-bedrock"], "A key of kind aws-bedrock needs --profile."],
    [
      ["new", "--kind", "static", "--ttl", "1h"],
      "A key of kind static has no --ttl. That belongs to command.",
    ],
    [
      ["new", "--kind", "command", "--command", "x", "--audience", "y"],
      "A key of kind command has no --audience. That belongs to jwt, oidc and gcp-id-token.",
    ],
    [["new", "--kind", "static", "--remind-before", "soon"], '"soon" is not a length of time.'],
    [["new", "--kind", "jwt", "--algorithm", "HS256", "--claim", "sub"], "written as NAME=VALUE."],
    ...[
      ["n=12345678901234567890", "claim n would lose digits. Write it as a text, in quotes of its"],
      ['o={"a":[1,0.12345678901234567890]}', "The number 0.12345678901234567890 in the claim o"],
      ["n=1e999", "The number 1e999 in the claim n would lose digits."],
      [
        "x=null",
        "The claim x has no value. Leave it out, or write --claim 'x=\"null\"' for the text.",
      ],
    ].map(([claim = "", sentence = ""]): [string[], string] => [
      ["new", "--kind", "jwt", "--algorithm", "HS256", "--claim", claim],
      sentence,
    ]),
    [["new", "--kind", "oidc", "--source", "company", "--scopes", ","], "nothing in it"],
    [["new", "--kind", "gcp-access-token", "--scopes", "Cloud"], '"Cloud" is no scope.'],
    [
      ["new", "--kind", "command", "--command", "x", "--sign-in-command", "a | b"],
      "The program that signs in is run without a shell.",
    ],
    [["taken", "--kind", "static"], "There is a key taken already."],
    [["company", "--kind", "static"], "company is the name of a source already."],
    [["corp", "--kind", "command", "--command", "x"], "corp is the name of a source already."],
    [["set", "--kind", "static"], '"set" is a verb, and no name of a key.'],
    [["help", "--kind", "static"], '"help" is a verb, and no name of a key.'],
    [["Litellm", "--kind", "static"], "That is no name of a key."],
    [["x".repeat(33), "--kind", "static"], "That is no name of a key."],
    [["--kind", "static"], "Which key?"],
  ])("%j, and writes nothing", async (words, sentence) => {
    const { exit, stdout, stderr } = await add(words, { types: ["sk-1"] });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(world.config.changes).toEqual([]);
  });

  test("takes no name of a source that cannot be used just now either", async () => {
    configured.unusable.add("company");
    await world.config.apply();
    expect((await add(["company", "--kind", "static"])).exit).toBe(2);
    expect(world.config.changes).toEqual([]);
  });

  test("names rm for a name that exists", async () => {
    expect((await add(["taken", "--kind", "static"])).stderr).toContain(
      "To replace all of it, first: evercred api-key rm taken",
    );
  });

  test("is not the name of a source where the key has no source of its own", async () => {
    await world.signIn("company");
    expect(await add(["company", "--kind", "oidc", "--source", "company"])).toMatchObject({
      exit: 0,
    });
  });

  test("passes on what the configuration refuses, and reads no secret", async () => {
    world.config.refusal = new EvercredError("usage", "keys.new.expiresAt must be a date.", {
      remedy: "Write it so.",
    });
    const words = ["new", "--kind", "static", "--expires-at", "soon"];
    expect(await add(words, { types: ["sk-1"] })).toEqual({
      exit: 2,
      stdout: "",
      stderr: "evercred: keys.new.expiresAt must be a date. Write it so.\n",
      questions: [],
    });
  });

  test("takes back what nothing can give, and says why", async () => {
    world.problems = [
      { code: "config-invalid", sentence: "keys.new names no source.", remedy: "Add it." },
    ];
    expect(await add(["new", "--kind", "oidc", "--source", "compani"])).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: The key new cannot be used. keys.new names no source. Add it.\n",
    });
    expect(entry("new")).toBeUndefined();
  });
});
