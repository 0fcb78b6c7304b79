import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { EvercredError } from "../core/errors.ts";
import { type Clock, plus } from "../core/time.ts";
import { redirectHeaders, redirectPage } from "./redirect-page.ts";

/** Where a provider sends the browser back to: always this computer. */
export interface RedirectPlace {
  /** The exact path of the redirect. */
  readonly path: string;
  /** How its address names this computer, which providers compare letter by letter. Left out: `127.0.0.1`. */
  readonly host?: "127.0.0.1" | "localhost" | undefined;
  /** Left out, or 0: any port that is free. */
  readonly port?: number | undefined;
}

/** What a receiver waits for, and who it says it is. */
export interface LoopbackOptions extends RedirectPlace {
  /** Only a redirect that brings this is ours. */
  readonly state: string;
  readonly clock: Clock;
  readonly product: string;
  /** Of the source, for people. */
  readonly title: string;
}

/** What the provider sent the browser back with. The words are the provider's: anything may stand in them. */
export type RedirectAnswer =
  | { readonly kind: "code"; readonly code: string; readonly query: URLSearchParams }
  | { readonly kind: "error"; readonly error: string; readonly description: string };

/** A redirect whose browser still waits: it is told how the sign-in ended. */
export interface Redirect {
  readonly answer: RedirectAnswer;
  succeed(): void;
  fail(sentence: string, remedy: string): void;
}

/** How long a browser waits for the end of the sign-in before it is told to look elsewhere. */
const holdMs = 30_000;

/** A code, and the cookies that other local servers have left in the browser, are smaller. */
const maxRequestBytes = 32 * 1024;

const sameText = (a: string, b: string): boolean => {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
};

/** The value of a parameter that is there once. */
const only = (query: URLSearchParams, name: string): string | undefined => {
  const [value, ...more] = query.getAll(name);
  return more.length === 0 ? value : undefined;
};

/**
 * Waits on 127.0.0.1, on a free or a named port, for one redirect of a browser. Only a GET of the exact path with our
 * state ends the wait; anything else gets a 4xx and the wait goes on.
 */
export class LoopbackReceiver {
  readonly #options: LoopbackOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  #taken = false;
  /** The browser's connection, once its page is on the way. */
  #answered: Socket | undefined;
  #disarm: () => void = () => undefined;
  #arrive: (redirect: Redirect) => void = () => undefined;
  readonly #arrived: Promise<Redirect>;

