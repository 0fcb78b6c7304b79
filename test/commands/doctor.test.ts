import { expect, test } from "vitest";
import { checks } from "../../electron/commands/doctor/checks.ts";
import { examine } from "../../electron/commands/doctor/examine.ts";
import type { ClaudeSettingsFile } from "../../electron/commands/doctor-ports.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { World, type WorldParts } from "./world.ts";
import type { CallerParts } from "./world.ts";
import { FakeNetworkProbe } from "../fakes/network-probe.ts";
import { pathAt, settingsAt } from "../fakes/inspector.ts";

interface Report {
  readonly version: number;
  readonly verdict: string;
  readonly findings: readonly {
    readonly check: string;
    readonly id: string;
    readonly verdict: string;
    readonly message: string;
    readonly evidence: readonly string[];
    readonly remedy?: string;
  }[];
}

/** The variables of a shell in which nothing is set. */
const bare: CallerParts = { variables: {} };

const well = (parts: WorldParts = {}): Promise<World> => World.signedIn(parts);

const examined = async (
  world: World,
  { flags = [], caller = bare }: { flags?: readonly string[]; caller?: CallerParts } = {},
): Promise<Report & { readonly exit: number }> => {
  const { exit, stdout } = await world.run(["doctor", "--json", ...flags], caller);
  return { exit, ...(JSON.parse(stdout) as Report) };
};

/** What is not well, as `id` and verdict, in its order. */
const badOf = ({ findings }: Report): readonly string[] =>
  findings
    .filter(({ verdict }) => ["failure", "warning"].includes(verdict))
    .map(({ id, verdict }) => `${verdict} ${id}`);

test("where all is well nothing is to be mended, and it exits 0", async () => {
  const world = await well();
  const report = await examined(world);
  expect(badOf(report)).toEqual([]);
  expect(report).toMatchObject({ exit: 0, version: 1, verdict: "not-checked" });
  expect(world.inspector.refreshes).toBe(1);
});

test("the worst comes first, each with evidence and remedy; a failure exits 1", async () => {
  const world = await well();
  world.inspector.diskFacts = { ...world.inspector.diskFacts, freeBytes: 50e6 };
  world.inspector.keychainError = new EvercredError("keychain-locked");
  const { exit, stdout } = await world.run(["doctor"], bare);
  expect(exit).toBe(1);
  expect(stdout.split("\n").slice(0, 4)).toEqual([
    "FAILURE  Keychain: The keychain is locked.",
    "  -> Unlock it; Evercred looks again by itself.",
    "WARNING  Disk: The disk under /home/ann/.local/state/evercred is almost full.",
    "  /home/ann/.local/state/evercred: 50.0 MB free",
  ]);
  expect(stdout).toMatch(/\n1 failure, 1 warning, \d not checked\.\n$/);
});

test("a warning alone exits 0", async () => {
  const world = await well();
  world.inspector.durability = "memory";
  const report = await examined(world);
  expect(badOf(report)).toEqual(["warning keychain.memory"]);
  expect(report.exit).toBe(0);
  expect(report.findings[0]?.remedy).toBe("Run: evercred daemon restart");
  const caller = { variables: { EVERCRED_KEYCHAIN: "memory" } };
  const { findings } = await examined(world, { caller });
  expect(findings[0]?.remedy).toBe("Run: unset EVERCRED_KEYCHAIN; evercred daemon restart");
});

test("a check that fails says why nobody can tell, and the others go on", async () => {
  const world = await well();
  world.inspector.disk = () => Promise.reject(new EvercredError("unreachable"));
  const { findings } = await examined(world);
  expect(findings).toContainEqual(
    expect.objectContaining({
      id: "disk.not-checked",
      verdict: "not-checked",
      message: "Nobody can tell: The provider cannot be reached.",
    }),
  );
  expect(findings.map(({ check }) => check)).toContain("versions");
});

