import fc from "fast-check";
import { expect, test } from "vitest";
import { IssuedBench } from "./issued-bench.ts";

const second = 1_000;
const minute = 60 * second;

type Step =
  | { readonly do: "ask" | "insist"; readonly key: string }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "doubt"; readonly key: string }
  | { readonly do: "fail" | "mend" | "pause" | "resume" | "sweep" | "clear" };

const key = fc.constantFrom("dev", "ops");
const ms = fc.oneof(
  fc.integer({ min: 0, max: 5 * second }),
  fc.integer({ min: 0, max: 90 * minute }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("ask", "insist"), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("pass"), ms }) },
  fc.record({ do: fc.constant("sleep"), ms }),
  fc.record({ do: fc.constant("doubt"), key }),
  fc.record({ do: fc.constantFrom("fail", "mend", "pause", "resume", "sweep", "clear") }),
);

/** The reference: per key only what was given last, when, and whether it is doubted. */
interface Known {
  readonly expiresAt: number;
  readonly fetchedAt: number;
  doubted: boolean;
}

test("whatever happens, callers get what a table of the last credentials allows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(3 * second, 10 * second, 15 * minute, 60 * minute, 12 * 60 * minute),
      fc.integer({ min: 0, max: 999 }).map((n) => n / 1_000),
      fc.array(step, { maxLength: 40 }),
      async (lifeMs, chance, steps) => {
        const bench = new IssuedBench(() => chance);
        const { issued, clock, fetches } = bench;
        bench.lifeMs = lifeMs;
        const known = new Map<string, Known>();
        let seen = 0;
        /** What the fetches since the last look have changed; a failing one changes nothing. */
        const learn = (): void => {
          for (const fetch of fetches.slice(seen)) {
            if (bench.failure !== undefined) continue;
            const expiresAt = fetch.at + lifeMs;
            known.set(fetch.key, { expiresAt, fetchedAt: fetch.at, doubted: false });
          }
          seen = fetches.length;
        };
        const started = clock.now();
        const slept: number[] = [];

        for (const now of steps) {
          switch (now.do) {
            case "ask":
            case "insist": {
              const insists = now.do === "insist";
              const held = known.get(now.key);
              const good = held !== undefined && clock.now() < held.expiresAt;
              const margin = Math.min(15 * minute, lifeMs / 3);
              const fresh = good && held.expiresAt - clock.now() > margin && !held.doubted;
              const before = fetches.length;
              const given = await issued.get(now.key, insists).catch(() => undefined);
              const fetched = fetches.length > before;
              const works = bench.failure === undefined;
              learn();
              // Never what has ended; nothing only where there is nothing and nobody gives.
              if (given !== undefined) expect(given.expiresAt).toBeGreaterThan(clock.now());
              if (given === undefined) expect(works).toBe(false);
              if (given === undefined && !insists) expect(good).toBe(false);
              if (given !== undefined) expect(given.expiresAt).toBe(known.get(now.key)?.expiresAt);
              // What is fresh costs no fetch; who insists gets one, once a minute.
              if (fresh && !insists) expect(fetched).toBe(false);
              if (good && insists) expect(fetched).toBe(clock.now() - held.fetchedAt >= minute);
              if (!good) expect(fetched).toBe(true);
              break;
            }
            case "pass":
              await clock.advance(now.ms);
              break;
            case "sleep":
              clock.jump(now.ms);
              slept.push(now.ms);
              break;
            case "doubt": {
              const held = known.get(now.key);
              if (held !== undefined && clock.now() - held.fetchedAt >= minute) held.doubted = true;
              issued.doubt(now.key);
              break;
            }
            case "fail":
              bench.failure = "unreachable";
              break;
            case "mend":
              bench.failure = undefined;
              break;
            case "clear":
              issued.clear();
              known.clear();
              break;
            default:
              issued[now.do]();
          }
          await clock.advance(0);
          learn();
          for (const [name, { expiresAt }] of known) {
            expect(issued.has(name)).toBe(clock.now() < expiresAt);
          }
        }
        const asks = steps.filter((one) => one.do === "ask" || one.do === "insist").length;
        const awakeMs = clock.now() - started - slept.reduce((sum, one) => sum + one, 0);
        expect(fetches.length).toBeLessThanOrEqual(
          asks + steps.length * 2 + (2 * awakeMs) / second,
        );
      },
    ),
    { numRuns: 300 },
  );
});
