import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { SignInRequest } from "../../electron/core/source.ts";
import { plus } from "../../electron/core/time.ts";
import {
  findProgram,
  type SignInProgram,
  signInWithProgram,
} from "../../electron/sources/program.ts";
import { FakeClock, settle } from "../fakes/clock.ts";

const second = 1_000;
const waiting = { timeout: 20_000 };
let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "program "));
  clock = new FakeClock();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Writes a shell script; gives its path. */
const script = async (lines: string, path = "sign in"): Promise<string> => {
  const file = join(folder, path);
  await writeFile(file, `#!/bin/sh\n${lines}\n`);
  await chmod(file, 0o700);
  return file;
};

interface Run {
  readonly said: string[];
  readonly shown: SignInRequest[];
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

const start = (
  program: Partial<SignInProgram> & Pick<SignInProgram, "argv">,
  attended: Promise<void> = Promise.resolve(),
): Run => {
  const said: string[] = [];
  const shown: SignInRequest[] = [];
  const stop = new AbortController();
  const done = signInWithProgram(
    { timeoutMs: 165 * second, unset: [], ...program },
    {
      attended,
      show: (request) => void shown.push(request),
      say: (line) => void said.push(line),
    },
    clock,
    stop.signal,
  );
  done.catch(() => undefined);
  return { said, shown, stop, done };
};

/** Runs these lines of shell to their end. */
const ran = async (lines: string, more: Partial<SignInProgram> = {}): Promise<Run> => {
  const run = start({ argv: [await script(lines)], ...more });
  await run.done;
  return run;
};

const failure = async (lines: string): Promise<unknown> => {
  const run = start({ argv: [await script(lines)] });
  return run.done.catch((thrown: unknown) => thrown);
};

/** The process ids that a script has left in a file, once they are there. */
const pidsIn = (file: string): Promise<number[]> =>
  vi.waitUntil(async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.endsWith("\n") && text.trim().split(" ").map(Number);
  }, waiting);

/** Lets time pass until a run has ended. */
const ended = (run: Run): Promise<boolean> =>
  vi.waitUntil(async () => {
    await clock.advance(second);
    return Promise.race([run.done.then(() => true), settle().then(() => false)]);
  }, waiting);

/** A file, once it is there. */
const there = (file: string): Promise<string> =>
  vi.waitUntil(() => existsSync(file) && file, waiting);

const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
};

const gone = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) {
    await vi.waitUntil(async () => !(await isRunning(pid)), waiting);
  }
};

