import type { Credential, Grant } from "../../electron/core/credential.ts";
import { type ErrorCode, EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Account } from "../../electron/core/source.ts";
import { type Clock, type Instant, plus, sleepUntil } from "../../electron/core/time.ts";

/** What a source asks of its provider. */
export type Verb = "sign-in" | "renew" | "issue" | "probe" | "revoke" | "identify" | "list";

/** What a grant of this provider holds. */
export interface Ticket {
  readonly boundTo: string;
  readonly session: number;
  /** Undefined where the grant cannot be renewed. */
  readonly refresh: number | undefined;
  readonly access: string;
  readonly signedInAt: Instant;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly account?: string | undefined;
  /** The keys that it has been renewed for. */
  readonly renewedFor?: readonly string[];
}

interface SignedIn {
  readonly signedInAt: Instant;
  readonly boundTo: string;
  readonly person: string | undefined;
  refresh: number | undefined;
  over: boolean;
}

/** One look at a refresh token. */
export interface Presentation {
  readonly session: number;
  readonly refresh: number | undefined;
  readonly answered: boolean;
}

type Script = "lose-reply" | EvercredError;

/** The grant that a ticket stands for. */
export const grantOf = (ticket: Ticket): Grant => ({
  saved: new Secret(JSON.stringify(ticket)),
  boundTo: ticket.boundTo,
  signedInAt: ticket.signedInAt,
  issuedAt: ticket.issuedAt,
  expiresAt: ticket.expiresAt,
  renewable: ticket.refresh !== undefined,
  account: ticket.account,
  scopes: ["accounts"],
  registeredUntil: plus(ticket.signedInAt, 90 * 24 * 60 * 60_000),
});

/** What a grant of this provider holds. Throws where it is none. */
export const ticketOf = (saved: Secret): Ticket => {
  const ticket: Partial<Ticket> = JSON.parse(saved.reveal());
  if (typeof ticket.access !== "string") throw new EvercredError("reply-invalid");
  return ticket as Ticket;
};

/**
 * An identity provider on a fake clock. It rotates refresh tokens and refuses a spent one, knows its
 * access tokens until they end, and does as it is told by a test: fail, hold an answer back, lose one.
 */
export class ScriptedProvider {
  accessMs = 60 * 60_000;
  credentialMs = 60 * 60_000;
  sessionMs = 8 * 60 * 60_000;
  latencyMs = 0;
  /** How far its clock is ahead of the machine's. */
  skewMs = 0;
  /** Whether its sign-ins can be renewed. */
  renewable = true;
  /** Whether it takes a refresh token that it has spent, as some do for a while. */
  grace = false;
  /** Who signs in; undefined where it does not tell anybody. */
  person: string | undefined;
  /** Whether its sign-ins themselves say who that is. */
  names = false;
  /** Whether what it hands out came with the grant, and is as old as that. */
  handsOutItsOwn = false;
  /** The instant by which all that it hands out is dated; undefined: each by its own. */
  dated: Instant | undefined;
  /** Whether what it hands out are tokens. */
  tokens = false;
  /** Account id -> roles. */
  roles: Readonly<Record<string, readonly string[]>> = {};
  /** The instant at which it ends every session, however long that has lasted. */
  endsAllAt: Instant | undefined;
  /** Whether it knows this app. */
  registered = true;
  /** What every call fails with. */
  outage: ErrorCode | undefined;
  /** The keys that it hands out only for a grant that was renewed for them. */
  readonly apart = new Set<string>();
  /** The keys that it does not hand out. */
  readonly denied = new Set<string>();
  readonly calls: { readonly verb: Verb; readonly at: Instant }[] = [];
  /** The access tokens that credentials were asked for with. */
  readonly shownAccess: string[] = [];
  /** The refresh tokens that it has judged, and whether its answer was sent. */
  readonly presentations: Presentation[] = [];
  /** Called when a call begins. */
  onCall: (verb: Verb) => void = () => undefined;
  readonly #clock: Clock;
  readonly #sessions: SignedIn[] = [];
  readonly #accessEnds = new Map<string, { session: SignedIn; endsAt: Instant }>();
  readonly #scripts = new Map<Verb, Script[]>();
  readonly #gates = new Map<Verb, { readonly gate: Promise<void>; readonly deaf: boolean }>();
  readonly #busy = new Map<Verb, number>();
  #handedOut = 0;
  #answering = true;
  #shownSkewMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Instant {
    return plus(this.#clock.now(), this.skewMs);
  }

