import { networkInterfaces } from "node:os";
import { isIPv6 } from "node:net";
import { EvercredError } from "../core/errors.ts";
import type { PacFile } from "./pac-file.ts";
import { printable } from "./printable.ts";
import { type Hop, hopsOf } from "./proxy-answer.ts";
import type { ProxyWithLogin } from "./proxy-tunnel.ts";
import { socksRemedy } from "./proxy-settings.ts";
import type { Way } from "./ways.ts";

/** Whoever can run a PAC script and knows what the system says of proxies: Electron, where there is one. */
export interface SystemProxy {
  /** From now on this script is asked; undefined: the system. */
  use(script: string | undefined): Promise<void>;
  /** What it says of a URL, in the words of FindProxyForURL: `PROXY a:3128; DIRECT`. */
  resolve(url: string): Promise<string>;
  /** Gives up what it is being asked, and ends a script that does not come to an end. `use` comes next. */
  giveUp(): void;
}

export interface AskedProxiesOptions {
  readonly system: SystemProxy;
  /** Undefined: the system itself is asked. */
  readonly pac: PacFile | undefined;
  readonly saidBy: string;
  /** A proxy with who it is told that we are. */
  readonly withLogin: (url: URL) => ProxyWithLogin;
}

/** A script may look names up, and a system may look for a script first. */
const askMs = 10_000;

/** How long an answer counts. */
const keptMs = 60_000;

/** Answers that are kept at a time: of more hosts than anybody's providers have. */
const mostKept = 256;

interface Kept {
  readonly ways: Promise<readonly Way[]>;
  readonly until: number;
}

/** Asks the system or a PAC script for the ways to each host. Answers are kept for a minute, on the same network. */
export class AskedProxies {
  readonly #options: AskedProxiesOptions;
  readonly #kept = new Map<string, Kept>();
  #inUse: { readonly script: string | undefined; readonly ready: Promise<void> } | undefined;
  #network = "";

  constructor(options: AskedProxiesOptions) {
    this.#options = options;
  }

  /** Rejects with `unreachable` where nobody answers in time, `proxy-refused` where only SOCKS leads there. */
  waysTo(host: string, port: number): Promise<readonly Way[]> {
    this.#lookAround();
    const name = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const now = performance.now();
    const known = this.#kept.get(name);
    if (known !== undefined && known.until > now) return known.ways;
    const ways = this.#ask(host, `https://${name}/`);
    if (this.#kept.size >= mostKept) this.#kept.clear();
    const kept: Kept = { ways, until: now + keptMs };
    this.#kept.set(name, kept);
    const forget = (): void => {
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
    };
    // Where no way was said, one may be the next time.
    ways.then((all) => {
      if (all.some(({ instead }) => instead !== undefined)) forget();
    }, forget);
    return ways;
  }

  /** In another network other proxies count, and the PAC file may be another one or none. */
  #lookAround(): void {
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
    const network = addresses.map(({ cidr }) => cidr).join();
    if (network === this.#network) return;
    this.#network = network;
    this.#kept.clear();
    this.#options.pac?.forget();
  }

  async #ask(host: string, url: string): Promise<readonly Way[]> {
    const { saidBy, withLogin } = this.#options;
    const { pac } = this.#options;
    const answer = await this.#answerTo(host, url);
    const hops = hopsOf(answer ?? "");
    const isSaid = answer !== undefined && answer.trim() !== "" && hops.length > 0;
    if (answer !== undefined && !isSaid) pac?.saysNoProxy(host, answer.trim());
    // A script that runs says something: this one does not run yet, or no more.
    if (answer?.trim() === "") this.#inUse = undefined;
    if (!isSaid && pac?.problem !== undefined) {
      return [{ proxy: undefined, saidBy, instead: pac.problem }];
    }
    const ways = hops.flatMap((hop): readonly Way[] => {
      if (hop.kind === "socks") return [];
      return [{ proxy: hop.kind === "proxy" ? withLogin(hop.url) : undefined, saidBy }];
    });
    if (ways.length > 0) return ways;
    const socks = hops.find((hop): hop is Extract<Hop, { kind: "socks" }> => hop.kind === "socks");
    if (socks === undefined) return [{ proxy: undefined, saidBy }];
    const sentence = `To ${host} only the SOCKS proxy ${printable(socks.host)} leads, says ${saidBy}, and Evercred does not speak SOCKS.`;
    throw new EvercredError("proxy-refused", sentence, { remedy: socksRemedy });
  }

  /** Undefined where there is no script to be had: the PAC file has that as its problem. */
  async #answerTo(host: string, url: string): Promise<string | undefined> {
    const { system, pac, saidBy } = this.#options;
    const script = await pac?.script();
    if (pac !== undefined && script === undefined) return undefined;
    const answer = this.#use(script).then(() => system.resolve(url));
    const sentence = `Which proxy leads to ${host} has not been said within ${askMs / 1000} s by ${saidBy}.`;
    const late = new EvercredError("unreachable", sentence, {
      remedy: "Name the proxy itself in network.proxy.",
    });
    try {
      return await inTime(answer, late);
    } catch (thrown) {
      if (thrown === late) {
        this.#inUse = undefined;
        system.giveUp();
      }
      throw thrown;
    }
  }

  #use(script: string | undefined): Promise<void> {
    if (this.#inUse === undefined || this.#inUse.script !== script) {
      this.#inUse = { script, ready: this.#options.system.use(script) };
    }
    return this.#inUse.ready;
  }
}

const inTime = async <T>(work: Promise<T>, late: Error): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), askMs);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
};
