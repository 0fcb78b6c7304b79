import type { Grant } from "./credential.ts";
import { EvercredError, errorOf, hasCode } from "./errors.ts";

/** What is done with a grant; `isRenewed`: it has just been renewed for this. */
export type Work<T> = (grant: Grant, signal: AbortSignal, isRenewed: boolean) => Promise<T>;

/** Who has a grant to lend. */
export interface Lender {
  /** Of the present: aborted where whoever waits is to be sent away, with the reason. */
  signal(): AbortSignal;
  /** The grant, good now. Rejects with why there is none. */
  goodGrant(): Promise<Grant>;
  /**
   * Has a grant that was refused replaced, for what is `wanted`, where it is still the one. Resolves to the one there is
   * then, undefined where this has replaced nothing. Rejects with why that one thing cannot be had.
   */
  replace(
    refused: Grant,
    because: EvercredError | undefined,
    wanted: string | undefined,
  ): Promise<Grant | undefined>;
  /** A grant was refused although it had just been renewed: it is over, where it is still the one. */
  giveUp(refused: Grant, because: EvercredError | undefined): Promise<void>;
  /** Why there is nothing to lend. */
  unusable(): EvercredError;
}

/**
 * What comes of working with the grant, which is good then: renewed first where its access token has ended, and once,
 * for what is `wanted`, where that is refused with `token-rejected`.
 */
export const lend = async <T>(lender: Lender, work: Work<T>, wanted?: string): Promise<T> => {
  let grant = await lender.goodGrant();
  let renewed: Grant | undefined;
  for (;;) {
    const given = await unlessRejected(lender.signal(), work, grant, grant === renewed);
    if (!(given instanceof Rejection)) return given;
    if (grant === renewed) {
      await lender.giveUp(grant, given.because);
      throw lender.unusable();
    }
    renewed = (await lender.replace(grant, given.because, wanted)) ?? renewed;
    const next = await lender.goodGrant();
    if (next === grant) throw lender.unusable();
    grant = next;
  }
};

const unlessRejected = async <T>(
  signal: AbortSignal,
  work: Work<T>,
  grant: Grant,
  isRenewed: boolean,
): Promise<T | Rejection> => {
  try {
    return await work(grant, signal, isRenewed);
  } catch (thrown) {
    signal.throwIfAborted();
    if (hasCode(thrown, "token-rejected")) return new Rejection(thrown);
    throw thrown;
  }
};

/** A provider's no to the access token, and its word for why, where there is one. */
class Rejection {
  readonly because: EvercredError | undefined;

  constructor(thrown: unknown) {
    const { cause } = errorOf(thrown);
    this.because = cause instanceof EvercredError ? cause : undefined;
  }
}
