import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openPolicy, type PolicyFile } from "../../electron/platform/policy.ts";
import { dropInfluences, environmentUnder } from "../../electron/platform/policy-environment.ts";
import { type FoundPolicy, readRootsFile } from "../../electron/platform/policy-file.ts";
import { systemPolicy } from "../../electron/platform/policy-places.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

const opened = async (find: () => FoundPolicy, file = "/nowhere"): Promise<PolicyFile> => {
  const place = { watched: [file], find: async () => Promise.resolve(find()) };
  const policy = await openPolicy({ place, log: new MemoryLog() });
  onTestFinished(() => policy.close());
  return policy;
};

const text = (content: object, isWritten = true): FoundPolicy => ({
  kind: "policy",
  file: "/etc/evercred/policy.json",
  text: JSON.stringify(content),
  isWritten,
});

const corp = { organization: "Example Corp", contact: "https://help.example.com" };

test("a policy in force gives its rule and what it says of the configuration", async () => {
  const allow = { bridges: false };
  const policy = await opened(() => text({ ...corp, force: { log: "warn" }, allow }));
  expect(policy).toMatchObject({ state: "in-force", file: "/etc/evercred/policy.json" });
  expect(policy.rule).toEqual({ ...corp, limits: allow, closed: undefined });
  expect(policy.layers).toMatchObject({ maker: "Example Corp", force: { log: "warn" } });
});

test("whether programs are limited is known where the configuration is read", async () => {
  const [free, limited] = [
    await opened(() => text({})),
    await opened(() => text({ allow: { commands: [] } })),
  ];
  expect(free.layers.limitsPrograms).toBe(false);
  expect(limited.layers.limitsPrograms).toBe(true);
});

test("where there is none nothing is limited", async () => {
  const policy = await opened(() => ({ kind: "none" }));
  expect(policy).toMatchObject({ state: "none", file: undefined, problems: [] });
  expect(policy.rule).toMatchObject({ limits: {}, closed: undefined });
});

test("one that does not fit closes in its organisation's name, and says where", async () => {
  const { state, rule, layers } = await opened(() => text({ ...corp, allow: { bridges: 1 } }));
  expect(state).toBe("closed");
  expect(rule.closed).toMatchObject({
    code: "policy-refused",
    exit: 5,
    message:
      "Example Corp's policy cannot be used, so nothing is handed out. /etc/evercred/policy.json line 1: allow.bridges must be true or false.",
    remedy: "Help: https://help.example.com",
  });
  expect(layers.force).toEqual({});
});

test("of one that nobody has written by hand no line is named", async () => {
  const broken = { ...corp, allow: { bridges: 1 } };
  const closed = await opened(() => text(broken, false));
  expect(closed.rule.closed?.message).toContain("policy.json: allow.bridges must be");
  const odd = await opened(() => text({ force: { netwrok: {} } }, false));
  expect(odd.problems).toMatchObject([{ severity: "warning", line: undefined }]);
});

test("one that others may have written closes, and its words do not count", async () => {
  const { state, rule } = await opened(() => ({
    kind: "unusable",
    file: "/etc/evercred/policy.json",
    why: "Others than root can write it.",
  }));
  expect(state).toBe("closed");
  expect(rule.closed).toMatchObject({
    message:
      "Your organisation's policy cannot be used, so nothing is handed out. /etc/evercred/policy.json: Others than root can write it.",
    remedy: "Ask your administrator.",
  });
});

test("one that is planted is ignored, and reported", async () => {
  const policy = await opened(() => ({ kind: "planted", file: "/p", why: "It is not root's." }));
  expect(policy.state).toBe("ignored");
  expect(policy.rule.closed).toBeUndefined();
  expect(policy.problems).toEqual([
    {
      severity: "warning",
      file: "/p",
      line: undefined,
      sentence: "This policy does not count. It is not root's.",
      remedy: "Remove it, or have your administrator write it.",
    },
  ]);
});

test("each change of a file is followed, of its mode too, and told once", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const file = join(folder, "policy.json");
  const policy = await opened(() => readRootsFile(file), file);
  let told = 0;
  policy.subscribe(() => (told += 1));
  const become = async (state: string): Promise<void> => {
    await expect.poll(() => policy.state, { timeout: 10_000 }).toBe(state);
  };
  writeFileSync(file, "{}", { mode: 0o644 });
  await become("in-force");
  chmodSync(file, 0o666);
  await become("closed");
  chmodSync(file, 0o644);
  await become("in-force");
  rmSync(file);
  await become("none");
  policy.check();
  await setImmediate();
  expect(told).toBe(4);
});

