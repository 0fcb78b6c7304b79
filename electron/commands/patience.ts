import { type Clock, plus } from "../core/time.ts";
import type { Reply, Request } from "./verb.ts";

/** Whoever waits longer than this wonders what for, in milliseconds. */
const firstMs = 1_500;

/** And again after so long, in milliseconds. */
const laterMs = 10_000;

/**
 * Gives what `work` gives. Where it takes more than a moment, a person at a terminal is told `what` is waited for, and
 * for how long already: `Waiting for corp to list its accounts…`. Programs are told nothing.
 */
export const patiently = async <Value>(
  what: string,
  work: Promise<Value>,
  { terminal, bridge }: Pick<Request, "terminal" | "bridge">,
  reply: Pick<Reply, "say">,
  clock: Clock,
): Promise<Value> => {
  if (!terminal.stderr || bridge !== undefined) return work;
  const startedAt = clock.now();
  let disarm: () => void = () => undefined;
  const tell = (waitedMs: number): void => {
    const sofar = waitedMs < laterMs ? "" : ` (${String(Math.round(waitedMs / 1_000))} s)`;
    reply.say(`Waiting for ${what}…${sofar}`);
    disarm = clock.alarm(plus(clock.now(), laterMs), () => tell(clock.now() - startedAt));
  };
  disarm = clock.alarm(plus(startedAt, firstMs), () => tell(firstMs));
  try {
    return await work;
  } finally {
    disarm();
  }
};
