import type { Credential } from "../../electron/core/credential.ts";
import { EvercredError, type ErrorCode } from "../../electron/core/errors.ts";
import { Issued } from "../../electron/core/issued.ts";
import { Patience } from "../../electron/core/patience.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Instant, plus, sleepUntil } from "../../electron/core/time.ts";
import { FakeClock } from "../fakes/clock.ts";
import { MemoryLog } from "../fakes/log.ts";

/** Issued over a provider that gives, fails or dawdles as a test says. */
export class IssuedBench {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly issued: Issued;
  lifeMs = 60 * 60_000;
  latencyMs = 0;
  failure: ErrorCode | EvercredError | undefined;
  /** When each fetch began, by key. */
  readonly fetches: { readonly key: string; readonly at: Instant }[] = [];

  constructor(random: () => number = () => 0) {
    const patience = new Patience(random);
    this.issued = new Issued((key) => this.#fetch(key), this.clock, random, patience, this.log);
    this.issued.resume();
  }

  async #fetch(key: string): Promise<Credential> {
    this.fetches.push({ key, at: this.clock.now() });
    const number = this.fetches.length;
    if (this.latencyMs > 0) {
      const until = plus(this.clock.now(), this.latencyMs);
      await sleepUntil(this.clock, until, new AbortController().signal);
    }
    if (typeof this.failure === "string") throw new EvercredError(this.failure);
    if (this.failure !== undefined) throw this.failure;
    const issuedAt = this.clock.now();
    return {
      kind: "aws",
      accountId: "111122223333",
      accessKeyId: `ASIA${number}`,
      secretAccessKey: new Secret("secret"),
      sessionToken: new Secret("token"),
      issuedAt,
      expiresAt: plus(issuedAt, this.lifeMs),
    };
  }
}
