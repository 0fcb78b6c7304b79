import { readFile } from "node:fs/promises";
import { type IncomingMessage, request as requestPlainly } from "node:http";
import { type Agent, request as requestSecurely } from "node:https";
import { fileURLToPath } from "node:url";
import { EvercredError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";
import { printable } from "./printable.ts";
import type { Problem } from "./problem.ts";

export interface PacFileOptions {
  /** A URL (https, http or file), or a path. */
  readonly address: string;
  /** For https; it must need no proxy, since it is this file that says which. */
  readonly agent: Agent;
  readonly log: Log;
  /** Called when `problem` is another one. */
  readonly changed: () => void;
}

/** How long a file is good that was had, and how long one that was not is not asked for again. */
const goodMs = 60 * 60_000;
const badMs = 60_000;

/** How long fetching it may take. */
const fetchMs = 10_000;

/** More than any company needs. */
const maxBytes = 1 << 20;

/** The script that says which proxies to use (proxy auto-configuration). It is fetched when it is first needed. */
export class PacFile {
  readonly #options: PacFileOptions;
  #script: string | undefined;
  #problem: Problem | undefined;
  #fetched: Promise<void> | undefined;
  #until = 0;

  constructor(options: PacFileOptions) {
    this.#options = options;
  }

  /** Why it cannot be had. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Its text, or that of the last time; undefined where it could never be had. Never rejects. */
  async script(): Promise<string | undefined> {
    if (this.#fetched === undefined || performance.now() >= this.#until) {
      this.#until = Number.POSITIVE_INFINITY;
      this.#fetched = this.#fetch();
    }
    await this.#fetched;
    return this.#script;
  }

  /** It is fetched anew when it is needed next. */
  forget(): void {
    this.#fetched = undefined;
  }

  /** Has it known that what the script says of a host names no proxy; one that runs always says something. */
  saysNoProxy(host: string, answer: string): void {
    const { address, changed } = this.#options;
    const said = answer === "" ? "" : ` (it says: ${printable(answer)})`;
    const sentence = `The PAC file ${address} does not say which proxy leads to ${host}${said}, so none is used.`;
    if (this.#problem?.sentence === sentence) return;
    this.#problem = problemWith(sentence);
    changed();
  }

  async #fetch(): Promise<void> {
    const { log, changed } = this.#options;
    const before = this.#problem;
    try {
      this.#script = await this.#read();
      this.#problem = undefined;
    } catch (thrown) {
      this.#problem = this.#problemOf(thrown);
      log.warn("network: no PAC file", { reason: reasonOf(thrown) });
    }
    this.#until = performance.now() + (this.#problem === undefined ? goodMs : badMs);
    if (this.#problem?.sentence !== before?.sentence) changed();
  }

  async #read(): Promise<string> {
    const { address, agent } = this.#options;
    if (/^https?:/iu.test(address)) return fetched(new URL(address), agent);
    const path = /^file:/iu.test(address) ? fileURLToPath(address) : address;
    return checked(await readFile(path, "utf8"));
  }

  #problemOf(thrown: unknown): Problem {
    const why = thrown instanceof EvercredError ? `: ${thrown.message}` : ` (${reasonOf(thrown)}).`;
    const instead =
      this.#script === undefined
        ? "Until it is there no proxy is used."
        : "Until it is there the last one counts.";
    return problemWith(`The PAC file ${this.#options.address} cannot be had${why} ${instead}`);
  }
}

const problemWith = (sentence: string): Problem => ({
  severity: "error",
  file: "network.proxy",
  line: undefined,
  sentence,
  remedy: "Correct network.proxy, or ask whoever runs the network.",
});

/** It is asked for directly. A redirect is no PAC file. */
const fetched = async (url: URL, agent: Agent): Promise<string> => {
  const signal = AbortSignal.timeout(fetchMs);
  const options = { signal, headers: { accept: "application/x-ns-proxy-autoconfig, */*" } };
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const request =
      url.protocol === "https:"
        ? requestSecurely(url, { ...options, agent }, resolve)
        : requestPlainly(url, { ...options, agent: false }, resolve);
    request.once("error", reject);
    request.end();
  });
  if (reply.statusCode !== 200) {
    reply.destroy();
    throw new EvercredError("reply-invalid", `${url.host} answers ${reply.statusCode ?? 0}.`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if ((length += chunk.length) > maxBytes) break;
  }
  return checked(Buffer.concat(chunks).toString("utf8"));
};

/** Sign-in pages of networks stand in the way of anything. */
const checked = (text: string): string => {
  if (text.length <= maxBytes && /\bFindProxyForURL\b/u.test(text)) return text;
  throw new EvercredError("reply-invalid", "What is there is no PAC file.");
};
