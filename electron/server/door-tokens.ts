import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import type { Target } from "../core/source.ts";
import { instantOf, type Instant } from "../core/time.ts";

/** A target, as a record keeps it. */
export const targetSchema = z.custom<Target>(
  (value) => typeof value === "string" && value.includes(":"),
);
/** An instant, as a record keeps it. */
export const instantSchema = z.number().transform(instantOf);
const tokenSchema = z.object({
  token: z.string().min(32),
  target: targetSchema,
  kind: z.enum(["run", "standing"]),
  usedAt: instantSchema,
});

/** What is kept of the container-credentials door. */
export const doorRecordSchema = z.object({
  port: z.int().min(1).max(65_535),
  tokens: z.array(tokenSchema),
});

export type DoorRecord = z.infer<typeof doorRecordSchema>;

/** One token: `run` for the time of one run, `standing` until the configuration says otherwise. */
export interface DoorToken {
  readonly token: string;
  readonly target: Target;
  readonly kind: "run" | "standing";
  /** Aborted at the run's end; undefined where it is not known: the daemon that knew it has ended before the run. */
  readonly until: AbortSignal | undefined;
  usedAt: Instant;
}

/** How long a run whose end we cannot see may go without its token, in milliseconds. */
const orphanMs = 12 * 60 * 60_000;

/** Whether nobody will use a token, or what else was given to a run, any more, as far as we can tell. */
export const isOver = (
  { kind, until, usedAt }: Pick<DoorToken, "kind" | "until" | "usedAt">,
  now: Instant,
): boolean => kind === "run" && (until?.aborted ?? now - usedAt >= orphanMs);

/** The tokens of a door. */
export class DoorTokens {
  /** By their SHA-256: how long looking one up takes says nothing about a token that somebody guesses. */
  readonly #tokens = new Map<string, DoorToken>();

  add(entry: Omit<DoorToken, "token">): DoorToken {
    return this.restore({ ...entry, token: randomBytes(32).toString("base64url") });
  }

  restore(token: DoorToken): DoorToken {
    this.#tokens.set(hashOf(token.token), token);
    return token;
  }

  find(token: string): DoorToken | undefined {
    return this.#tokens.get(hashOf(token));
  }

  standing(target: Target): DoorToken | undefined {
    return this.all.find((each) => each.kind === "standing" && each.target === target);
  }

  /** Drops those that are over by this measure; whether there were any. */
  drop(isOver: (token: DoorToken) => boolean): boolean {
    const before = this.#tokens.size;
    for (const [hash, token] of this.#tokens) if (isOver(token)) this.#tokens.delete(hash);
    return this.#tokens.size < before;
  }

  get all(): readonly DoorToken[] {
    return [...this.#tokens.values()];
  }
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
