import { describe, expect, test } from "vitest";
import { googleWorld } from "./google.ts";
import { addKeys, worldOf } from "./keys.ts";
import { type CallerParts, terminal, World } from "./world.ts";

const user = "/home/ann/.claude/settings.json";
const shim = "/opt/evercred/bin/evercred";
const url = "https://gateway.example.com";

const setup = (world: World, line: string, parts: CallerParts = {}) =>
  world.run(["setup", "claude", ...line.split(" ").filter(Boolean)], parts);

/** What stands in a file; undefined where there is none. */
const settings = (world: World, file = user): unknown => {
  const text = world.claude.files.get(file);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
};

const bedrock = {
  awsAuthRefresh: `${shim} aws login --profile dev`,
  awsCredentialExport: `${shim} aws export --profile dev`,
  env: {
    CLAUDE_CODE_USE_BEDROCK: "1",
    AWS_REGION: "eu-central-1",
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
    MAX_THINKING_TOKENS: "1024",
  },
};

describe("what no flag says", () => {
  test("is taken from the only profile and its region", async () => {
    const world = await World.make({ sources: { corp: { dev: "key" } } });
    await world.place("dev", "eu-central-1");
    const { exit, stdout, stderr } = await setup(world, "--provider bedrock --no-verify");
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: `Claude Code is set up: ${user}\n` });
    expect(stderr).toBe("To take it back: evercred setup claude --undo\n");
    expect(settings(world)).toEqual(bedrock);
  });

  test("is taken from the only Google source and its project", async () => {
    const world = await googleWorld({ google: { offer: { project: "example-claude" } } });
    expect(await setup(world, "--provider vertex --region global")).toMatchObject({ exit: 0 });
    expect(settings(world)).toEqual({
      gcpAuthRefresh: `${shim} gcp login --account google`,
      env: {
        CLAUDE_CODE_USE_VERTEX: "1",
        CLOUD_ML_REGION: "global",
        ANTHROPIC_VERTEX_PROJECT_ID: "example-claude",
      },
    });
  });

  test("is taken from the only key, which is held for a third of its life at most", async () => {
    const world = await worldOf({ gateway: "k" });
    const held = async (entry: object): Promise<unknown> => {
      world.config.tree = { keys: { gateway: { kind: "command", ...entry } } };
      await setup(world, `--provider gateway --base-url ${url}/`);
      return settings(world);
    };
    const expected = (ms: string): object => ({
      apiKeyHelper: `${shim} api-key gateway`,
      env: { ANTHROPIC_BASE_URL: url, CLAUDE_CODE_API_KEY_HELPER_TTL_MS: ms },
    });
    expect(await held({})).toEqual(expected("300000"));
    expect(await held({ ttl: 100_000 })).toEqual(expected("33333"));
    expect(await held({ lifetime: 60_000 })).toEqual(expected("20000"));
    expect(await held({ ttl: 3_600_000 })).toEqual(expected("300000"));
    expect(await held({ ttl: 1_000 })).toEqual(expected("1000"));
  });

  test("is asked for on a terminal, and then what would change is shown", async () => {
    const world = await World.make();
    const { exit, stderr, questions } = await setup(world, "", {
      terminal,
      types: ["bedrock", "dev", "nowhere!", "eu-central-1", "yes"],
    });
    expect({ exit, count: questions.length }).toEqual({ exit: 0, count: 5 });
    expect(stderr).toContain("1  bedrock\n2  vertex\n3  gateway\n");
    expect(stderr).toContain("That cannot be it.");
    expect(stderr).toContain(`+  "awsAuthRefresh": "${shim} aws login --profile dev",`);
    expect(settings(world)).toEqual(bedrock);
  });

  test("and who then says no has nothing changed", async () => {
    const world = await World.make();
    const line = "--provider bedrock --profile dev --region eu-central-1";
    const { exit } = await setup(world, line, { terminal, types: ["n"] });
    expect(exit).toBe(1);
    expect(settings(world)).toBeUndefined();
    expect(await setup(world, `${line} --yes`, { terminal })).toMatchObject({ exit: 0 });
    expect(settings(world)).toEqual(bedrock);
  });
});

