import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { sourceIdOf } from "../../electron/core/source.ts";
import { type Environment, SystemBrowser } from "../../electron/platform/browser.ts";
import { browserCommands } from "../../electron/platform/browser-words.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

const corp = sourceIdOf("corp");
const url = "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD&x=$(id)%20;'\"#/a";
const asWritten = new URL(url).href;

/** A program that notes its arguments and environment, then ends with the code or stays. */
interface Program {
  readonly path: string;
  /** Undefined as long as nobody has started it. */
  args(): string[] | undefined;
  env(): string;
}

function programNamed(name: string, folder: string, end = "exit 0"): Program {
  const path = join(folder, name);
  const notes = `${path}.args`;
  writeFileSync(
    path,
    `#!/bin/sh\nenv > '${path}.env'\nprintf '%s\\n' "$@" > '${notes}.new'\nmv '${notes}.new' '${notes}'\n${end}\n`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    args: () => (existsSync(notes) ? readFileSync(notes, "utf8").trimEnd().split("\n") : undefined),
    env: () => readFileSync(`${path}.env`, "utf8"),
  };
}

function browserWith(
  env: Environment,
  configured?: readonly string[],
  platform: NodeJS.Platform = "linux",
  refusal: (program: string) => EvercredError | undefined = () => undefined,
): { readonly browser: SystemBrowser; readonly folder: string; readonly log: MemoryLog } {
  const log = new MemoryLog();
  const folder = join(temporaryFolder(), "run", "pages");
  const browser = new SystemBrowser({
    ...{ env, platform, folder, log },
    configured: () => configured,
    refusal,
    changed: () => undefined,
  });
  return { browser, folder, log };
}

const path = process.env["PATH"];

describe("opening a page", () => {
  test("uses the configured command, with the address in place of {url}, and no shell", async () => {
    const folder = temporaryFolder();
    const firefox = programNamed("fire fox", folder);
    const other = programNamed("other", folder);
    const { browser } = browserWith({ PATH: path, BROWSER: other.path }, [
      firefox.path,
      "-P",
      "my work",
      "--page={url}",
    ]);
    expect(await browser.open(url, corp)).toBe(true);
    expect(firefox.args()).toEqual(["-P", "my work", `--page=${asWritten}`]);
    expect(other.args()).toBeUndefined();
  });

  test("uses BROWSER of the daemon where nothing is configured, the address last", async () => {
    const program = programNamed("b", temporaryFolder());
    const { browser } = browserWith({ PATH: path, BROWSER: `${program.path} --new "a b"` });
    expect(await browser.open(url, corp)).toBe(true);
    expect(program.args()).toEqual(["--new", "a b", asWritten]);
  });

  test("uses the first command of BROWSER that works", async () => {
    const folder = temporaryFolder();
    const failing = programNamed("failing", folder, "exit 3");
    const good = programNamed("good", folder);
    const spare = programNamed("spare", folder);
    const all = ["/nonexistent/b", `${failing.path} %s -x`, good.path, spare.path].join(":");
    const { browser, log } = browserWith({ PATH: path, BROWSER: all });
    expect(await browser.open(url, corp)).toBe(true);
    expect(failing.args()).toEqual([asWritten, "-x"]);
    expect(good.args()).toEqual([asWritten]);
    expect(spare.args()).toBeUndefined();
    expect(log.lines.map(({ fields }) => fields["reason"])).toEqual(["ENOENT", "exit 3"]);
  });

  test("uses xdg-open where nothing else is said", async () => {
    const folder = temporaryFolder();
    const opener = programNamed("xdg-open", folder);
    const { browser } = browserWith({ PATH: `${folder}:${path}`, DISPLAY: ":0" });
    expect(await browser.open(url, corp)).toBe(true);
    expect(opener.args()).toEqual([asWritten]);
  });

  test("is false where the program is missing or fails, and does not try another than the configured", async () => {
    const folder = temporaryFolder();
    const other = programNamed("other", folder);
    const env = { PATH: path, BROWSER: other.path };
    expect(await browserWith(env, ["/nonexistent/b", "{url}"]).browser.open(url, corp)).toBe(false);
    const failing = programNamed("failing", folder, "exit 1");
    expect(await browserWith(env, [failing.path, "{url}"]).browser.open(url, corp)).toBe(false);
    const killed = programNamed("killed", folder, "kill -9 $$");
    expect(await browserWith(env, [killed.path, "{url}"]).browser.open(url, corp)).toBe(false);
    expect(other.args()).toBeUndefined();
  });

  test("does not wait for a browser that stays open, nor ends it", async () => {
    const folder = temporaryFolder();
    const staying = programNamed("b", folder, `echo $$ > '${folder}/pid'; exec sleep 60`);
    const { browser } = browserWith({ PATH: path }, [staying.path, "{url}"]);
    expect(await browser.open(url, corp)).toBe(true);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    process.kill(pid, "SIGKILL");
  });

  test.each([
    "file:///etc/passwd",
    "http://example.com/",
    "http://127.0.0.1.example.com/",
    "javascript:alert(1)",
    "-profile",
    "",
  ])("refuses '%s'", async (address) => {
    const program = programNamed("b", temporaryFolder());
    const { browser } = browserWith({ PATH: path }, [program.path, "{url}"]);
    expect(await browser.open(address, corp)).toBe(false);
    expect(program.args()).toBeUndefined();
  });

  test("allows pages of this computer", async () => {
    const program = programNamed("b", temporaryFolder());
    const { browser } = browserWith({ PATH: path }, [program.path, "{url}"]);
    expect(await browser.open("http://127.0.0.1:8080/a", corp)).toBe(true);
    expect(program.args()).toEqual(["http://127.0.0.1:8080/a"]);
  });

  test("gives the browser none of the secrets in the environment, and never logs the address", async () => {
    const program = programNamed("b", temporaryFolder(), "exit 1");
    const secrets = {
      AWS_SECRET_ACCESS_KEY: "hush",
      AWS_SESSION_TOKEN: "hush",
      ANTHROPIC_API_KEY: "hush",
      CLAUDE_CODE_CLIENT_KEY_PASSPHRASE: "hush",
    };
    const { browser, log } = browserWith({ PATH: path, LANG: "C", ...secrets }, [
      program.path,
      "{url}",
    ]);
    await browser.open(url, corp);
    expect(program.env()).not.toContain("hush");
    expect(program.env()).toContain("LANG=C");
    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain("user_code");
  });
});

