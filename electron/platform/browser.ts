import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Browser } from "../core/person.ts";
import type { Secret } from "../core/secret.ts";
import type { SourceId } from "../core/source.ts";
import { overruledTrouble } from "../protocol/troubles.ts";
import type { Trouble } from "../protocol/view.ts";
import { reasonOf } from "./atomic-file.ts";
import { browserCommands } from "./browser-words.ts";
import { SecretPages } from "./secret-page.ts";
import { webPageOf } from "./web-page.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface BrowserOptions {
  /** The daemon's own. */
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** The configured command for a source, or for what is of none, with `{url}` in one of its words; asked at each use. */
  configured(source: SourceId | undefined): readonly string[] | undefined;
  /** Why a program may not be run, by its path, or by its name where it is not found; undefined where it may. */
  refusal(program: string): EvercredError | undefined;
  /** A folder that only we can enter, for pages whose address is a secret. */
  readonly folder: string;
  readonly log: Log;
  /** Called after each change of `troubles`. */
  changed(): void;
}

/** A program that has not failed by then is showing the page, in milliseconds. */
const settledMs = 2_000;

/** Opens pages by the configured command, else by the daemon's BROWSER, else as the system does. Never by a shell. */
export class SystemBrowser implements Browser {
  readonly #options: BrowserOptions;
  readonly #pages: SecretPages;
  #refused: EvercredError | undefined;

  constructor(options: BrowserOptions) {
    this.#options = options;
    this.#pages = new SecretPages(options.folder);
  }

  /** What is wrong with what was chosen, for people. */
  get troubles(): readonly Trouble[] {
    const instead = "Pages are opened as the system does.";
    return this.#refused === undefined ? [] : [overruledTrouble(this.#refused, instead)];
  }

  canOpen(source: SourceId): boolean {
    const { env, platform } = this.#options;
    if (this.#chosen(source).commands.length > 0) return true;
    if (platform === "darwin" || platform === "win32") {
      return env["SSH_CONNECTION"] === undefined && env["SSH_TTY"] === undefined;
    }
    const display = isSet(env["DISPLAY"]) || isSet(env["WAYLAND_DISPLAY"]);
    return display && isOnPath("xdg-open", env["PATH"]);
  }

  async open(url: string, source: SourceId): Promise<boolean> {
    const page = webPageOf(url);
    if (page !== undefined) return this.#show(page, source);
    this.#options.log.error("browser: not a page", { source });
    return false;
  }

  /**
   * Opens an address that is itself a secret, by a file that leads there: no command line, which others can read,
   * holds it. False where that is known to have failed.
   */
  async openSecret(url: Secret): Promise<boolean> {
    const { log } = this.#options;
    try {
      const page = await this.#pages.write(url);
      if (page !== undefined) return await this.#show(page, undefined);
      log.error("browser: not a page");
    } catch (thrown) {
      log.error("browser: no page written", { reason: reasonOf(thrown) });
    }
    return false;
  }

  /** Removes the pages that lead to secrets. */
  close(): void {
    this.#pages.close();
  }

  /** Starts the commands, one after the other, until one works. */
  async #show(page: string, source: SourceId | undefined): Promise<boolean> {
    const { platform, log } = this.#options;
    const { commands, refused } = this.#chosen(source);
    this.#blame(refused);
    for (const words of commands.length > 0 ? commands : [systemCommand(platform)]) {
      const [program = "", ...args] = words.map((word) => word.replaceAll("{url}", page));
      const failure = await this.#start(program, args, refused === undefined);
      if (failure === undefined) return true;
      log.warn("browser: not opened", { source, program, reason: failure });
    }
    return false;
  }

  /** What a person has chosen, as far as it may be run: the first of these commands that works. Empty: the system's. */
  #chosen(source: SourceId | undefined): Chosen {
    const { env, platform } = this.#options;
    const configured = this.#options.configured(source);
    const all =
      configured === undefined ? browserCommands(env["BROWSER"] ?? "", platform) : [configured];
    const commands: (readonly string[])[] = [];
    let refused: EvercredError | undefined;
    for (const words of all) {
      const refusal = this.#options.refusal(pathOf(words[0] ?? "", env["PATH"]));
      if (refusal === undefined) commands.push(words);
      else refused = refusal;
    }
    return { commands, refused };
  }

  #blame(refused: EvercredError | undefined): void {
    const isNew = this.#refused?.message !== refused?.message;
    this.#refused = refused;
    if (!isNew) return;
    const { log } = this.#options;
    if (refused !== undefined) log.warn("browser: not allowed");
    this.#options.changed();
  }

  /** Why the program did not open the page; undefined where it has, or is at it. */
  #start(
    program: string,
    args: readonly string[],
    maySeeBrowser: boolean,
  ): Promise<string | undefined> {
    const env = withoutSecrets(this.#options.env);
    return new Promise((resolve) => {
      const child = spawn(program, args, {
        detached: true,
        stdio: "ignore",
        windowsHide: true,
        // By that variable the system's own opener would run what was refused.
        env: maySeeBrowser ? env : { ...env, BROWSER: undefined },
      });
      const timer = setTimeout(() => resolve(undefined), settledMs);
      child.once("error", (error) => {
        clearTimeout(timer);
        resolve(reasonOf(error));
      });
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        resolve(code === 0 ? undefined : `exit ${String(code ?? signal)}`);
      });
      child.unref();
    });
  }
}

const systemCommand = (platform: NodeJS.Platform): readonly string[] => {
  if (platform === "darwin") return ["open", "{url}"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", "{url}"];
  return ["xdg-open", "{url}"];
};

const secretName = /secret|token|passw|passphrase|api_?key|access_?key|private_?key|credential/iu;

/** A browser and its extensions need none of the secrets that a person's environment may hold. */
const withoutSecrets = (env: Environment): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !secretName.test(name)));

const isSet = (value: string | undefined): boolean => value !== undefined && value !== "";

const isOnPath = (program: string, path: string | undefined): boolean =>
  pathOf(program, path) !== program;

/** Where a program is; its name where it is not found. */
const pathOf = (program: string, path = ""): string => {
  const isPath = /[/\\]/u.test(program);
  const places = isPath ? [] : path.split(delimiter).filter((folder) => folder !== "");
  return places.map((folder) => join(folder, program)).find(isProgram) ?? program;
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** What a person has chosen to open pages with, and what of it is not allowed. */
interface Chosen {
  readonly commands: readonly (readonly string[])[];
  readonly refused: EvercredError | undefined;
}
