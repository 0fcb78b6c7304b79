import { beforeEach, expect, test } from "vitest";
import type { FoundSecret, MovableSecret } from "../../electron/commands/setup-ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { configuredWorld } from "./configured.ts";
import { type CallerParts, type Outcome, terminal, World } from "./world.ts";

const url = "https://gateway.example.com";
const claudeFile = "/home/ann/.claude/settings.json";

let world: World;
/** What was taken out, and the key that is told of there. */
let taken: string[];

beforeEach(async () => {
  ({ world } = await configuredWorld());
  taken = [];
});

const movable = (
  text: string,
  name: string,
  parts: Partial<MovableSecret> = {},
): MovableSecret => ({
  secret: new Secret(text),
  identity: text,
  proxy: undefined,
  take: (key) => {
    // It is kept before it is taken out.
    expect(world.store.peek(`grant/${key}`)).toContain(text);
    taken.push(`${name} ${key}`);
  },
  ...parts,
});

const found = (name: string, parts: Partial<FoundSecret> = {}): FoundSecret => ({
  file: "/home/ann/.bashrc",
  line: 3,
  name,
  profile: undefined,
  isComputed: false,
  movable: movable("swordfish", name),
  ...parts,
});

const proxy = found("HTTPS_PROXY", {
  movable: movable("swordfish", "HTTPS_PROXY", {
    proxy: { url: "http://proxy.example.com:8080", user: "ann" },
  }),
});

const gateway = async (line = "", parts: CallerParts = {}): Promise<Outcome> => {
  const words = ["--provider", "gateway", "--base-url", url, "--no-verify"];
  const outcome = await world.run(
    ["setup", "claude", ...words, ...line.split(" ").filter(Boolean)],
    parts,
  );
  expect(outcome.stdout + outcome.stderr).not.toContain("swordfish");
  return outcome;
};

const held = async (name: string): Promise<string> =>
  (await world.run(["api-key", name])).stdout.trimEnd();

const settings = (): unknown => JSON.parse(world.claude.files.get(claudeFile) ?? "null");

test("a secret is named with its place, and stays where nobody says otherwise", async () => {
  world.setupFiles.found = [found("ANTHROPIC_AUTH_TOKEN")];
  const { exit, stderr } = await gateway();
  expect(exit).toBe(2);
  expect(stderr).toContain(
    "ANTHROPIC_AUTH_TOKEN stands in clear in /home/ann/.bashrc:3. Where it is used, it outranks what Evercred gives.\n" +
      "To move them into the keychain: add --move-secrets\n",
  );
  expect(taken).toEqual([]);
  expect(world.config.changes).toEqual([]);
});

test("with --move-secrets it is a key, which Claude Code then shows the gateway", async () => {
  world.setupFiles.found = [
    found("ANTHROPIC_AUTH_TOKEN"),
    found("AWS_SECRET_ACCESS_KEY", {
      movable: movable("swordfish-2", "AWS_SECRET_ACCESS_KEY"),
    }),
  ];
  expect(await gateway("--move-secrets")).toMatchObject({ exit: 0 });
  expect(taken).toEqual([
    "ANTHROPIC_AUTH_TOKEN anthropic-auth-token",
    "AWS_SECRET_ACCESS_KEY aws-secret-access-key",
  ]);
  expect(await held("anthropic-auth-token")).toBe("swordfish");
  expect(settings()).toMatchObject({
    apiKeyHelper: "/opt/evercred/bin/evercred api-key anthropic-auth-token",
  });
});

test("on a terminal each is asked about, and may have another name", async () => {
  world.setupFiles.found = [found("ANTHROPIC_API_KEY"), found("ANTHROPIC_AUTH_TOKEN", { line: 4 })];
  const types = ["y", "No Name", "gw", "n", "y"];
  expect(await gateway("", { terminal, types })).toMatchObject({ exit: 0 });
  expect(taken).toEqual(["ANTHROPIC_API_KEY gw"]);
  expect(settings()).toMatchObject({ apiKeyHelper: "/opt/evercred/bin/evercred api-key gw" });
});

test("the same secret in several files is one key, and a name that is taken gets a number", async () => {
  await world.config.set(["keys", "anthropic-api-key"], { kind: "static" });
  world.setupFiles.found = [found("ANTHROPIC_API_KEY"), found("ANTHROPIC_API_KEY", { line: 9 })];
  expect(await gateway("--move-secrets")).toMatchObject({ exit: 0 });
  expect(taken).toEqual([
    "ANTHROPIC_API_KEY anthropic-api-key-2",
    "ANTHROPIC_API_KEY anthropic-api-key-2",
  ]);
});