test("a check that hangs holds up nobody for longer than its limit", async () => {
  const world = await well();
  world.inspector.disk = () => new Promise(() => undefined);
  const call = await world.start(["doctor", "--json"], bare);
  expect(call.stdout).toBe("");
  await world.clock.advance(15_000);
  expect(await call.exit).toBe(0);
  const { findings } = JSON.parse(call.stdout) as Report;
  expect(findings).toContainEqual(
    expect.objectContaining({ id: "disk.not-checked", verdict: "not-checked" }),
  );
});

test("files that cannot be read anew do not keep it from looking", async () => {
  const world = await well();
  world.inspector.refresh = () => new Promise(() => undefined);
  const call = await world.start(["doctor"], bare);
  await world.clock.advance(5_000);
  expect(await call.exit).toBe(0);
});

test("what may cause a failure comes before it", async () => {
  const world = await well();
  world.problems = [
    { code: "config-invalid", sentence: "Profile x is not whole.", remedy: "Mend it." },
  ];
  world.inspector.claudeFiles = [
    {
      ...settingsAt("/home/ann/.claude/settings.json", {
        env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" },
        awsCredentialExport: "/opt/evercred/bin/evercred aws export --profile x",
      }),
      scope: "user",
    },
  ];
  const report = await examined(world);
  expect(badOf(report)).toEqual([
    "warning problems.config-invalid",
    "failure claude.helper-unknown-name",
  ]);
  expect(report).toMatchObject({ exit: 1, verdict: "failure" });
});

test.each([
  [
    "is open to others",
    { mode: 0o750 },
    "failure endpoint.directory-open",
    "Run: chmod 700 /run/x",
  ],
  ["is a link", { isLink: true }, "failure endpoint.directory", "Remove it and start"],
  ["is another user's", { isOurs: false }, "failure endpoint.directory", "Remove it and start"],
])("the socket's directory %s", async (_what, parts, bad, remedy) => {
  const world = await well();
  const { endpointFacts } = world.inspector;
  const directory = pathAt("/run/x", { kind: "directory", mode: 0o700, ...parts });
  world.inspector.endpointFacts = { ...endpointFacts, directory };
  const report = await examined(world);
  expect(badOf(report)).toEqual([bad]);
  expect(report.findings[0]?.remedy).toContain(remedy);
});

test.each([
  [{ kind: "directory", mode: 0o777 }, "disk.folder-open", "Run: chmod 700 /state"],
  [{ kind: "file" }, "disk.no-folder", "Run: mv /state /state.old"],
  [{ kind: "dangling" }, "disk.no-folder", "Put there what it leads to, or remove the link."],
  [{ kind: "hidden" }, "disk.no-folder", "Make / a folder that you may enter."],
] as const)("a state directory that is %o is named", async (parts, id, remedy) => {
  const world = await well();
  const folder = pathAt("/state", parts);
  world.inspector.diskFacts = { ...world.inspector.diskFacts, folder, unwritable: "ENOTDIR" };
  const { findings } = await examined(world);
  expect(findings[0]).toMatchObject({ id, verdict: "failure", remedy });
});

test.each([
  [{ kind: "dangling" }, "aws.dangling", "Put there what it leads to, or remove the link."],
  [{ kind: "hidden" }, "aws.hidden", "Make /home/ann/.aws a folder that you may enter."],
  [
    { kind: "directory", mode: 0o755 },
    "aws.no-file",
    "Run: mv /home/ann/.aws/config /home/ann/.aws/config.old",
  ],
] as const)("~/.aws/config that is %o is named", async (parts, id, remedy) => {
  const world = await well();
  const { awsFacts } = world.inspector;
  world.inspector.awsFacts = { ...awsFacts, config: pathAt("/home/ann/.aws/config", parts) };
  const { findings } = await examined(world);
  expect(findings[0]).toMatchObject({ id, verdict: "failure", remedy });
});

test("one source: only it, and only its provider, is asked", async () => {
  const world = await well({ sources: { corp: { dev: "k1" }, other: { ops: "k2" } } });
  world.inspector.places = ["corp", "other"].map((source) => ({
    source,
    url: new URL(`https://${source}.example.com/`),
  }));
  const { findings } = await examined(world, { flags: ["--source", "other"] });
  const of = (name: string): readonly string[] =>
    findings.filter(({ check }) => check === name).map(({ message }) => message);
  expect(of("sources")).toHaveLength(1);
  expect(of("sources")[0]).toMatch(/^other: /);
  expect(of("network")).toEqual(["other.example.com answers, directly."]);
  expect(new Set(world.networkProbe.asked)).toEqual(new Set(["other.example.com"]));
});

