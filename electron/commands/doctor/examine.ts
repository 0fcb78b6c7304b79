import { errorOf, EvercredError } from "../../core/errors.ts";
import { within } from "../../core/time.ts";
import { type Check, type Finding, type Patient, type Verdict, verdicts } from "./check.ts";

/** What was found, and by which part of the examination. */
export interface Found extends Finding {
  readonly check: string;
  readonly title: string;
}

/** Longer than any answer that is still of use, in milliseconds. */
const limitMs = 15_000;

/**
 * Runs all checks at once, each with a limit of its own, and sorts what they find: the worst first, but before it what
 * may have caused it; what is as bad keeps the order of the checks. Never rejects: of a check that fails its reason is what it has found.
 */
export const examine = async (
  checks: readonly Check[],
  patient: Patient,
  signal: AbortSignal,
): Promise<readonly Found[]> => {
  const parts = checks.map((check) => ({ check, stop: new AbortController() }));
  const leave = (): void => {
    for (const { stop } of parts) stop.abort(signal.reason);
  };
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  const found = await Promise.all(parts.map(({ check, stop }) => findingsOf(check, patient, stop)));
  signal.removeEventListener("abort", leave);
  return sorted(found.flat());
};

const sorted = (found: readonly Found[]): readonly Found[] => {
  const rank = (each: Found): number => {
    const caused = isBad(each) ? found.filter(({ because }) => because === each.check) : [];
    return Math.min(...[each, ...caused].map(({ verdict }) => verdicts.indexOf(verdict)));
  };
  return [...found].sort((a, b) => rank(a) - rank(b));
};

const isBad = ({ verdict }: Found): boolean => verdict === "failure" || verdict === "warning";

/** The worst verdict of all. */
export const worstOf = (found: readonly Found[]): Verdict =>
  verdicts.find((verdict) => found.some((each) => each.verdict === verdict)) ?? "ok";

/** Whether nothing is worse than a warning. */
export const isWell = (found: readonly Found[]): boolean => worstOf(found) !== "failure";

const findingsOf = async (
  check: Check,
  patient: Patient,
  stop: AbortController,
): Promise<readonly Found[]> => {
  const late = new EvercredError("timed-out", "That took too long to find out.");
  try {
    const findings = await within(patient.clock, limitMs, check.run(patient, stop.signal), late);
    return findings instanceof EvercredError
      ? [named(check, notChecked(check, findings))]
      : findings.map((finding) => named(check, finding));
  } catch (thrown) {
    return [named(check, notChecked(check, errorOf(thrown)))];
  } finally {
    stop.abort(late);
  }
};

const named = ({ id, title }: Check, finding: Finding): Found => ({ check: id, title, ...finding });

const notChecked = ({ id }: Check, { message, remedy }: EvercredError): Finding => ({
  id: `${id}.not-checked`,
  verdict: "not-checked",
  sentence: `Nobody can tell: ${message}`,
  remedy,
});
