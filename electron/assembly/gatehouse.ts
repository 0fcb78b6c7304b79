import { join } from "node:path";
import type { AuditReader } from "../commands/audit-ports.ts";
import type { Consents } from "../commands/consent-ports.ts";
import type { Audit, AuditLine } from "../core/audit.ts";
import type { Broker } from "../core/broker.ts";
import type { Caller } from "../core/caller.ts";
import { Consent } from "../core/consent.ts";
import { DayBook } from "../core/day-book.ts";
import { type Gate, WatchedGate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import { SingleFlight } from "../core/single-flight.ts";
import type { Target } from "../core/source.ts";
import type { Clock } from "../core/time.ts";
import { Trail } from "../core/trail.ts";
import { AuditFile } from "../platform/audit.ts";
import type { Config } from "../platform/config-schema.ts";
import { ConsentFile, endOfDay } from "../platform/consent.ts";
import { activityView, questionView } from "../protocol/gate-view.ts";
import type { Trouble } from "../protocol/view.ts";
import type { GateView } from "../protocol/view-of.ts";

export interface GatehouseOptions {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly broker: Broker;
  /** Whether there is anything that can ask a person. */
  readonly hasFace: boolean;
  settings(): Pick<Config, "consent" | "audit">;
  /** Called after each change of what is asked. */
  changed(): void;
}

/** Puts together who may have what, and the record of it. */
export class Gatehouse {
  readonly consent: Consent;
  readonly gate: Gate;
  /** What befell the sessions within the last day. */
  readonly dayBook: DayBook;
  readonly #auditFile: AuditFile;
  readonly #options: GatehouseOptions;
  readonly #trail: Trail;
  readonly #answers: ConsentFile;
  readonly #changes = new SingleFlight();
  /** Who is changing the configuration. */
  #changer: Caller | undefined;

  constructor(options: GatehouseOptions) {
    const { stateDir, clock, log, broker, hasFace } = options;
    this.#options = options;
    this.#auditFile = new AuditFile(join(stateDir, "audit.jsonl"), options.settings().audit);
    this.#auditFile.tidy(clock.now());
    this.#trail = new Trail(clock, this.#auditFile, linesOf(this.#auditFile));
    this.#answers = new ConsentFile({ file: join(stateDir, "consent.json"), log });
    this.consent = new Consent({
      clock,
      audit: this.#trail,
      store: this.#answers,
      hasFace,
      isOn: () => this.asks,
      endOfDay,
      changed: () => {
        options.changed();
      },
    });
    this.gate = new WatchedGate(this.consent, this.#trail);
    this.dayBook = new DayBook(clock, this.#trail, () => linesOf(this.#auditFile, namesSource));
    broker.recordIn(this.dayBook);
  }

  /** Whether people are asked: then nothing may lie where any program can take it. */
  get asks(): boolean {
    return this.#options.settings().consent === "ask";
  }

  get audit(): Audit {
    return this.#trail;
  }

  /** The record as verbs read it, with all that has been noted. */
  get auditReader(): AuditReader {
    const auditFile = this.#auditFile;
    return {
      file: auditFile.file,
      newestFirst: () => {
        this.#trail.flush();
        return auditFile.newestFirst();
      },
      follow: (listener) => auditFile.follow(listener),
    };
  }

  /** What people have said, as verbs see it. */
  get consents(): Consents {
    return {
      answers: () => this.consent.answers,
      isOn: () => this.asks,
      forget: (isMeant, by) => this.consent.forget(isMeant, by),
      changedBy: (by, change) => this.#changedBy(by, change),
    };
  }

  get troubles(): readonly Trouble[] {
    return this.#answers.troubles;
  }

  view(): GateView {
    const titleOf = (target: Target): string => titleIn(this.#options.broker, target);
    return {
      questions: this.consent.questions.map((question) => questionView(question, titleOf)),
      activity: this.#trail.recent.map(activityView),
    };
  }

  /** The bridge has ended: another one that gets its name is another one. */
  forgetBridge(name: string): void {
    this.consent.forget(({ who }) => who === `bridge ${name}`, undefined);
  }

  /** The configuration may have changed. */
  apply(): void {
    this.#auditFile.apply(this.#options.settings().audit);
    this.consent.look(this.#changer);
  }

  /** One after the other, so that each is known to be whose it is. */
  #changedBy<T>(by: Caller, change: () => Promise<T>): Promise<T> {
    return this.#changes.after("consent", async () => {
      this.#changer = by;
      try {
        return await change();
      } finally {
        this.#changer = undefined;
      }
    });
  }

  /** A minute has passed. */
  sweep(): void {
    this.#auditFile.tidy(this.#options.clock.now());
  }

  close(): void {
    this.consent.close();
    this.#trail.flush();
    this.#auditFile.close();
  }
}

function* linesOf(file: AuditFile, isWanted?: (text: string) => boolean): Generator<AuditLine> {
  for (const { line } of file.newestFirst(isWanted)) yield line;
}

/** What programs got names a target instead. */
const namesSource = (text: string): boolean => text.includes('"source":"');

/** A target in words. One that is gone meanwhile is called by its name. */
const titleIn = (broker: Broker, target: Target): string => {
  try {
    const { offer, session } = broker.route(target);
    return `${offer.title} · ${session.source.title}`;
  } catch {
    return target;
  }
};