const gatewayFlags = `--provider gateway --base-url ${url}`;
const bedrockFlags = "--provider bedrock --profile dev --region eu-central-1";

test.each([
  ["", "Which provider? Write --provider bedrock, vertex or gateway."],
  ["--provider bedrok", '--provider cannot be "bedrok". Did you mean bedrock?'],
  ["--provider bedrock", "Which profile?"],
  ["--provider bedrock --profile dve", "Did you mean dev?"],
  ["--provider bedrock --profile dev", "Without a terminal this needs --region."],
  ["--provider bedrock --profile dev --region here", '"here" is no region.'],
  ["--provider bedrock --project p", "--project does not go with bedrock. It is for vertex."],
  ["--provider bedrock --skip-auth", "--skip-auth needs a gateway"],
  ["--provider bedrock --key one", "With bedrock a key is for a gateway"],
  [`--provider bedrock --skip-auth --base-url ${url} --profile dev`, "nobody asks for --profile"],
  ["--provider vertex --region global", "There is no Google account yet."],
  [`--provider vertex --skip-auth --base-url ${url} --region global`, "this needs --project."],
  ["--provider gateway", "Without a terminal this needs --base-url."],
  ["--provider gateway --base-url gateway", "--base-url is no address."],
  ["--provider gateway --base-url http://gateway.example.com", "Over http anybody on the way"],
  [gatewayFlags, "Which key? There are one, two. Name one with --key."],
  [`${gatewayFlags} --key on`, "There is no key on. Did you mean one?"],
  [`${gatewayFlags} --key one --headers otle`, "There are no headers otle. Did you mean otel?"],
  [`${gatewayFlags} --key one --proxy-auth`, "Nobody has said who asks the proxy."],
  [`${bedrockFlags} --env X`, "--env takes NAME=VALUE."],
  [`${bedrockFlags} --scope usr`, '--scope cannot be "usr". Did you mean user?'],
  [`${bedrockFlags} --scope managed`, "Add --print"],
  [`${bedrockFlags} --scope user --print`, "--print is of managed settings only."],
  [`${bedrockFlags} --print --move-secrets`, "With --print nothing is moved."],
  [`${bedrockFlags} --format reg`, "--format goes with --print."],
  [`${bedrockFlags} --print --format yaml`, "There is no format yaml."],
  ["--undo --model m", "--model does not go with --undo."],
  ["--undo --scope managed", "Take out there what was put there."],
])("%s: exit 2, and why", async (line, why) => {
  const world = await World.make();
  await addKeys(world, { one: "k", two: "k" });
  world.config.tree = { ...world.config.tree, headers: { otel: { A: "b" } } };
  const { exit, stdout, stderr } = await setup(world, line);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toContain(why);
  expect(settings(world)).toBeUndefined();
});

test.each([
  `${bedrockFlags} --env ANTHROPIC_API_KEY=swordfish`,
  `${bedrockFlags} --env GITHUB_TOKEN=swordfish`,
  `${bedrockFlags} --env client_secret=swordfish`,
  `${bedrockFlags} --env DB_PASSWORD=swordfish`,
  `${bedrockFlags} --env CLAUDE_CODE_CLIENT_KEY_PASSPHRASE=swordfish`,
  `${bedrockFlags} --env OTHER_API_KEY=swordfish`,
  `${bedrockFlags} --env ANTHROPIC_CUSTOM_HEADERS=Authorization:swordfish`,
  `${bedrockFlags} --env HTTPS_PROXY=http://ann:swordfish@proxy.example.com`,
  `${bedrockFlags} --env http_proxy=ann:sword@swordfish@proxy.example.com`,
  "--provider gateway --base-url https://ann:swordfish@gateway.example.com",
])("a secret on the command line is refused, and not repeated: %s", async (line) => {
  const world = await World.make();
  const { exit, stderr } = await setup(world, line);
  expect(exit).toBe(2);
  expect(stderr).not.toContain("swordfish");
});