  private constructor(options: LoopbackOptions) {
    this.#options = options;
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    const limits = {
      maxHeaderSize: maxRequestBytes,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
    };
    this.#server = createServer(limits, (request, response) => {
      this.#receive(request, response);
    });
    this.#server.maxConnections = 32;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts to listen. Rejects with `internal` where this machine allows no port, or another program has the named one. */
  static async open(options: LoopbackOptions): Promise<LoopbackReceiver> {
    const receiver = new LoopbackReceiver(options);
    await receiver.#listen();
    return receiver;
  }

  /** The address to redirect to, with the port. */
  get redirectUri(): string {
    const { host = "127.0.0.1", path } = this.#options;
    return `http://${host}:${this.#port}${path}`;
  }

  /** The redirect. Rejects with the signal's reason where that comes first. */
  next(signal: AbortSignal): Promise<Redirect> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", stop, { once: true });
      void this.#arrived.then((redirect) => {
        signal.removeEventListener("abort", stop);
        resolve(redirect);
      });
    });
  }

  /**
   * Takes the address that a browser on another machine was sent to, as if it had come here. False where it is not
   * the end of this sign-in, or that has come already.
   */
  paste(address: string): boolean {
    const url = URL.canParse(address.trim()) ? new URL(address.trim()) : undefined;
    if (url === undefined || this.#taken) return false;
    const isHere = url.host === `127.0.0.1:${this.#port}` || url.host === `localhost:${this.#port}`;
    const answer =
      isHere && url.pathname === this.#options.path && this.#answerIn(url.searchParams);
    if (!answer) return false;
    this.#taken = true;
    // There is no page that could be told.
    this.#arrive({ answer, succeed: () => undefined, fail: () => undefined });
    return true;
  }

  /** What a query brings, if it is of this sign-in. */
  #answerIn(query: URLSearchParams): RedirectAnswer | undefined {
    const answer = answerOf(query);
    return sameText(only(query, "state") ?? "", this.#options.state) ? answer : undefined;
  }

  /** Stops listening and ends all connections; a page that was answered is still delivered. */
  close(): Promise<void> {
    this.#disarm();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) {
        if (socket !== this.#answered) socket.destroy();
      }
    });
  }

  #listen(): Promise<void> {
    const { port = 0 } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause) => {
        reject(noPort(port, cause));
      });
      this.#server.listen({ host: "127.0.0.1", port }, () => {
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.#port = address.port;
        resolve();
      });
    });
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const refuse = (status: number, sentence: string): void => {
      const headers = { ...redirectHeaders, ...(status === 405 && { Allow: "GET" }) };
      response.writeHead(status, headers).end(this.#page(false, "Nothing to do here", [sentence]));
    };
    const host = request.headers.host ?? "";
    // A page elsewhere whose name was made to lead here has its own name in it.
    if (host !== `127.0.0.1:${this.#port}` && host !== `localhost:${this.#port}`) {
      refuse(421, "This address is not known here.");
      return;
    }
    const [path, search = ""] = (request.url ?? "").split(/\?(.*)/s);
    if (path !== this.#options.path) {
      refuse(404, "There is no such page.");
      return;
    }
    if (request.method !== "GET") {
      refuse(405, "This page can only be opened.");
      return;
    }
    const answer = this.#answerIn(new URLSearchParams(search));
    if (answer === undefined) {
      refuse(400, "This is not the sign-in that Evercred waits for.");
      return;
    }
    if (this.#taken) {
      refuse(410, "This sign-in has already been answered.");
      return;
    }
    this.#taken = true;
    this.#arrive(this.#hold(answer, request.socket, response));
  }

  #hold(answer: RedirectAnswer, socket: Socket, response: ServerResponse): Redirect {
    const { clock, product, title } = this.#options;
    const say = (good: boolean, heading: string, lines: readonly string[]): void => {
      if (this.#answered !== undefined) return;
      this.#answered = socket;
      this.#disarm();
      response.writeHead(good ? 200 : 400, redirectHeaders).end(this.#page(good, heading, lines));
    };
    this.#disarm = clock.alarm(plus(clock.now(), holdMs), () => {
      say(false, "Not finished yet", [
        `${title} has not confirmed the sign-in. ${product} shows how it ends.`,
      ]);
    });
    return {
      answer,
      succeed: () => {
        say(true, "You are signed in.", [
          `${product} is signed in to ${title}.`,
          "You can close this tab.",
        ]);
      },
      fail: (sentence, remedy) => {
        say(false, "You are not signed in.", [sentence, remedy]);
      },
    };
  }

  #page(good: boolean, heading: string, lines: readonly string[]): string {
    return redirectPage({ product: this.#options.product, good, heading, lines });
  }
}

/** What a redirect brings; undefined where that is neither a code nor an error. */
const answerOf = (query: URLSearchParams): RedirectAnswer | undefined => {
  const code = only(query, "code");
  const error = only(query, "error");
  if (error !== undefined && error !== "") {
    return { kind: "error", error, description: only(query, "error_description") ?? "" };
  }
  return code === undefined || code === "" ? undefined : { kind: "code", code, query };
};

const noPort = (port: number, cause: unknown): EvercredError => {
  if (port === 0) {
    const sentence = "Evercred cannot wait for the browser on this computer.";
    return new EvercredError("internal", sentence, { cause });
  }
  const isTaken = cause instanceof Error && Reflect.get(cause, "code") === "EADDRINUSE";
  const why = isTaken ? "another program has it" : "this computer does not allow it";
  const sentence = `Evercred cannot wait for the browser on port ${port}: ${why}.`;
  return new EvercredError("internal", sentence, {
    remedy: isTaken
      ? "End that program, or name another port in redirectUri."
      : "Name a port above 1023 in redirectUri.",
    cause,
  });
};