test("a provider's clock that is far away is named; a way that is closed as well", async () => {
  const world = await well({ sources: { corp: { dev: "k1" }, other: { ops: "k2" } } });
  world.inspector.places = ["corp", "other"].map((source) => ({
    source,
    url: new URL(`https://${source}.example.com/`),
  }));
  world.networkProbe.hosts.set("corp.example.com", { offsetMs: 600_000 });
  world.networkProbe.hosts.set("other.example.com", new EvercredError("proxy-refused"));
  const report = await examined(world);
  expect(badOf(report)).toEqual(["failure clock.wrong", "failure network.proxy-refused"]);
  expect(report.findings[0]?.message).toBe(
    "This computer's clock is 600 seconds behind the providers'.",
  );
});

test("what is wrong with the settings of the network comes before what fails by it, once", async () => {
  const world = await well();
  const { inspector, networkProbe } = world;
  inspector.places = [{ source: "corp", url: new URL("https://corp.example.com/") }];
  const broken = { sentence: "The PAC file cannot be had.", remedy: "Correct network.proxy." };
  // It is known only once somebody has asked.
  networkProbe.probe = () => {
    inspector.problems = [broken];
    world.problems = [{ code: "config-invalid", ...broken }];
    return Promise.reject(new EvercredError("unreachable"));
  };
  const bad = badOf(await examined(world));
  expect(bad).toEqual(["failure network.settings", "failure network.unreachable"]);
  networkProbe.probe = FakeNetworkProbe.prototype.probe.bind(networkProbe);
  expect(badOf(await examined(world))).toEqual(["warning network.settings"]);
});

test("a source that somebody counts on is a failure, one that was never signed in to a warning", async () => {
  const world = await World.make();
  expect(badOf(await examined(world))).toEqual(["warning sources.signed-out"]);
  await world.run(["aws", "export", "--profile", "dev"]);
  const report = await examined(world);
  expect(badOf(report)).toEqual(["failure sources.signed-out"]);
  expect(report.findings[0]?.remedy).toBe("Run: evercred login corp");
});

test("variables that outrank it are named, and not what is in them", async () => {
  const world = await well();
  const variables = { AWS_ACCESS_KEY_ID: "AKIAPLANTED", AWS_SECRET_ACCESS_KEY: "planted" };
  const caller = { variables: { ...variables, AWS_PROFILE: "nobody" } };
  const report = await examined(world, { caller });
  expect(badOf(report)).toEqual(["warning shadows.aws-keys", "warning shadows.unknown-profile"]);
  expect(report.findings[0]?.remedy).toBe("Run: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY");
  expect(JSON.stringify(report)).not.toMatch(/planted/i);
});

test("a client that tells nothing of its environment: nobody can tell what outranks", async () => {
  const world = await well();
  const { findings } = await examined(world, { caller: {} });
  expect(findings).toContainEqual(expect.objectContaining({ id: "shadows.not-told" }));
});

test("GOOGLE_APPLICATION_CREDENTIALS is looked at from where the caller is", async () => {
  const world = await well();
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: "keys/adc.json" };
  const report = await examined(world, { caller: { variables } });
  expect(world.inspector.adcAsked).toContain("/home/ann/keys/adc.json");
  expect(badOf(report)[0]).toBe("failure adc.leads-nowhere");
});

test("daemon and client of two versions, and another client in the PATH", async () => {
  const world = await well();
  const other = { path: pathAt("/usr/bin/evercred"), isSame: false };
  world.inspector.versionFacts = {
    ...world.inspector.versionFacts,
    shim: "1.3.0",
    shims: [other],
  };
  expect(badOf(await examined(world))).toEqual([
    "warning versions.differ",
    "warning versions.other-client",
  ]);
});

