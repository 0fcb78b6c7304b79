import { expect } from "vitest";
import type { AuditEntry } from "../../electron/core/audit.ts";
import type { ErrorCode } from "../../electron/core/errors.ts";
import { Session } from "../../electron/core/session.ts";
import type { SessionPorts } from "../../electron/core/session-ports.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { ScriptedProvider } from "../fakes/provider.ts";
import { FakeGrantFile, FakeSharedPlace } from "../fakes/shared-place.ts";
import { key, otherKey, ScriptedSource, type SourceParts } from "../fakes/source.ts";
import { MemoryStore } from "../fakes/store.ts";
import { Life } from "./life.ts";

export { key, otherKey };

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** The place in the keychain of the grant of `corp`. */
export const place = "grant/corp";

/** The state of a session that this word of the provider has ended. */
export const endedBy = (code: ErrorCode) => ({
  kind: "signed-out",
  reason: "ended",
  because: expect.objectContaining({ code }) as unknown,
});

/** How a world differs from the usual one. */
export interface WorldParts {
  readonly durability?: "persisted" | "memory";
  /** No place that other tools share. */
  readonly alone?: boolean;
  /** Its sign-in is kept by another tool, in a file. */
  readonly kept?: boolean;
  readonly random?: () => number;
}

/** One machine with a keychain, a shared file and one provider; chance is zero unless a test says otherwise. */
export class World {
  readonly clock = new FakeClock();
  readonly provider = new ScriptedProvider(this.clock);
  readonly shared: FakeSharedPlace;
  readonly memo = new MemoryMemo();
  readonly log = new MemoryLog();
  readonly store: MemoryStore;
  readonly source: ScriptedSource;
  readonly ports: SessionPorts;
  /** The daemon's. */
  life = new Life();
  /** How often something changed. */
  changes = 0;
  /** What the record was told. */
  readonly befell: AuditEntry[] = [];

  constructor(parts: WorldParts = {}) {
    this.store = new MemoryStore(parts.durability);
    const kept = parts.kept === true;
    this.shared = kept ? new FakeGrantFile() : new FakeSharedPlace();
    this.source = this.makeSource({
      ...(parts.alone !== true && { shared: this.shared }),
      ...(kept && { keptBy: "gcloud" }),
    });
    this.ports = {
      store: this.store,
      memo: this.memo,
      clock: this.clock,
      random: parts.random ?? (() => 0),
      log: this.log,
      changed: () => {
        this.changes += 1;
      },
      befell: (entry) => this.befell.push(entry),
    };
  }

  makeSource(parts: Partial<SourceParts> = {}): ScriptedSource {
    return new ScriptedSource({ clock: this.clock, provider: this.provider, ...parts });
  }

  /** A session of this machine; a second one stands for the daemon's next start. */
  open(source = this.source): Promise<Session> {
    const { life } = this;
    return Session.open(life.source(source), life.ports(this.ports));
  }

  /** The daemon is stopped and started again. */
  async restart(session: Session): Promise<Session> {
    await session.close();
    this.memo.close();
    this.crash();
    return this.open();
  }

  /** The daemon dies at once; who opens a session after it is its next start. */
  crash(): void {
    this.life.end();
    this.memo.crash();
    this.life = new Life();
  }

  /** A session in which somebody has just signed in. */
  async signedIn(): Promise<Session> {
    const session = await this.open();
    await this.signIn(session);
    return session;
  }

  /** A person signs in. */
  async signIn(session: Session, source = this.source): Promise<void> {
    const { outcome, request } = session.signIn(undefined);
    const shown = await request;
    source.visits.find((visit) => visit.request === shown)?.approve();
    const { kind } = await outcome;
    if (kind !== "signed-in") throw new Error(`The sign-in has ${kind}.`);
  }

  /** Time passes as it does in the daemon: with a sweep each minute. */
  async live(session: Session, ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= minute) {
      await this.clock.advance(Math.min(left, minute));
      void session.sweep();
      await settle();
    }
  }
}