describe("a program that signs in", () => {
  test("is run to its end, without a shell, and what it prints on both outputs is said", async () => {
    const path = await script(`printf '%s|' "$@"; echo; echo 'on stderr' >&2`);
    const run = start({ argv: [path, "a b", "$HOME", "; exit 1"] });
    await run.done;
    expect(run.said.sort()).toEqual(["a b|$HOME|; exit 1|", "on stderr"]);
    expect(run.shown).toEqual([]);
    expect(clock.pending).toEqual([]);
  });

  test("has nothing on stdin, and no terminal", async () => {
    const { said } = await ran(
      `read line && echo typed; (: < /dev/tty) 2>/dev/null && echo terminal; echo end`,
    );
    expect(said).toEqual(["end"]);
  });

  test("is not started before somebody is there", async () => {
    let arrive: () => void = () => undefined;
    const attended = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const mark = join(folder, "started");
    const run = start({ argv: [await script(`: > '${mark}'`)], timeoutMs: second }, attended);
    await clock.advance(60 * second);
    await settle();
    await expect(readFile(mark)).rejects.toThrow("ENOENT");
    arrive();
    await run.done;
    await readFile(mark);
  });

  test("is not started at all where it is called off before", async () => {
    const mark = join(folder, "started");
    const run = start({ argv: [await script(`: > '${mark}'`)] }, new Promise(() => undefined));
    const reason = new EvercredError("cancelled");
    run.stop.abort(reason);
    await expect(run.done).rejects.toBe(reason);
    await expect(readFile(mark)).rejects.toThrow("ENOENT");
    const attended = new Promise<void>(() => undefined);
    const nobody = { attended, show: () => undefined, say: () => undefined };
    const program = { argv: [mark] as const, timeoutMs: second, unset: [] };
    await expect(signInWithProgram(program, nobody, clock, run.stop.signal)).rejects.toBe(reason);
  });

  test("has our variables but those that it must not have, and its own", async () => {
    vi.stubEnv("EVERCRED_TEST_OURS", "ours");
    vi.stubEnv("EVERCRED_TEST_NOT", "ours");
    const { said } = await ran(
      `echo "$EVERCRED_TEST_OURS $EVERCRED_TEST_NEW \${EVERCRED_TEST_NOT-unset}"`,
      { unset: ["EVERCRED_TEST_NOT"], set: { EVERCRED_TEST_NEW: "new" } },
    );
    expect(said).toEqual(["ours new unset"]);
  });

  test("prints the address that it would open itself, whatever browser is ours", async () => {
    vi.stubEnv("BROWSER", "/usr/bin/false");
    const run = await ran(`$BROWSER https://login.example/`, { set: { BROWSER: "/bin/false" } });
    expect(run.said).toEqual(["https://login.example/"]);
  });

  test.each([
    [{ DISPLAY: "", WAYLAND_DISPLAY: "", MIR_SOCKET: "" }, "none"],
    [{ DISPLAY: ":7", WAYLAND_DISPLAY: "" }, ""],
    [{ DISPLAY: "", WAYLAND_DISPLAY: "wayland-0" }, ""],
  ])("finds a display where there is none: %j", async (set, mir) => {
    vi.stubEnv("MIR_SOCKET", undefined);
    const { said } = await ran(`echo "$DISPLAY|$WAYLAND_DISPLAY|$MIR_SOCKET"`, { set });
    expect(said).toEqual([`${set.DISPLAY}|${set.WAYLAND_DISPLAY}|${mir}`]);
  });

  test("has its page shown once, with the end of its time", async () => {
    const startedAt = clock.now();
    const pipe = join(folder, "go on");
    const run = start({
      argv: [
        await script(
          `mkfifo '${pipe}'
           echo 'Your browser has been opened to visit: https://login.example/a' >&2
           $BROWSER https://login.example/a
           read line < '${pipe}'
           $BROWSER https://login.example/b`,
        ),
      ],
    });
    await vi.waitUntil(() => run.shown.length > 0, waiting);
    await writeFile(pipe, "\n");
    await run.done;
    expect(run.shown).toEqual([
      {
        flow: "program",
        url: "https://login.example/a",
        endsAt: plus(startedAt, 165 * second),
      },
    ]);
  });

  test("that has ended may have more to say, for a second", async () => {
    const [one, two, end] = ["one", "two", "end"].map((name) => join(folder, name));
    const late = (pipe: string): string => `read line < '${pipe}'; echo after '${pipe}'`;
    const path = await script(
      `mkfifo '${one}' '${two}'; (${late(one!)}; ${late(two!)}; : > '${end}') &`,
    );
    const run = start({ argv: [path] });
    await writeFile(await there(one!), "\n");
    await vi.waitUntil(() => run.said.length > 0, waiting);
    await ended(run);
    await writeFile(two!, "\n");
    await there(end!);
    expect(run.said).toEqual([`after ${one}`]);
  });

  test("that has ended is not waited for where another one holds its output", async () => {
    const file = join(folder, "pid");
    const run = start({ argv: [await script(`sleep 1000 & echo $! > '${file}'; echo done`)] });
    const pids = await pidsIn(file);
    await ended(run);
    expect(run.said).toEqual(["done"]);
    // It may be the browser.
    expect(await isRunning(pids[0]!)).toBe(true);
    run.stop.abort(new EvercredError("cancelled"));
    expect(await isRunning(pids[0]!)).toBe(true);
    process.kill(pids[0]!);
  });
});