test.each([
  ["request", "note", undefined],
  ["renewal", "note", undefined],
  ["sign-in", "note", undefined],
  ["draft", "note", undefined],
  ["memory", "warning", "Run: evercred daemon restart"],
  ["by-hand", "warning", "Run: evercred daemon restart"],
] as const)(
  "another Evercred is installed than the one that runs: %s",
  async (kept, verdict, remedy) => {
    const world = await well();
    world.outlived = kept;
    const { findings } = await examined(world);
    const found = findings.filter(({ check }) => check === "versions");
    expect(found).toMatchObject([{ id: "versions.replaced", verdict }]);
    expect(found[0]?.remedy).toBe(remedy);
  },
);

test("an evercred of another version than the daemon's asks", async () => {
  const world = await well();
  expect(badOf(await examined(world, { caller: { client: "0.0.9" } }))).toEqual([
    "warning versions.other-caller",
  ]);
  const { daemon } = world.context;
  expect(badOf(await examined(world, { caller: { client: daemon.version } }))).toEqual([]);
});

test("an unknown source, or a file without --bundle, is no command line", async () => {
  const world = await well();
  expect(await world.run(["doctor", "--source", "nobody"], bare)).toMatchObject({ exit: 2 });
  expect(await world.run(["doctor", "x.tar.gz"], bare)).toMatchObject({ exit: 2 });
});

test("--bundle writes what is known into the caller's folder, for support", async () => {
  const world = await well();
  const { exit, stdout, stderr } = await world.run(["doctor", "--bundle"], bare);
  const [bundle] = world.inspector.bundles;
  expect(exit).toBe(0);
  expect(bundle?.file).toMatch(/^\/home\/ann\/evercred-support-\d{4}-\d\d-\d\d\.tar\.gz$/);
  expect(stderr).toContain(bundle?.file);
  expect(stdout).toContain("Daemon");
  expect(bundle?.files.map(({ name }) => name)).toEqual([
    "README.txt",
    "doctor.txt",
    "doctor.json",
    "status.json",
    "policy.json",
    "config.json",
    "claude.json",
    "editors.json",
    "evercred.log",
    "audit.jsonl",
  ]);
});

test("--no-verify asks nobody whether Claude may be used", async () => {
  const world = await well();
  const { findings } = await examined(world, { flags: ["--no-verify"] });
  expect(findings.map(({ check }) => check)).not.toContain("access");
});

test("the identity that Claude Code uses is asked about at its provider", async () => {
  const world = await well();
  world.access.checks = [
    { what: "model m", verdict: "refused", sentence: "It is not allowed.", remedy: "Ask." },
    { what: "quota", verdict: "not-checked", sentence: "Nobody tells.", remedy: undefined },
  ];
  world.inspector.claudeFiles = [
    {
      ...settingsAt("/home/ann/.claude/settings.json", {
        env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1", ANTHROPIC_MODEL: "m" },
        awsCredentialExport: "/opt/evercred/bin/evercred aws export --profile dev",
      }),
      scope: "user",
    },
  ];
  const report = await examined(world);
  expect(badOf(report)).toEqual(["failure access.refused"]);
  expect(world.access.asked.bedrock).toMatchObject([{ region: "eu-west-1", models: ["m"] }]);
});

/** Claude Code's settings at a gateway, in one scope. */
const gatewayAt = (
  scope: ClaudeSettingsFile["scope"],
  parts: { readonly url?: string; readonly helper?: string },
): ClaudeSettingsFile => ({
  ...settingsAt(`/${scope}/settings.json`, {
    env: parts.url === undefined ? {} : { ANTHROPIC_BASE_URL: parts.url },
    apiKeyHelper: parts.helper,
  }),
  scope,
});

const ownHelper = "/opt/evercred/bin/evercred aws bedrock-key --profile dev";
const url = "https://gateway.example.com";
const evil = "https://evil.example.com";