test.each([
  "HTTPS_PROXY=http://proxy.example.com:8080",
  "ANTHROPIC_CUSTOM_HEADERS=X-Team:one",
  "CLAUDE_CODE_MAX_OUTPUT_TOKENS=8192",
])("what is no secret is taken: %s", async (variable) => {
  const world = await World.make();
  expect(await setup(world, `${bedrockFlags} --env ${variable}`)).toMatchObject({ exit: 0 });
});

test("of a file that Claude Code does not read it is not said that it is set up", async () => {
  const world = await World.make();
  const set = world.claude.set.bind(world.claude);
  world.claude.set = (...wanted) => {
    const change = set(...wanted);
    return { ...change, after: `// mine\n${change.after ?? ""}` };
  };
  const { exit, stdout, stderr } = await setup(world, bedrockFlags);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: `Written: ${user}\n` });
  expect(stderr).toContain(
    `Claude Code takes nothing from ${user} as long as comments or commas before } and ] are in it. Take them out.`,
  );
});

test("what only a project's settings say is not offered to be saved", async () => {
  const world = await World.make();
  const variables = { HTTPS_PROXY: "http://proxy.example.com:3128", NODE_EXTRA_CA_CERTS: "/a.pem" };
  world.setupFiles.has = [{ where: "/p/.claude/settings.json", isProject: true, variables }];
  const parts = { terminal, types: ["y", "y", "y"] };
  const { stderr, questions } = await setup(world, `${bedrockFlags} --no-verify`, parts);
  expect(questions).toHaveLength(1);
  expect(stderr).toContain("/p/.claude/settings.json trusts the certificates in /a.pem");
  expect(stderr).not.toContain("evercred config set");
  expect(world.config.changes).toEqual([]);
});

test("in a folder that is gone there are no settings of a project", async () => {
  const world = await World.make();
  const { exit, stderr } = await setup(world, `${bedrockFlags} --scope project`, { cwd: "" });
  expect(exit).toBe(2);
  expect(stderr).toContain("The folder where you are is not there any more.");
  expect((await setup(world, "--undo --scope local", { cwd: "" })).exit).toBe(2);
  expect((await setup(world, bedrockFlags, { cwd: "" })).exit).toBe(0);
});

test("with --skip-auth the gateway signs in, and gets the key", async () => {
  const world = await worldOf({ gateway: "k" });
  const line = `--provider bedrock --skip-auth --base-url ${url} --key gateway`;
  expect(await setup(world, line)).toMatchObject({ exit: 0 });
  expect(settings(world)).toMatchObject({
    apiKeyHelper: `${shim} api-key gateway`,
    env: { CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1", ANTHROPIC_BEDROCK_BASE_URL: url },
  });
});

test("headers, the proxy and further variables go with every provider", async () => {
  const world = await World.make();
  world.config.tree = {
    headers: { otel: { A: "b" } },
    network: { proxy: "http://proxy.example.com", proxyUser: "ann", proxyPasswordKey: "p" },
  };
  const line = `${bedrockFlags} --headers otel --proxy-auth --env A=b=c --env MAX_THINKING_TOKENS=9`;
  expect(await setup(world, line)).toMatchObject({ exit: 0 });
  expect(settings(world)).toEqual({
    ...bedrock,
    otelHeadersHelper: `${shim} headers otel`,
    proxyAuthHelper: `${shim} proxy-auth`,
    env: {
      ...bedrock.env,
      CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: "1",
      A: "b=c",
      MAX_THINKING_TOKENS: "9",
    },
  });
});

test("a dry run prints what would change, and changes nothing", async () => {
  const world = await World.make();
  const { exit, stdout } = await setup(world, `${bedrockFlags} --dry-run`);
  expect(exit).toBe(0);
  expect(stdout).toContain(`--- /dev/null\n+++ ${user}\n`);
  expect(stdout).toContain('+    "AWS_REGION": "eu-central-1",\n');
  expect(settings(world)).toBeUndefined();
});

test("an undo gives back what was there; where nothing was set up it says so", async () => {
  const world = await World.make();
  world.claude.files.set(user, '{"model":"opus"}');
  await setup(world, bedrockFlags);
  expect(await setup(world, "--undo --dry-run")).toMatchObject({ exit: 0 });
  expect(settings(world)).toEqual({ ...bedrock, model: "opus" });
  expect(await setup(world, "--undo")).toMatchObject({ exit: 0, stdout: `As before: ${user}\n` });
  expect(world.claude.files.get(user)).toBe('{"model":"opus"}');
  expect(await setup(world, "--undo")).toMatchObject({
    exit: 0,
    stdout: "Nothing was set up there.\n",
  });
});

test("a project's settings need trust, and their own undo", async () => {
  const world = await World.make();
  const { stderr } = await setup(world, `${bedrockFlags} --scope local`);
  expect(stderr).toContain("only once you trust that folder");
  expect(stderr).toContain("evercred setup claude --undo --scope local");
  expect(settings(world, "/home/ann/.claude/settings.local.json")).toEqual(bedrock);
});

test("the same once more has nothing to change", async () => {
  const world = await World.make();
  await setup(world, bedrockFlags);
  const { exit, stdout } = await setup(world, bedrockFlags);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: `Nothing to change: ${user}\n` });
});

