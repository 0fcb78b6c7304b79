/** One person's sign-in: what tokens live on. Instants in epoch ms of the provider's time. */
export class Session {
  readonly user: string;
  readonly startedAt: number;
  readonly endsAt: number;
  #isEnded = false;

  constructor(user: string, startedAt: number, lengthMs: number) {
    this.user = user;
    this.startedAt = startedAt;
    this.endsAt = startedAt + lengthMs;
  }

  /** Whether its tokens are good. */
  isAlive(now: number): boolean {
    return !this.#isEnded && now < this.endsAt;
  }

  /** Ends it, as a sign-out or an administrator does. Role credentials already issued live on. */
  end(): void {
    this.#isEnded = true;
  }
}
