import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { basename, delimiter, isAbsolute } from "node:path";
import type { Log } from "../core/log.ts";
import type { Environment } from "./browser.ts";

export interface LoginShellOptions {
  /** SHELL in it names the shell. */
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** The shell that the system has for this user; null where it has none. */
  readonly shell: string | null;
  readonly log: Log;
  /** How long the shell may take, in milliseconds; undefined: five seconds. */
  readonly limitMs?: number;
}

/** Some people's settings do a lot, and a machine on which somebody has just logged in is busy. */
const usualLimitMs = 5_000;

/** Stands between two values, and in none of them. */
const separator = "\u001e";

/** What it may print: greetings, and the answer. */
const mostBytes = 256 * 1024;

/** Those that read the settings of a terminal by these flags; zsh and bash want to be interactive for all of them. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  bash: ["-l", "-i", "-c"],
  zsh: ["-l", "-i", "-c"],
  fish: ["-l", "-i", "-c"],
  sh: ["-l", "-i", "-c"],
  dash: ["-l", "-i", "-c"],
  ksh: ["-l", "-i", "-c"],
};

/** The shell in which the user's terminals start: a desktop starts us without what it sets. */
export class LoginShell {
  readonly #options: LoginShellOptions;
  #path: Promise<string | undefined> | undefined;

  constructor(options: LoginShellOptions) {
    this.#options = options;
  }

  /**
   * Puts what the shell has in its PATH in front of that of `env`. Once it has been asked it is not asked again; where it
   * does not answer in time nothing changes. Never rejects.
   */
  async extend(env: Record<string, string | undefined>): Promise<void> {
    const path = await (this.#path ??= this.#ask());
    if (path !== undefined) env["PATH"] = joined(path, env["PATH"] ?? "");
  }

  /**
   * What these variables are in the shell, asked anew each time; those that are not set, or empty, are left out.
   * Undefined where it does not answer. They may be secrets. Never rejects.
   */
  async variables(names: readonly string[]): Promise<Readonly<Record<string, string>> | undefined> {
    const values = await this.#valuesOf(names, "variables");
    if (values === undefined) return undefined;
    const pairs = names.map((name, index): [string, string] => [name, values[index] ?? ""]);
    return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
  }

  async #ask(): Promise<string | undefined> {
    return (await this.#valuesOf(["PATH"], "PATH"))?.[0];
  }

  async #valuesOf(
    names: readonly string[],
    what: "PATH" | "variables",
  ): Promise<readonly string[] | undefined> {
    const { env, platform, shell, log, limitMs = usualLimitMs } = this.#options;
    const program = env["SHELL"] || shell;
    const flags = program === null ? undefined : flagsOf[basename(program)];
    if (platform === "win32" || program === null || flags === undefined) return undefined;
    const values = await answerOf(program, flags, env, names, limitMs);
    if (values === undefined) log.warn(`login shell: no ${what}`, { shell: program });
    return values;
  }
}

/** What people's settings print stands around it, before each command too (`trap … DEBUG`). */
const answerOf = (
  program: string,
  flags: readonly string[],
  env: Environment,
  names: readonly string[],
  limitMs: number,
): Promise<readonly string[] | undefined> =>
  new Promise((resolve) => {
    const [first, second] = [randomUUID(), randomUUID()];
    const mark = `${first}-${second}`;
    const answer = new RegExp(`${mark}([^]*)${mark}`, "u");
    // Shells differ in how they show a list, and run nothing of their own inside another program. The mark stands only in
    // what that prints: the line itself may be printed too.
    const values = names.map((name) => `"$${name}"`).join(" ");
    const form = names.map(() => "%s").join(String.raw`\036`);
    const line = `/bin/sh -c 'printf "%s-%s${form}%s-%s\\n" ${first} ${second} ${values} ${first} ${second}'`;
    // In a session of its own it has no terminal to wait for, and ends with all that it has started.
    const child = spawn(program, [...flags, line], {
      env: { ...env, TERM: "dumb" },
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    let text = "";
    const settle = (): void => {
      resolve(answer.exec(text)?.[1]?.split(separator));
    };
    const kill = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
      child.stdout.destroy();
      settle();
    };
    // The shell's own end is not enough: what it has started may hold its output.
    const timer = setTimeout(kill, limitMs);
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.length > mostBytes) kill();
      // It may go on with what people have it do at its end.
      else if (answer.test(text)) settle();
    });
    child.once("error", settle);
    child.once("close", () => {
      clearTimeout(timer);
      settle();
    });
  });

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
};

/** Each place once, in its first position. What is not absolute would depend on where we were started. */
const joined = (...paths: readonly string[]): string =>
  [
    ...new Set(paths.flatMap((path) => path.split(delimiter)).filter((place) => isAbsolute(place))),
  ].join(delimiter);
