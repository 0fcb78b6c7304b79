import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { examined, type Finding, followed, placesOf, put, type Shell } from "./doctor-home.ts";
import { enterKey, runWith } from "./key-home.ts";
import { type House, oneProfile, openHouse } from "./house.ts";

/** A machine broken in one way. */
interface Breakage {
  readonly what: string;
  /** The finding that has to be the first. */
  readonly id: string;
  /** Breaks it. */
  readonly break?: () => Promise<unknown>;
  /** What is typed into the shell before. */
  readonly typed?: readonly string[];
  /** Where the shell is; left out: at home. */
  readonly folder?: () => string;
  /** Does what the remedy says, where that is neither a command nor a line to be taken out. */
  readonly mend?: (remedy: string) => Promise<unknown>;
  /** What is found once the remedy was followed, where that is not nothing. */
  readonly leaves?: readonly string[];
}

let house: House;
let places: ReturnType<typeof placesOf>;
let project: string;
let settings: string;

const shell = (folder = house.home, lines: readonly string[] = []): Shell => ({ folder, lines });

const isBad = ({ verdict }: Finding): boolean => verdict === "failure" || verdict === "warning";

beforeAll(async () => {
  house = await openHouse();
  places = placesOf(house);
  project = join(house.home, "project");
  await mkdir(project);
  expect(await house.evercred("login")).toMatchObject({ code: 0 });
  const setUp = ["setup", "claude", "--provider", "bedrock", "--profile", "p"];
  expect(await house.evercred(...setUp)).toMatchObject({ code: 0 });
  settings = await readFile(places.claude, "utf8");
});

afterAll(async () => {
  await house.close();
});

/** Claude Code's settings with further lines at the top. */
const withLines = (...lines: readonly string[]): Promise<void> =>
  put(places.claude, settings.replace("{\n", `{\n${lines.map((line) => `${line}\n`).join("")}`));

