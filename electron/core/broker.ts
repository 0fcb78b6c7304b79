import type { Audit } from "./audit.ts";
import type { Credential } from "./credential.ts";
import { EvercredError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { Session } from "./session.ts";
import type { SessionPorts } from "./session-ports.ts";
import type { Offer, Source, SourceId, Target } from "./source.ts";

/** Where a target leads. */
export interface Route {
  readonly session: Session;
  readonly offer: Offer;
}

/** All sessions together: target -> session -> credential. */
export class Broker {
  readonly #ports: SessionPorts;
  readonly #sessions = new Map<SourceId, Session>();
  readonly #listeners = new Set<() => void>();
  #routes = new Map<Target, Route>();
  #configuring: Promise<void> = Promise.resolve();
  #audit: Audit | undefined;
  #closed = false;

  constructor(ports: Omit<SessionPorts, "changed" | "befell">) {
    this.#ports = {
      ...ports,
      befell: (entry) => this.#audit?.note(entry),
      changed: () => {
        for (const listener of this.#listeners) listener();
      },
    };
  }

  /** Takes these sources for all there are. Sessions whose source stays the same go on undisturbed. */
  configure(sources: readonly Source[]): Promise<void> {
    const configured = this.#configuring.then(() => this.#configure(sources));
    this.#configuring = configured.catch(() => undefined);
    return configured;
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The session of this id, else the one that has it as another name. */
  session(id: string): Session | undefined {
    return (
      this.#sessions.get(id as SourceId) ??
      this.sessions.find(({ source }) => source.aliases?.includes(id))
    );
  }

  get targets(): readonly Target[] {
    return [...this.#routes.keys()];
  }

  /** Where a target leads. Throws `unknown-name`, with the nearest one there is. */
  route(target: Target): Route {
    const route = this.#routes.get(target);
    if (route !== undefined) return route;
    const at = target.indexOf(":");
    const kind = target.slice(0, at);
    const name = target.slice(at + 1);
    const alike = [...this.#routes.keys()].filter((known) => known.startsWith(`${kind}:`));
    const near = nearest(target, alike);
    const remedy =
      near === undefined
        ? "See: evercred status"
        : `Did you mean ${near.slice(near.indexOf(":") + 1)}?`;
    const place = `${kind === "aws" ? "profile" : "source"} ${name} to sign in for`;
    const what = kind === "api-key" ? `key ${name}` : place;
    throw new EvercredError("unknown-name", `There is no ${what}.`, { remedy });
  }

  /** A credential for a target that is good now. Never asks a person. */
  async issue(target: Target, fresh = false): Promise<Credential> {
    const { session, offer } = this.route(target);
    return session.issue(offer.key, fresh);
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on what befalls sessions is recorded there: sign-ins, sign-outs, and their ends. */
  recordIn(audit: Audit): void {
    this.#audit = audit;
  }

  async sweep(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.sweep()));
  }

  /** Other tools' files may have changed. */
  async look(): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.look()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#configuring;
    await Promise.all(this.sessions.map((session) => session.close()));
  }

  async #configure(sources: readonly Source[]): Promise<void> {
    if (this.#closed) return;
    const wanted = new Map(sources.map((source) => [source.id, source]));
    for (const [id, session] of this.#sessions) {
      if (wanted.has(id)) continue;
      this.#sessions.delete(id);
      await session.close();
    }
    const sessions = await Promise.all(
      [...wanted.values()].map((source) => this.#sessionOf(source)),
    );
    this.#routes = new Map();
    for (const session of sessions) {
      for (const [target, offer] of session.source.offers) {
        if (!this.#routes.has(target)) this.#routes.set(target, { session, offer });
      }
    }
    this.#ports.changed();
  }

  async #sessionOf(source: Source): Promise<Session> {
    const known = this.#sessions.get(source.id);
    if (known !== undefined) {
      await known.replaceSource(source);
      return known;
    }
    const opened = await Session.open(source, this.#ports);
    this.#sessions.set(source.id, opened);
    return opened;
  }
}