  /** How far its clock was ahead when it last answered anybody. */
  get shownSkewMs(): number {
    return this.#shownSkewMs;
  }

  showClock(): void {
    this.#shownSkewMs = this.skewMs;
  }

  /** How often a verb was asked for. */
  count(verb: Verb): number {
    return this.calls.filter((call) => call.verb === verb).length;
  }

  /** How many calls of a verb are under way. */
  busy(verb: Verb): number {
    return this.#busy.get(verb) ?? 0;
  }

  /** The next calls of a verb fail so, one each. */
  fail(verb: Verb, ...errors: readonly (ErrorCode | EvercredError)[]): void {
    const scripts = errors.map((error) =>
      typeof error === "string" ? new EvercredError(error) : error,
    );
    this.#script(verb, scripts);
  }

  /** The next call of a verb is carried out, but its reply is lost on the way. */
  loseReply(verb: Verb): void {
    this.#script(verb, ["lose-reply"]);
  }

  /** Holds back the answers to a verb until the returned function is called; `deaf`: also to one that has left. */
  hold(verb: Verb, deaf = false): () => void {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gates.set(verb, { gate, deaf });
    return () => {
      this.#gates.delete(verb);
      open();
    };
  }

  /** From now on everything works, for everybody, at once. */
  mend(): void {
    this.outage = undefined;
    this.registered = true;
    this.latencyMs = 0;
    this.denied.clear();
    this.#scripts.clear();
  }