test.each<[string, boolean | undefined, readonly ClaudeSettingsFile[], string]>([
  [
    "the address of a project that is not trusted",
    false,
    [gatewayAt("project", { url: evil }), gatewayAt("user", { url, helper: ownHelper })],
    "access.not-trusted",
  ],
  [
    "a project's address and helper, where nothing tells of trust",
    undefined,
    [gatewayAt("local", { url: evil, helper: ownHelper })],
    "access.not-trusted",
  ],
  [
    "a trusted project's address and the user's helper",
    true,
    [gatewayAt("project", { url: evil }), gatewayAt("user", { url, helper: ownHelper })],
    "access.two-scopes",
  ],
  [
    "the user's address and a trusted project's helper",
    true,
    [gatewayAt("project", { helper: ownHelper }), gatewayAt("user", { url })],
    "access.two-scopes",
  ],
  ["a helper of others", true, [gatewayAt("user", { url, helper: "my-key" })], "access.not-ours"],
])("no credential leaves for %s", async (_what, isTrusted, files, id) => {
  const world = await well();
  world.inspector.isTrusted = isTrusted;
  world.inspector.claudeFiles = files;
  const { findings } = await examined(world);
  expect(findings.filter(({ check }) => check === "access")).toMatchObject([
    { id, verdict: "not-checked" },
  ]);
  expect(world.access.asked).toEqual({ bedrock: [], vertex: [], gateway: [] });
  expect(world.gate.asked).toEqual([]);
});

test("a region or a switch of a project that is not trusted leads nowhere either", async () => {
  const world = await well();
  world.inspector.isTrusted = false;
  const helper = { awsCredentialExport: "/opt/evercred/bin/evercred aws export --profile dev" };
  for (const env of [{ AWS_REGION: "evil" }, { CLAUDE_CODE_USE_BEDROCK: "1" }]) {
    const user = { ...helper, env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1" } };
    world.inspector.claudeFiles = [
      { ...settingsAt("/project/settings.json", { env }), scope: "project" },
      { ...settingsAt("/user/settings.json", user), scope: "user" },
    ];
    const { findings } = await examined(world);
    expect(findings.map(({ id }) => id)).toContain("access.not-trusted");
  }
  expect(world.access.asked.bedrock).toEqual([]);
});

/** Claude Code as `setup claude` leaves it. */
const bedrockFile: ClaudeSettingsFile = {
  ...settingsAt("/home/ann/.claude/settings.json", {
    env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "eu-west-1" },
    awsCredentialExport: "/opt/evercred/bin/evercred aws export --profile dev",
  }),
  scope: "user",
};

test("the credential for the check passes the gate and is on record; refused it is not checked", async () => {
  const world = await well();
  world.inspector.claudeFiles = [bedrockFile];
  await examined(world);
  expect(world.gate.asked).toMatchObject([{ target: "aws:dev" }]);
  expect(world.audit.entries).toMatchObject([
    { event: "served", target: "aws:dev", verb: "doctor" },
  ]);
  world.gate.refusal = new EvercredError("consent-refused");
  const { findings } = await examined(world);
  expect(findings).toContainEqual(
    expect.objectContaining({
      id: "access.not-checked",
      message: "Nobody can tell: You have not allowed this.",
    }),
  );
  expect(world.access.asked.bedrock).toHaveLength(1);
});

test.each([
  [true, "does not answer", /^Run: kill -9 77; evercred daemon start$/],
  [false, "its socket is gone", /^Wait a minute: .* Only if it does not, run: kill -9 77;/],
])("a daemon that is silent (socket there: %s)", async (isSocketThere, says, remedy) => {
  const world = await World.make();
  const { inspector, clock, configReader } = world;
  const owner = { pid: 77, socket: "/run/x/daemon.sock" };
  inspector.absenceFacts = { isStopped: false, owner, isSocketThere, lastLines: [] };
  const found = await examine(
    checks.filter(({ id }) => id === "daemon"),
    {
      ...{ inspector, clock, configReader, configFile: "/home/ann/config.json" },
      ...{ shim: "/opt/evercred/bin/evercred", cwd: "/home/ann", variables: {} },
      ...{ only: undefined, running: undefined },
      credentialOf: () => Promise.reject(new EvercredError("internal")),
    },
    new AbortController().signal,
  );
  expect(found).toMatchObject([{ id: "daemon.silent", sentence: expect.stringContaining(says) }]);
  expect(found[0]?.remedy).toMatch(remedy);
  expect(found[0]?.evidence?.join()).toContain("memory only");
});