describe("an address that is a secret", () => {
  const secret = new Secret("https://signin.example.com/federation?SigninToken=hush&a=\"'<b>");
  const escaped = "https://signin.example.com/federation?SigninToken=hush&amp;a=%22%27%3Cb%3E";

  test("is opened by a file that leads there, not by a command line", async () => {
    const program = programNamed("b", temporaryFolder());
    const { browser, folder, log } = browserWith({ PATH: path }, [program.path, "{url}"]);
    expect(await browser.openSecret(secret)).toBe(true);
    const [name] = readdirSync(folder);
    const file = join(folder, name!);
    expect(program.args()).toEqual([pathToFileURL(file).href]);
    expect([folder, file].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o600]);
    const page = readFileSync(file, "utf8");
    expect(page).toContain(`<meta http-equiv="refresh" content="0;url=${escaped}">`);
    expect(page).toContain(`href="${escaped}"`);
    expect(page).toContain('<meta name="referrer" content="no-referrer">');
    expect(page).not.toContain("script");
    expect(JSON.stringify([program.args(), program.env(), log.lines])).not.toContain("hush");
  });

  test("uses the command for pages of no source", async () => {
    const program = programNamed("b", temporaryFolder());
    const asked: unknown[] = [];
    const browser = new SystemBrowser({
      env: { PATH: path },
      platform: "linux",
      folder: temporaryFolder(),
      log: new MemoryLog(),
      configured: (source) => {
        asked.push(source);
        return [program.path, "{url}"];
      },
      refusal: () => undefined,
      changed: () => undefined,
    });
    expect(await browser.openSecret(secret)).toBe(true);
    expect(asked).toEqual([undefined]);
  });

  test("stands in its file for a minute, or until the end", async () => {
    const program = programNamed("b", temporaryFolder());
    const { browser, folder } = browserWith({ PATH: path }, [program.path, "{url}"]);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    await browser.openSecret(secret);
    vi.advanceTimersByTime(59_999);
    expect(readdirSync(folder)).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(readdirSync(folder)).toEqual([]);
    await browser.openSecret(secret);
    await browser.openSecret(secret);
    browser.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is not opened where it is none, the file cannot be written or the program fails", async () => {
    const program = programNamed("b", temporaryFolder(), "exit 1");
    const { browser, folder, log } = browserWith({ PATH: path }, [program.path, "{url}"]);
    expect(await browser.openSecret(new Secret("javascript:hush"))).toBe(false);
    expect(program.args()).toBeUndefined();
    writeFileSync(dirname(folder), "");
    expect(await browser.openSecret(secret)).toBe(false);
    expect(program.args()).toBeUndefined();
    rmSync(dirname(folder));
    expect(await browser.openSecret(secret)).toBe(false);
    expect(program.args()).toHaveLength(1);
    expect(log.lines.map(({ event }) => event)).toEqual([
      "browser: not a page",
      "browser: no page written",
      "browser: not opened",
    ]);
    expect(JSON.stringify(log.lines)).not.toContain("hush");
  });
});