test("what wins over it is named, and no secret is said", async () => {
  const world = await World.make();
  const env = {
    CLAUDE_CODE_USE_VERTEX: "1",
    CLAUDE_CODE_USE_GATEWAY: "0",
    ANTHROPIC_BEDROCK_BASE_URL: "https://old.example.com",
    AWS_BEARER_TOKEN_BEDROCK: "swordfish",
    ANTHROPIC_API_KEY: "",
  };
  world.claude.files.set(user, JSON.stringify({ env }));
  const { exit, stderr } = await setup(world, `${bedrockFlags} --yes`);
  expect(exit).toBe(0);
  expect(stderr.split("\n").filter((line) => line.includes(" in /home"))).toEqual([
    `CLAUDE_CODE_USE_VERTEX in ${user} leads Claude Code elsewhere. Take it out there.`,
    `ANTHROPIC_BEDROCK_BASE_URL in ${user} leads Claude Code elsewhere. Take it out there.`,
  ]);
  expect(stderr).not.toContain("swordfish");
  expect(settings(world)).toEqual({ ...bedrock, env: { ...env, ...bedrock.env } });
});

describe("managed settings are printed, and nothing is written", () => {
  const line = `${bedrockFlags} --env A=<&"\\é --print`;
  const wished = { ...bedrock, env: { ...bedrock.env, A: '<&"\\é' } };

  test("as JSON", async () => {
    const world = await World.make();
    const { exit, stdout, stderr } = await setup(world, `${line} --scope managed`);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual(wished);
    expect(stderr).toContain("Nothing has been written.");
    expect(world.claude.files.size).toBe(0);
  });

  test("as a property list for a Mac, with the shim's path there", async () => {
    const world = await World.make();
    const { stdout } = await setup(world, `${line} --format plist`);
    expect(stdout).toContain(
      "  <key>awsAuthRefresh</key>\n  <string>/usr/local/bin/evercred aws login --profile dev</string>\n",
    );
    expect(stdout).toContain('    <key>A</key>\n    <string>&lt;&amp;"\\é</string>\n');
  });

  test("as a registry file for Windows, with the shim's path there", async () => {
    const world = await World.make();
    const { stdout } = await setup(world, `${line} --format reg`);
    expect(stdout).toMatch(/^[ -~\r\n]+$/);
    const [, , key, value = ""] = stdout.split("\r\n");
    expect(key).toBe(String.raw`[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]`);
    const text = /^"Settings"="(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(["\\])/g, "$1") ?? "";
    const there = String.raw`"C:\Program Files\Evercred\bin\evercred.exe"`;
    expect(JSON.parse(text)).toEqual({
      ...wished,
      awsAuthRefresh: `${there} aws login --profile dev`,
      awsCredentialExport: `${there} aws export --profile dev`,
    });
  });
});

test("in a cloud sandbox nothing is written: exit 5", async () => {
  const world = await World.make();
  const { exit, stderr } = await setup(world, bedrockFlags, {
    env: { CLAUDE_CODE_REMOTE: "true" },
  });
  expect(exit).toBe(5);
  expect(stderr).toContain("cloud sandbox");
  expect(settings(world)).toBeUndefined();
});