test("in the archive stands no helper of others, and nothing that an address asks for", async () => {
  const world = await well();
  const own = "/opt/evercred/bin/evercred aws export --profile dev";
  world.inspector.claudeFiles = [
    {
      ...settingsAt("/home/ann/.claude/settings.json", {
        env: {
          ANTHROPIC_BASE_URL: "https://gateway.example.com/v1?api_key=swordfish#swordfish",
          ANTHROPIC_VERTEX_BASE_URL: "https://gateway.example.com#swordfish",
        },
        apiKeyHelper: "echo swordfish",
        otelHeadersHelper: "curl -u jdoe:swordfish https://gateway.example.com",
        proxyAuthHelper: "/opt/evercred/bin/evercred proxy-auth; echo swordfish",
        awsCredentialExport: own,
      }),
      scope: "user",
    },
  ];
  await world.run(["doctor", "--bundle"], bare);
  const files = world.inspector.bundles[0]!.files;
  expect(JSON.stringify(files)).not.toContain("swordfish");
  const [extract] = JSON.parse(files.find(({ name }) => name === "claude.json")!.text);
  expect(extract).toMatchObject({
    helpers: { apiKeyHelper: "a helper of yours", awsCredentialExport: own },
    env: { ANTHROPIC_BASE_URL: "https://gateway.example.com/v1" },
  });
});

test("an archive that cannot be written takes no report away", async () => {
  const world = await well();
  const full = new EvercredError("usage", "x.tar.gz cannot be written (ENOSPC).");
  world.inspector.bundle = () => Promise.reject(full);
  const { exit, stdout, stderr } = await world.run(["doctor", "--bundle"], bare);
  expect(exit).toBe(2);
  expect(stdout).toContain("Daemon: Evercred 1.2.3 runs");
  expect(stderr).toContain("x.tar.gz cannot be written (ENOSPC).");
  const inJson = await world.run(["doctor", "--bundle", "--json"], bare);
  expect(JSON.parse(inJson.stdout.split("\n")[0]!)).toMatchObject({ version: 1 });
});

test("without a daemon it is said why there is none; what only one can tell is not checked", async () => {
  const world = await World.make();
  const { inspector, clock, configReader } = world;
  inspector.absenceFacts = {
    ...{ isStopped: false, owner: undefined, isSocketThere: false },
    lastLines: ["the last line"],
  };
  const found = await examine(
    checks,
    {
      ...{ inspector, clock, configReader, configFile: "/home/ann/config.json" },
      ...{ shim: "/opt/evercred/bin/evercred", cwd: "/home/ann", variables: {} },
      ...{ only: undefined, running: undefined },
      credentialOf: () => Promise.reject(new EvercredError("internal")),
    },
    new AbortController().signal,
  );
  expect(found[0]).toMatchObject({
    id: "daemon.down",
    verdict: "failure",
    evidence: ["the last line"],
    remedy: "Run: evercred daemon start",
  });
  const unchecked = found.filter(({ verdict }) => verdict === "not-checked");
  expect(unchecked.map(({ id }) => id)).toEqual([
    "policy.no-daemon",
    "clock.no-daemon",
    "network.no-daemon",
    "problems.no-daemon",
    "sources.no-daemon",
    "environment.no-daemon",
    "access.no-daemon",
  ]);
  expect(found.map(({ id }) => id)).toContain("keychain.fine");
});

test("of named checks only those are run, and a wrong name is told with the nearest", async () => {
  const world = await well();
  const { findings } = await examined(world, { flags: ["--check", "claude", "--check", "disk"] });
  expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(["claude", "disk"]));
  const wrong = await world.run(["doctor", "--check", "claud"], bare);
  expect(wrong.exit).toBe(2);
  expect(wrong.stderr).toContain("Did you mean claude?");
});