const deep = `{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;

test("one that is nested without end closes, and a later one is read", async () => {
  let found: FoundPolicy = text({ ...corp, allow: { bridges: false } });
  const policy = await opened(() => found);
  found = { ...text({}), text: deep } as FoundPolicy;
  policy.check();
  await expect.poll(() => policy.state).toBe("closed");
  expect(policy.rule.closed?.message).toContain("policy.json line 1: The policy is nested too");
  found = text(corp);
  policy.check();
  await expect.poll(() => policy.state).toBe("in-force");
});

test("what nobody has foreseen closes, at the first reading too, and the next one is made", async () => {
  const riddle: FoundPolicy = { ...text({}), text: undefined } as never;
  let find = (): FoundPolicy => riddle;
  const policy = await opened(() => find());
  expect(policy.state).toBe("closed");
  expect(policy.rule.closed?.message).toContain("It cannot be understood (TypeError).");
  find = () => {
    throw new Error("Nobody has promised otherwise.");
  };
  policy.check();
  await setImmediate();
  expect(policy.state).toBe("closed");
  find = () => text(corp);
  policy.check();
  await expect.poll(() => policy.state).toBe("in-force");
});

test("a change before it is watched is found", async () => {
  const readings: readonly FoundPolicy[] = [{ kind: "none" }, text(corp)];
  let reading = 0;
  const policy = await opened(() => readings[Math.min(reading++, 1)]!);
  await expect.poll(() => policy.state).toBe("in-force");
});

test("what would have an allowed program do something else goes out of the environment", () => {
  const kept = {
    PATH: "/usr/bin",
    HOME: "/home/ann",
    CLOUDSDK_CONFIG: "/c",
    LDAP: "x",
    ENVIRONMENT: "y",
    EVERCRED_HOME: "/e",
  };
  const names =
    "LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES BASH_ENV ENV BASH_FUNC_ls%% SHELLOPTS PS4 PYTHONPATH PYTHONSTARTUP PERL5LIB PERL5OPT RUBYOPT NODE_OPTIONS NODE_PATH CLOUDSDK_PYTHON CLOUDSDK_PYTHON_ARGS GIT_SSH_COMMAND JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS GCONV_PATH Ld_Audit";
  const env = { ...kept, ...Object.fromEntries(names.split(" ").map((name) => [name, "/evil"])) };
  dropInfluences(env);
  expect(env).toEqual(kept);
});

test.each<[NodeJS.Platform, readonly string[]]>([
  ["linux", ["/etc/evercred/policy.json"]],
  [
    "darwin",
    [
      "/Library/Managed Preferences/dev.evercred.app.plist",
      "/Library/Application Support/Evercred/policy.json",
    ],
  ],
  ["win32", [String.raw`C:\ProgramData\Evercred\policy.json`]],
])("its place on %s is fixed", (platform, watched) => {
  expect(systemPolicy(platform).watched).toEqual(watched);
});

test("a variable is not set where a policy has set what it would change, and as long as it has", () => {
  const forced = new Set<string>();
  const env = {
    HTTPS_PROXY: "a",
    all_proxy: "b",
    NO_PROXY: "c",
    NODE_EXTRA_CA_CERTS: "d",
    CLAUDE_CODE_CLIENT_CERT: "e",
    HOME: "/home/ann",
  };
  const seen = environmentUnder({ isForced: (path) => forced.has(path.join(".")) }, env);
  const set = (): readonly string[] => Object.keys(env).filter((name) => seen[name] !== undefined);
  expect(set()).toEqual(Object.keys(env));
  forced.add("network.proxy");
  expect(set()).toEqual(["NODE_EXTRA_CA_CERTS", "CLAUDE_CODE_CLIENT_CERT", "HOME"]);
  forced.clear();
  forced.add("network.noProxy");
  expect(seen["NO_PROXY"]).toBeUndefined();
  forced.clear();
  forced.add("network.systemCa").add("network.clientCertificate");
  expect(set()).toEqual(["HTTPS_PROXY", "all_proxy", "NO_PROXY", "HOME"]);
  forced.clear();
  expect(set()).toEqual(Object.keys(env));
});