test("gcloud prints its page, also where there is no display, and it is shown at once", async () => {
  vi.stubEnv("MIR_SOCKET", undefined);
  const login = ["auth", "application-default", "login"];
  const run = start({
    argv: ["gcloud", ...login],
    unset: ["DISPLAY", "WAYLAND_DISPLAY", "GOOGLE_APPLICATION_CREDENTIALS"],
    set: { CLOUDSDK_CONFIG: folder, CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1" },
  });
  await vi.waitUntil(() => run.shown.length > 0, waiting);
  const [page] = run.shown;
  const url = new URL(page!.flow === "program" ? page!.url : "");
  expect(url.host).toBe("accounts.google.com");
  expect(url.searchParams.get("redirect_uri")).toMatch(/^http:\/\/localhost:\d+\/$/);
  const reason = new EvercredError("cancelled");
  run.stop.abort(reason);
  await expect(run.done).rejects.toBe(reason);
});

describe("a program that fails", () => {
  test("is sign-in-denied, with its exit code and the last thing it said", async () => {
    expect(
      await failure("echo first; echo; printf 'ERROR: \\033[31mno such user.' >&2; exit 7"),
    ).toMatchObject({
      code: "sign-in-denied",
      message: "sign in has ended without a sign-in (exit code 7). It says: ERROR: no such user.",
      remedy: expect.stringContaining("in a terminal"),
    });
  });

  test("may have nothing to say", async () => {
    expect(await failure("exit 1")).toMatchObject({
      message: "sign in has ended without a sign-in (exit code 1).",
    });
  });

  test("may be killed", async () => {
    expect(await failure("kill -9 $$")).toMatchObject({
      code: "sign-in-denied",
      message: "sign in was killed.",
    });
  });

  test("is not quoted with what may be a token", async () => {
    const token = "ya29.a0AfB_byC-1234567890abcdefghijklmnopqrstuvwxyz";
    expect(await failure(`echo 'bad token ${token}'; exit 1`)).toMatchObject({
      message: "sign in has ended without a sign-in (exit code 1). It says: bad token ….",
    });
  });

  test("is program-missing where it is nowhere, with its name", async () => {
    await expect(start({ argv: ["no-such-program", "login"] }).done).rejects.toMatchObject({
      code: "program-missing",
      message: "The program no-such-program is not found.",
      remedy: "Install it, or name its whole path in the configuration.",
    });
  });

  test("is program-missing where the system cannot run it", async () => {
    const file = await script("");
    await writeFile(file, "#!/no/such/shell\n");
    await expect(start({ argv: [file] }).done).rejects.toMatchObject({
      code: "program-missing",
      message: `The program ${file} cannot be run (ENOENT).`,
    });
  });
});

describe("a program that does not end", () => {
  const endless = async (timeoutMs: number): Promise<{ run: Run; pids: number[] }> => {
    const file = join(folder, "pids");
    const path = await script(
      `sleep 1000 & echo $$ $! > '${file}'; echo https://login.example; wait`,
    );
    const run = start({ argv: [path], timeoutMs });
    await vi.waitUntil(() => run.said.length > 0, waiting);
    return { run, pids: await pidsIn(file) };
  };

  test("is killed when its time is over, with all that it has started", async () => {
    const { run, pids } = await endless(90 * second);
    await clock.advance(89 * second);
    expect(await isRunning(pids[0]!)).toBe(true);
    await clock.advance(second);
    await expect(run.done).rejects.toMatchObject({
      code: "timed-out",
      message: "sign in has not ended within 90 s.",
      remedy: "Start it again, or raise timeout of this source in the configuration.",
    });
    await gone(pids);
    expect(clock.pending).toEqual([]);
  });

  test("is killed when it is called off, with all that it has started", async () => {
    const { run, pids } = await endless(90 * second);
    const reason = new EvercredError("cancelled");
    run.stop.abort(reason);
    await expect(run.done).rejects.toBe(reason);
    await gone(pids);
    expect(clock.pending).toEqual([]);
  });
});

describe("a program is found", () => {
  test("by its own path, if it can be run", async () => {
    const path = await script("");
    expect(findProgram(path, {}, folder)).toBe(path);
    await chmod(path, 0o600);
    expect(findProgram(path, {}, folder)).toBeUndefined();
    expect(findProgram(folder, {}, folder)).toBeUndefined();
    expect(findProgram(join(folder, "none"), {}, folder)).toBeUndefined();
  });

  test("on the PATH, the first one that can be run", async () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => join(folder, name));
    for (const place of [a, b, c]) await mkdir(place!);
    await chmod(await script("", "a/tool"), 0o600);
    await script("", "b/tool");
    await script("", "c/tool");
    const PATH = ["", ".", "none", a, b, c].join(":");
    expect(findProgram("tool", { PATH }, folder)).toBe(join(b!, "tool"));
    expect(findProgram("other", { PATH }, folder)).toBeUndefined();
  });

  test("not where we happen to be", async () => {
    await mkdir(join(folder, "bin"));
    await script("", "bin/tool");
    const PATH = relative(process.cwd(), join(folder, "bin"));
    expect(findProgram("tool", { PATH }, folder)).toBeUndefined();
    expect(findProgram("bin/tool", { PATH: folder }, folder)).toBeUndefined();
    expect(findProgram("./tool", { PATH: join(folder, "bin") }, folder)).toBeUndefined();
    expect(findProgram("", { PATH: folder }, folder)).toBeUndefined();
  });

  test.each([".local/bin", "google-cloud-sdk/bin"])(
    "in ~/%s, also where PATH does not say so",
    async (place) => {
      await mkdir(join(folder, place), { recursive: true });
      const path = await script("", `${place}/tool`);
      expect(findProgram("tool", {}, folder)).toBe(path);
      expect(findProgram("tool", { PATH: "/usr/bin:/bin" }, folder)).toBe(path);
    },
  );

  test("where Debian has gcloud", () => {
    expect(findProgram("gcloud", { PATH: "/none" }, folder)).toBe(
      "/usr/lib/google-cloud-sdk/bin/gcloud",
    );
  });
});