test("with --yes nothing is asked, and nothing moved; a dry run moves nothing either", async () => {
  await world.config.set(["keys", "k"], { kind: "static" });
  world.setupFiles.found = [found("ANTHROPIC_API_KEY")];
  expect(await gateway("--yes", { terminal })).toMatchObject({ exit: 0, questions: [] });
  expect(await gateway("--dry-run --move-secrets", { terminal })).toMatchObject({ exit: 0 });
  expect(taken).toEqual([]);
});

test("what is worked out is only named", async () => {
  world.setupFiles.found = [found("ANTHROPIC_API_KEY", { movable: undefined })];
  const { stderr } = await gateway("--move-secrets");
  expect(stderr).toContain(
    "It cannot be moved by itself. Take it out there, and have it replaced.",
  );
});

test("what is not in clear is not said to be, and a proxy outranks nothing", async () => {
  world.setupFiles.found = [
    found("ANTHROPIC_API_KEY", { movable: undefined, isComputed: true }),
    found("HTTPS_PROXY", { movable: undefined }),
  ];
  const { stderr } = await gateway("--move-secrets");
  expect(stderr).toContain(
    "ANTHROPIC_API_KEY is set in /home/ann/.bashrc:3. Where it is used, it outranks what Evercred gives.\n" +
      "It cannot be moved. Take it out there.\n" +
      "A password in HTTPS_PROXY stands in clear in /home/ann/.bashrc:3.\n",
  );
});

test("what cannot be taken out is no key, however often that is tried", async () => {
  const refuse = () => {
    throw new EvercredError("config-invalid", "It cannot be written.", { remedy: "Make it so." });
  };
  world.setupFiles.found = [
    found("ANTHROPIC_API_KEY", { movable: movable("swordfish", "x", { take: refuse }) }),
    found("HTTPS_PROXY", {
      movable: movable("swordfish-2", "y", { take: refuse, proxy: { url: "http://p", user: "u" } }),
    }),
  ];
  for (const line of ["--move-secrets", "--yes --move-secrets"]) {
    const { stderr } = await gateway(line);
    expect(stderr).toContain("It stays there. It cannot be written. Make it so.\n");
    expect(stderr).not.toContain("Moved");
    expect(stderr).not.toContain("To have Evercred go through");
    expect(world.config.settings.keys).toEqual({});
    expect(world.store.peek("grant/anthropic-api-key")).toBeUndefined();
  }
});

test("what can be kept in memory only stays where it is, and is no key", async () => {
  world.store.mood = "locked";
  world.setupFiles.found = [found("ANTHROPIC_API_KEY")];
  const { stderr } = await gateway("--move-secrets");
  expect(stderr).toContain("It stays there.");
  expect(taken).toEqual([]);
  expect(world.config.settings.keys).toEqual({});
});

test("a proxy's password is a key, and the proxy is used only where somebody says so", async () => {
  await world.config.set(["keys", "k"], { kind: "static" });
  world.setupFiles.found = [proxy];
  const { stderr } = await gateway("--move-secrets");
  expect(stderr).toContain("A password in HTTPS_PROXY stands in clear in /home/ann/.bashrc:3.\n");
  expect(stderr).toContain(
    "To have Evercred go through that proxy: evercred config set network.proxy http://proxy.example.com:8080 && evercred config set network.proxyUser ann && evercred config set network.proxyPasswordKey proxy\n",
  );
  expect(world.config.settings.proxy.url).toBeUndefined();
  expect(taken).toEqual(["HTTPS_PROXY proxy"]);
});

test("and where somebody does, it is", async () => {
  await world.config.set(["keys", "k"], { kind: "static" });
  world.setupFiles.found = [proxy];
  const types = ["y", "", "y", "y"];
  expect(await gateway("--key k", { terminal, types })).toMatchObject({ exit: 0 });
  expect(world.config.settings.proxy).toMatchObject({
    url: new URL("http://proxy.example.com:8080"),
    user: "ann",
    passwordKey: "proxy",
  });
});

test("the AWS tools' own files count for profiles of an organisation only", async () => {
  const other = await World.make({ sources: { corp: { dev: "key" } } });
  await other.run(["setup", "claude", "--provider", "bedrock", "--region", "us-east-1"]);
  expect(other.setupFiles.asked).toEqual([["/home/ann", ["dev"]]]);
  Object.assign(other.source(), { kind: "aws-keys" });
  await other.run(["setup", "claude", "--provider", "bedrock", "--region", "us-east-1"]);
  expect(other.setupFiles.asked.at(-1)).toEqual(["/home/ann", []]);
});