describe("whether a page can be opened", () => {
  const folderWithOpener = (): string => {
    const folder = temporaryFolder();
    programNamed("xdg-open", folder);
    return folder;
  };

  test("on Linux: with a display and xdg-open", () => {
    const PATH = folderWithOpener();
    const can = (env: Environment): boolean => browserWith(env).browser.canOpen(corp);
    expect(can({ PATH, DISPLAY: ":0" })).toBe(true);
    expect(can({ PATH, WAYLAND_DISPLAY: "wayland-0", DISPLAY: "" })).toBe(true);
    expect(can({ PATH, DISPLAY: "" })).toBe(false);
    expect(can({ PATH })).toBe(false);
    expect(can({ PATH: temporaryFolder(), DISPLAY: ":0" })).toBe(false);
  });

  test("anywhere: with a configured command or BROWSER", () => {
    expect(browserWith({}, ["b", "{url}"]).browser.canOpen(corp)).toBe(true);
    expect(browserWith({ BROWSER: "b" }).browser.canOpen(corp)).toBe(true);
    expect(browserWith({ BROWSER: " : " }).browser.canOpen(corp)).toBe(false);
  });

  test.each(["darwin", "win32"] as const)("on %s: always, except over SSH", (platform) => {
    const can = (env: Environment): boolean =>
      browserWith(env, undefined, platform).browser.canOpen(corp);
    expect(can({})).toBe(true);
    expect(can({ SSH_CONNECTION: "1 2 3 4" })).toBe(false);
    expect(can({ SSH_TTY: "/dev/pts/1" })).toBe(false);
  });
});

test("BROWSER is parted into commands and words as shells part them", () => {
  expect(browserCommands(`a:"b c" --d='e f'g %s:%s`, "linux")).toEqual([
    ["a", "{url}"],
    ["b c", "--d=e fg", "{url}"],
    ["{url}"],
  ]);
  expect(browserCommands(String.raw`"C:\Program Files\b.exe" -x`, "win32")).toEqual([
    [String.raw`C:\Program Files\b.exe`, "-x", "{url}"],
  ]);
});

describe("a program that is not allowed", () => {
  const allowed = (...paths: readonly string[]) => {
    const error = new EvercredError("policy-refused", "Example Corp does not allow that program.");
    return (program: string) => (paths.includes(program) ? undefined : error);
  };

  /** What opens pages on this system, and the variable that it saw. */
  const opener = (folder: string): { readonly notes: () => string } => {
    const notes = join(folder, "opened");
    const script = `#!/bin/sh\necho "$1 BROWSER=\${BROWSER-none}" >> '${notes}'\n`;
    writeFileSync(join(folder, "xdg-open"), script, { mode: 0o755 });
    return { notes: () => readFileSync(notes, "utf8") };
  };

  test.each([
    ["of the configuration", true],
    ["of BROWSER", false],
  ])("%s is not run, the system's opener is, and that is said", async (_, isConfigured) => {
    const folder = temporaryFolder();
    const program = programNamed("evil", folder);
    const system = opener(folder);
    const env = { PATH: `${folder}:${path ?? ""}`, DISPLAY: ":1", BROWSER: "evil" };
    const configured = isConfigured ? [program.path, "{url}"] : undefined;
    const { browser } = browserWith(env, configured, "linux", allowed("/usr/bin/other"));
    expect(browser.canOpen(corp)).toBe(true);
    expect(browser.troubles).toEqual([]);
    expect(await browser.open("https://corp.example/", corp)).toBe(true);
    expect(program.args()).toBe(undefined);
    // By that variable the opener would run what was refused.
    await eventually(() => expect(system.notes()).toBe("https://corp.example/ BROWSER=none\n"));
    expect(browser.troubles).toEqual([
      {
        code: "policy-refused",
        sentence: "Example Corp does not allow that program. Pages are opened as the system does.",
        remedy: "Ask your administrator.",
      },
    ]);
  });

  test("is passed over where BROWSER names another one that is", async () => {
    const folder = temporaryFolder();
    const evil = programNamed("evil", folder);
    const good = programNamed("good", folder);
    const env = { PATH: `${folder}:${path ?? ""}`, BROWSER: "evil:good" };
    const { browser } = browserWith(env, undefined, "linux", allowed(good.path));
    expect(await browser.open("https://corp.example/", corp)).toBe(true);
    expect(evil.args()).toBe(undefined);
    expect(good.args()).toEqual(["https://corp.example/"]);
  });

  test("leaves no way to open a page where there is no display", () => {
    const env = { PATH: path, BROWSER: "evil" };
    const { browser } = browserWith(env, undefined, "linux", allowed());
    expect(browser.canOpen(corp)).toBe(false);
  });
});
