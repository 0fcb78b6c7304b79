import type { Grant } from "./credential.ts";
import { errorOf, hasCode } from "./errors.ts";
import type { Holding } from "./holding.ts";
import { patienceMs } from "./policy.ts";
import type { Held, Source } from "./source.ts";
import { mayHaveSpent } from "./spent.ts";
import { type Clock, within } from "./time.ts";

/** What a session asks of its provider about a grant as such. */
export class Dealings {
  readonly #holding: Holding;
  /** Ours, for patience. */
  readonly #clock: Clock;

  constructor(holding: Holding, clock: Clock) {
    this.#holding = holding;
    this.#clock = clock;
  }

  /**
   * The one place where a grant is presented. What comes of it is the only good grant there is: it has to be saved.
   * Where the outcome is lost, a mark stays that says so. Rejects as `Source.renew` does.
   */
  async renew(grant: Grant, signal: AbortSignal, wanted?: string): Promise<Grant> {
    const { source, spent } = this.#holding;
    // Keys are good however often they are presented.
    if (source.unattended) return source.renew(grant, signal, wanted);
    const wasLost = spent.mayBe(grant);
    spent.mark(grant);
    try {
      return await source.renew(grant, signal, wanted);
    } catch (thrown) {
      const isLost = wasLost || signal.aborted || mayHaveSpent(errorOf(thrown));
      if (!isLost) spent.unmark(grant);
      throw thrown;
    }
  }

  /**
   * Ends it at the source that it is of; `isOver` says that its access token has ended. Resolves, within a bounded
   * time, to whether the provider knows, as it does of one that is over there.
   */
  end(grant: Grant, source: Source, isOver: boolean, signal: AbortSignal): Promise<boolean> {
    const end = async (): Promise<boolean> => {
      // The provider knows a session by an access token that is still good.
      const known = isOver && grant.renewable ? await this.renew(grant, signal) : grant;
      await source.revoke(known, signal);
      return true;
    };
    return within(
      this.#clock,
      patienceMs,
      end().catch((thrown: unknown) => hasCode(thrown, "token-rejected", "grant-rejected")),
      false,
    );
  }

  /** Who it is that signed in; undefined where the provider does not tell within a bounded time. */
  identify(grant: Grant, signal: AbortSignal, held: Held | undefined): Promise<string | undefined> {
    const told = this.#holding.source.identify(grant, signal, held).catch(() => undefined);
    return within(this.#clock, patienceMs, told, undefined);
  }
}