  /** Ends every session, as an administrator does. */
  endSessions(): void {
    for (const session of this.#sessions) session.over = true;
  }

  /** A sign-in, with this tool or another. */
  signIn(boundTo: string): Grant {
    this.#sessions.push({
      signedInAt: this.now(),
      boundTo,
      person: this.person,
      refresh: this.renewable ? 0 : undefined,
      over: false,
    });
    return this.#grant(this.#sessions.length - 1);
  }

  renew(grant: Grant, signal: AbortSignal, wanted?: string): Promise<Grant> {
    return this.#call("renew", signal, () => {
      if (wanted !== undefined && this.denied.has(wanted)) throw new EvercredError("access-denied");
      if (!this.registered) throw new EvercredError("registration-rejected");
      const ticket = ticketOf(grant.saved);
      const session = this.#sessions[ticket.session];
      this.presentations.push({
        session: ticket.session,
        refresh: ticket.refresh,
        answered: this.#answering,
      });
      if (session?.refresh === undefined || ticket.refresh === undefined || this.#isOver(session)) {
        throw new EvercredError("grant-rejected");
      }
      if (session.refresh !== ticket.refresh && !this.grace) {
        throw new EvercredError("grant-rejected");
      }
      session.refresh = ticket.refresh + 1;
      const before = ticket.renewedFor ?? [];
      return this.#grant(ticket.session, wanted === undefined ? before : [...before, wanted]);
    });
  }

  issue(grant: Grant, key: string, offered: boolean, signal: AbortSignal): Promise<Credential> {
    this.shownAccess.push(ticketOf(grant.saved).access);
    return this.#call("issue", signal, () => {
      this.#admit(grant);
      if (this.apart.has(key) && ticketOf(grant.saved).renewedFor?.includes(key) !== true) {
        throw new EvercredError("token-rejected");
      }
      if (!offered || this.denied.has(key)) throw new EvercredError("access-denied");
      const ownAt = this.handsOutItsOwn ? grant.issuedAt : this.now();
      const issuedAt = this.dated ?? ownAt;
      this.#handedOut += 1;
      const expiresAt = plus(issuedAt, this.credentialMs);
      if (this.tokens) {
        const token = new Secret(`token-${this.#handedOut}`);
        return { kind: "token", token, scopes: ["openid"], issuedAt, expiresAt };
      }
      return {
        kind: "aws",
        accountId: key.slice(0, 12),
        accessKeyId: `ASIA${this.#handedOut}`,
        secretAccessKey: new Secret(`secret-access-key-${this.#handedOut}`),
        sessionToken: new Secret(`session-token-${this.#handedOut}`),
        issuedAt,
        expiresAt,
      };
    });
  }

  identify(grant: Grant, signal: AbortSignal): Promise<string | undefined> {
    return this.#call("identify", signal, () => {
      this.#admit(grant);
      return this.#sessions[ticketOf(grant.saved).session]?.person;
    });
  }

  accounts(grant: Grant, signal: AbortSignal): Promise<readonly Account[]> {
    return this.#call("list", signal, () => {
      this.#admit(grant);
      return Object.keys(this.roles).map((id) => ({ id, name: `Account ${id}`, email: "" }));
    });
  }

  rolesIn(grant: Grant, account: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#call("list", signal, () => {
      this.#admit(grant);
      return this.roles[account] ?? [];
    });
  }

  probe(grant: Grant, signal: AbortSignal): Promise<void> {
    return this.#call("probe", signal, () => {
      this.#admit(grant);
    });
  }

  revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    return this.#call("revoke", signal, () => {
      const session = this.#sessions[ticketOf(grant.saved).session];
      if (session !== undefined) session.over = true;
    });
  }

  /** Counts and scripts a call; `judge` is what the provider makes of it. */
  async #call<T>(verb: Verb, signal: AbortSignal, judge: () => T): Promise<T> {
    this.calls.push({ verb, at: this.#clock.now() });
    this.#busy.set(verb, this.busy(verb) + 1);
    try {
      this.onCall(verb);
      signal.throwIfAborted();
      const held = this.#gates.get(verb);
      if (held !== undefined) await (held.deaf ? held.gate : untilAborted(held.gate, signal));
      if (this.latencyMs > 0) {
        await sleepUntil(this.#clock, plus(this.#clock.now(), this.latencyMs), signal);
      }
      const script = this.#scripts.get(verb)?.shift();
      if (script instanceof EvercredError) throw script;
      if (this.outage !== undefined) throw new EvercredError(this.outage);
      this.#answering = script !== "lose-reply";
      const reply = judge();
      if (script === "lose-reply") {
        throw new EvercredError("unreachable", undefined, { unanswered: true });
      }
      return reply;
    } finally {
      this.#busy.set(verb, this.busy(verb) - 1);
    }
  }

  /** The first steps of a sign-in, which can fail as any call can. */
  begin(signal: AbortSignal): Promise<void> {
    return this.#call("sign-in", signal, () => undefined);
  }

  #script(verb: Verb, scripts: readonly Script[]): void {
    this.#scripts.set(verb, [...(this.#scripts.get(verb) ?? []), ...scripts]);
  }

  #isOver(session: SignedIn): boolean {
    const now = this.now();
    const isPast = this.endsAllAt !== undefined && now >= this.endsAllAt;
    return session.over || isPast || now >= plus(session.signedInAt, this.sessionMs);
  }

  #admit(grant: Grant): void {
    const known = this.#accessEnds.get(ticketOf(grant.saved).access);
    if (known === undefined || known.session.over || this.now() >= known.endsAt) {
      throw new EvercredError("token-rejected");
    }
  }

  #grant(index: number, renewedFor: readonly string[] = []): Grant {
    const session = this.#sessions[index]!;
    const issuedAt = this.now();
    const expiresAt = plus(issuedAt, this.accessMs);
    const access = `access-token-${this.#accessEnds.size}`;
    this.#accessEnds.set(access, { session, endsAt: expiresAt });
    const { boundTo, signedInAt, refresh } = session;
    const account = this.names ? session.person : undefined;
    const times = { signedInAt, issuedAt, expiresAt };
    return grantOf({ boundTo, session: index, refresh, access, account, renewedFor, ...times });
  }
}

const untilAborted = (gate: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    void gate.then(resolve);
  });