/** The same with further variables. */
const withVariables = (...lines: readonly string[]): Promise<void> =>
  put(
    places.claude,
    settings.replace(/"env": \{\n/, (start) => `${start}${lines.join("\n")}\n`),
  );

/** The same with something else in the place of something. */
const withOther = (text: string | RegExp, other: string): Promise<void> => {
  const changed = settings.replace(text, other);
  expect(changed).not.toBe(settings);
  return put(places.claude, changed);
};

const set = async (path: string, value: string): Promise<void> => {
  expect(await house.evercred("config", "set", path, value)).toMatchObject({ code: 0 });
};

const breakages: readonly Breakage[] = [
  {
    what: "the daemon was stopped",
    id: "daemon.stopped",
    break: () => house.evercred("daemon", "stop"),
  },
  {
    what: "the daemon hangs, and its socket is gone",
    id: "daemon.silent",
    break: async () => {
      process.kill(await house.daemonPid(), "SIGSTOP");
      await rm(join(house.runtime, "evercred", "daemon.sock"));
    },
    // It hears nothing, so it puts nothing back.
    mend: async (remedy) => {
      const [, command = ""] = /^Wait a minute: .* run: (kill -9 .*)$/.exec(remedy) ?? [];
      const env = { ...house.env, PATH: `${dirname(house.shim)}:${house.env["PATH"] ?? ""}` };
      expect(await runWith(house, "/bin/sh", ["-c", command], { env })).toMatchObject({ code: 0 });
    },
  },
  {
    what: "the daemon hangs, and takes connections still",
    id: "daemon.silent",
    break: async () => process.kill(await house.daemonPid(), "SIGSTOP"),
    mend: async (remedy) => {
      const [, command = ""] = /^Run: (kill -9 .*)$/.exec(remedy) ?? [];
      const env = { ...house.env, PATH: `${dirname(house.shim)}:${house.env["PATH"] ?? ""}` };
      expect(await runWith(house, "/bin/sh", ["-c", command], { env })).toMatchObject({ code: 0 });
    },
  },
  {
    what: "others can enter the socket's folder",
    id: "endpoint.directory-open",
    break: () => chmod(join(house.runtime, "evercred"), 0o755),
  },
  {
    what: "others can write to the socket",
    id: "endpoint.socket-open",
    break: () => chmod(join(house.runtime, "evercred", "daemon.sock"), 0o666),
  },
  {
    what: "the file that says where the daemon listens is gone",
    id: "endpoint.not-noted",
    break: () => rm(join(house.state, "endpoint")),
  },
  {
    what: "the keyring is locked",
    id: "keychain.keychain-locked",
    break: () => house.keyring.lock(),
    mend: async (remedy) => {
      expect(remedy).toMatch(/^Unlock it/);
      await house.keyring.unlock();
    },
  },
  {
    what: "the configuration is broken",
    id: "config.broken",
    break: () => put(places.config, '{\n  "signIn":\n}\n'),
    mend: async (remedy) => {
      expect(remedy).toMatch(/^Correct it/);
      await put(places.config, "{}\n");
    },
  },
  {
    what: "a name in the configuration is misspelt",
    id: "config.doubtful",
    break: () => put(places.config, '{\n  "signin": {}\n}\n'),
    mend: async (remedy) => {
      expect(remedy).toContain("signIn");
      await put(places.config, '{\n  "signIn": {}\n}\n');
    },
  },
  {
    what: "the proxy is not there",
    id: "network.unreachable",
    break: () => set("network.proxy", "http://127.0.0.1:9"),
    mend: () => house.evercred("config", "unset", "network.proxy"),
  },
  {
    what: "the company's authority is not trusted",
    id: "network.tls-failed",
    break: async () => {
      const bare = { NODE_EXTRA_CA_CERTS: "" };
      expect(await house.run(house.shim, ["daemon", "restart"], bare)).toMatchObject({ code: 0 });
    },
    mend: async (remedy) => {
      expect(remedy).toMatch(/ add the certificate .* to network\.caFiles\.$/);
      await set("network.caFiles", JSON.stringify([house.cloud.caFile]));
    },
  },
  {
    what: "the proxy wants to know who asks",
    id: "network.proxy-refused",
    break: () => {
      const login = { user: "jdoe", password: "proxy-secret" };
      house.cloud.faults.add({ kind: "proxy-authentication", ...login });
      return Promise.resolve();
    },
    mend: async (remedy) => {
      expect(remedy).toContain("network.proxy, network.proxyUser and network.proxyPasswordKey");
      await set("keys.proxy", '{"kind":"static"}');
      await enterKey(house, "proxy", "proxy-secret");
      await set("network.proxy", house.cloud.proxyUrl);
      await set("network.proxyUser", "jdoe");
      await set("network.proxyPasswordKey", "proxy");
    },
  },
  {
    what: "the clock is wrong",
    id: "clock.wrong",
    break: () => Promise.resolve(house.cloud.advance(20 * 60_000)),
    mend: (remedy) => {
      expect(remedy).toMatch(/^Run: sudo timedatectl/);
      house.cloud.advance(-20 * 60_000);
      return Promise.resolve();
    },
  },
  {
    what: "somebody has signed out",
    id: "sources.signed-out",
    break: () => house.evercred("logout", "corp"),
  },
  {
    what: "a profile names an sso-session that is not there",
    id: "problems.config-invalid",
    break: () =>
      put(places.aws("config"), oneProfile.replace("sso_session = corp", "sso_session = crop")),
    mend: async (remedy) => {
      expect(remedy).toBe("Did you mean corp?");
      await put(places.aws("config"), oneProfile);
    },
  },
  {
    what: "a profile has keys beside its sign-in",
    id: "problems.config-invalid",
    break: () =>
      put(
        places.aws("credentials"),
        "[p]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = abc\n",
      ),
    mend: async (remedy) => {
      expect(remedy).toMatch(/^Keep one of the two/);
      await rm(places.aws("credentials"));
    },
  },
  {
    what: "others may read the keys of ~/.aws",
    id: "aws.file-open",
    break: () => put(places.aws("credentials"), "[other]\nregion = us-east-1\n", 0o644),
  },
  {
    what: "GOOGLE_APPLICATION_CREDENTIALS leads nowhere",
    id: "adc.leads-nowhere",
    typed: ["export GOOGLE_APPLICATION_CREDENTIALS=/nowhere/adc.json"],
  },
  {
    what: "the ADC file is not whole",
    id: "adc.broken",
    break: () => put(places.adc, '{"type": "authorized_user"'),
    mend: () => rm(places.adc),
  },
  {
    what: "AWS keys are set in the shell",
    id: "shadows.aws-keys",
    typed: ["export AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=abc"],
  },
  {
    what: "AWS_PROFILE names no profile",
    id: "shadows.unknown-profile",
    typed: ["export AWS_PROFILE=nobody"],
  },
  {
    what: "a comment stands in Claude Code's settings",
    id: "claude.invalid",
    break: () => withLines("  // mine"),
  },
  {
    what: "a variable of Claude Code's settings is a number",
    id: "claude.shape",
    break: () => withVariables('    "MAX_MCP_OUTPUT_TOKENS": 1000,'),
  },
  {
    what: "a helper calls a client that is not there",
    id: "claude.helper-missing",
    break: () => withOther(/"[^"]*(\/evercred aws export)/, '"/nowhere/evercred aws export'),
  },
  {
    what: "a helper calls a client that may not be run",
    id: "claude.helper-not-executable",
    break: async () => {
      const copy = join(house.home, "bin", "evercred");
      await put(copy, "", 0o600);
      await withOther(/"[^"]*\/evercred aws export[^"]*"/, `"${copy} aws export --profile p"`);
    },
    // It may be run then, and is another one: that is said next.
    leaves: ["claude.helper-other"],
  },
  {
    what: "a helper calls the client of another installation",
    id: "claude.helper-other",
    break: async () => {
      const copy = join(house.home, "bin", "evercred");
      await put(copy, "#!/bin/sh\n", 0o700);
      await withOther(/"[^"]*\/evercred aws export[^"]*"/, `"${copy} aws export --profile p"`);
    },
  },
  {
    what: "a helper names a profile that is not there",
    id: "claude.helper-unknown-name",
    break: () => withOther("aws export --profile p", "aws export --profile q"),
  },
  {
    what: "a helper calls the wrong verb",
    id: "claude.helper-verb",
    break: () => withOther("aws export --profile p", "aws login --profile p"),
  },
  {
    what: "another helper of the project wins, and works",
    id: "claude.helper-overridden",
    folder: () => project,
    break: async () => {
      await trusted(project);
      await put(
        join(project, ".claude", "settings.json"),
        '{\n  "awsCredentialExport": "/bin/true"\n}\n',
      );
    },
  },
  {
    what: "the folder of a helper is not trusted",
    id: "claude.not-trusted",
    folder: () => project,
    break: async () => {
      await rm(join(house.home, ".claude.json"), { force: true });
      await put(
        join(project, ".claude", "settings.local.json"),
        JSON.stringify({ awsAuthRefresh: `${house.shim} aws login` }),
      );
    },
    mend: async (remedy) => {
      expect(remedy).toMatch(/^Start claude in that folder/);
      await trusted(project);
      await rm(join(project, ".claude", "settings.local.json"));
    },
  },
  {
    what: "two providers are switched on",
    id: "claude.two-providers",
    break: () => withVariables('    "CLAUDE_CODE_USE_VERTEX": "1",'),
  },
  {
    what: "no region is set for Bedrock",
    id: "claude.no-region",
    break: () => withOther(/ *"AWS_REGION": "us-east-1",\n/, ""),
  },
  {
    what: "the helper is missing",
    id: "claude.no-helper",
    break: () => withOther(/ *"awsCredentialExport": [^\n]*\n/, ""),
  },
  {
    what: "a secret of the settings outranks the helper",
    id: "claude.secret-outranks",
    break: () => withVariables('    "AWS_BEARER_TOKEN_BEDROCK": "planted",'),
  },
  {
    what: "VS Code's variables are no list",
    id: "editors.shape",
    break: () =>
      put(
        places.code,
        '{\n  "claudeCode.environmentVariables": { "AWS_REGION": "eu-west-1" }\n}\n',
      ),
    mend: async (remedy) => {
      const [, list = ""] = /^Write it as (.*) \(line/.exec(remedy) ?? [];
      const value = list.replace("NAME", "AWS_REGION").replace("VALUE", "us-east-1");
      await put(places.code, `{\n  "claudeCode.environmentVariables": ${value}\n}\n`);
    },
  },
  {
    what: "the entry for the login starts what is not there",
    id: "autostart.program-missing",
    break: () =>
      put(places.autostart, "[Desktop Entry]\nType=Application\nExec=/nowhere/evercred %U\n"),
  },
];

test("a machine that is well has nothing to be mended", async () => {
  const { code, findings } = await examined(house, shell());
  expect(findings.filter(isBad)).toEqual([]);
  expect(code).toBe(0);
});

test.each(breakages)("$what: it comes first, and its remedy works", async (breakage) => {
  const { id, typed = [], folder, mend, leaves = [] } = breakage;
  await breakage.break?.();
  const before = shell(folder?.(), typed);
  const { findings, code } = await examined(house, before);
  const [first] = findings;
  expect(first).toMatchObject({ id });
  expect(code).toBe(findings.some(({ verdict }) => verdict === "failure") ? 1 : 0);
  const remedy = first?.remedy ?? "";
  await mend?.(remedy);
  const after = mend === undefined ? await followed(remedy, before) : before;
  const mended = await examined(house, after);
  expect(mended.findings.filter(isBad).map((each) => each.id)).toEqual(leaves);
});

/** Somebody has told Claude Code to trust a folder. */
const trusted = (folder: string): Promise<void> =>
  put(
    join(house.home, ".claude.json"),
    JSON.stringify({ projects: { [folder]: { hasTrustDialogAccepted: true } } }),
  );

test("without a daemon a wrong command line is refused as with one", async () => {
  expect(await house.evercred("daemon", "stop")).toMatchObject({ code: 0 });
  const refused = await house.evercred("doctor", "--jsno");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("Did you mean --json?");
});
