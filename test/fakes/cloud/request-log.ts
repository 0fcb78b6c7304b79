import type { IncomingHttpHeaders } from "node:http";
import { readGrantType } from "./exchange.ts";
import type { SiteReply, SiteRequest } from "./exchange.ts";
import type { RequestFault } from "./faults.ts";
import { selects } from "./selection.ts";
import type { Selection } from "./selection.ts";

/** One request that reached a host, secrets included. */
export interface LoggedRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly grantType: string | undefined;
  /** The provider's time at arrival, epoch ms. */
  readonly at: number;
  /** False while the request is being held or answered. */
  readonly isOver: boolean;
  /** Undefined when no answer was sent (yet). */
  readonly status: number | undefined;
  readonly reply: string | undefined;
  readonly fault: RequestFault["kind"] | undefined;
}

/** Which entries are meant: a selection, or a predicate over what was logged. */
export type LogSelection = Selection | ((request: LoggedRequest) => boolean);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Entry = Mutable<LoggedRequest>;

interface Waiter {
  readonly selection: LogSelection;
  readonly nth: number;
  readonly needsEnd: boolean;
  readonly resolve: (request: LoggedRequest) => void;
}

function isSelected(selection: LogSelection, entry: LoggedRequest): boolean {
  return typeof selection === "function" ? selection(entry) : selects(selection, entry);
}

/** The end of one logged request is told here. */
export interface OpenEntry extends LoggedRequest {
  answer(reply: SiteReply): void;
  strike(fault: RequestFault["kind"]): void;
  end(): void;
}

/** Every request that reached a host, in order of arrival. */
export class RequestLog {
  #entries: Entry[] = [];
  #waiters: readonly Waiter[] = [];

  /** Notes an arrival. */
  open(request: SiteRequest): OpenEntry {
    const entry: Entry = {
      host: request.host,
      method: request.method,
      path: request.path,
      query: Object.fromEntries(request.query),
      headers: request.headers,
      body: request.body,
      grantType: readGrantType(request.body),
      at: request.at,
      isOver: false,
      status: undefined,
      reply: undefined,
      fault: undefined,
    };
    this.#entries.push(entry);
    this.#wake();
    return {
      ...entry,
      answer: (reply) => {
        entry.status = reply.status;
        entry.reply = reply.body;
      },
      strike: (fault) => {
        entry.fault = fault;
      },
      end: () => {
        entry.isOver = true;
        this.#wake();
      },
    };
  }

  /** The selected requests, answered or not. */
  all(selection: LogSelection = {}): readonly LoggedRequest[] {
    return this.#entries.filter((entry) => isSelected(selection, entry));
  }

  /** How many requests are selected, answered or not. */
  count(selection: LogSelection = {}): number {
    return this.all(selection).length;
  }

  /** Resolves with the nth selected request (from the start of the log) once it is over. */
  waitFor(selection: LogSelection = {}, nth = 1): Promise<LoggedRequest> {
    return this.#wait(selection, nth, true);
  }

  /** Resolves with the nth selected request once it has arrived; it may still be unanswered. */
  waitForArrival(selection: LogSelection = {}, nth = 1): Promise<LoggedRequest> {
    return this.#wait(selection, nth, false);
  }

  /** Forgets all entries; counting starts anew. */
  clear(): void {
    this.#entries = [];
  }

  #wait(selection: LogSelection, nth: number, needsEnd: boolean): Promise<LoggedRequest> {
    return new Promise((resolve) => {
      this.#waiters = [...this.#waiters, { selection, nth, needsEnd, resolve }];
      this.#wake();
    });
  }

  #wake(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      const found = this.#entries.filter(
        (entry) => (entry.isOver || !waiter.needsEnd) && isSelected(waiter.selection, entry),
      )[waiter.nth - 1];
      if (found !== undefined) waiter.resolve(found);
      return found === undefined;
    });
  }
}
