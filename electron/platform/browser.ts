import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Log } from "../core/log.ts";
import type { Browser } from "../core/person.ts";
import type { Secret } from "../core/secret.ts";
import type { SourceId } from "../core/source.ts";
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
  /** A folder that only we can enter, for pages whose address is a secret. */
  readonly folder: string;
  readonly log: Log;
}

/** A program that has not failed by then is showing the page, in milliseconds. */
const settledMs = 2_000;

/** Opens pages by the configured command, else by the daemon's BROWSER, else as the system does. Never by a shell. */
export class SystemBrowser implements Browser {
  readonly #options: BrowserOptions;
  readonly #pages: SecretPages;

  constructor(options: BrowserOptions) {
    this.#options = options;
    this.#pages = new SecretPages(options.folder);
  }

  canOpen(source: SourceId): boolean {
    const { env, platform } = this.#options;
    if (this.#chosen(source) !== undefined) return true;
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
    for (const words of this.#chosen(source) ?? [systemCommand(platform)]) {
      const [program = "", ...args] = words.map((word) => word.replaceAll("{url}", page));
      const failure = await this.#start(program, args);
      if (failure === undefined) return true;
      log.warn("browser: not opened", { source, program, reason: failure });
    }
    return false;
  }

  /** What a person has chosen: the first of these commands that works. */
  #chosen(source: SourceId | undefined): readonly (readonly string[])[] | undefined {
    const { env, platform } = this.#options;
    const configured = this.#options.configured(source);
    if (configured !== undefined) return [configured];
    const commands = browserCommands(env["BROWSER"] ?? "", platform);
    return commands.length === 0 ? undefined : commands;
  }

  /** Why the program did not open the page; undefined where it has, or is at it. */
  #start(program: string, args: readonly string[]): Promise<string | undefined> {
    return new Promise((resolve) => {
      const child = spawn(program, args, {
        detached: true,
        stdio: "ignore",
        windowsHide: true,
        env: withoutSecrets(this.#options.env),
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

const isOnPath = (program: string, path = ""): boolean =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
