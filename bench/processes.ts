import { readdirSync, readFileSync } from "node:fs";

/** One process, as the kernel has it at this moment. */
export interface Seen {
  readonly pid: number;
  /** What it is within its program: `main`, or Chromium's word for it. */
  readonly role: string;
  /** Its share of the memory that is in use, in bytes: what others use too counts in part. */
  readonly pss: number;
  /** What only it uses, in bytes. */
  readonly own: number;
  /** How long its threads have run, in milliseconds. */
  readonly ranMs: number;
  /** How often its threads have slept and were woken. */
  readonly wakeUps: number;
}

/** A process and all that it has started, as far as they are still there. */
export const familyOf = (pid: number): readonly Seen[] => {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = tried(() => readFileSync(`/proc/${entry}/stat`, "utf8")) ?? "";
    // A name may hold blanks and brackets: what counts stands behind its last bracket.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const siblings = children.get(parent) ?? [];
    children.set(parent, [...siblings, Number(entry)]);
  }
  const all = [pid];
  for (const each of all) all.push(...(children.get(each) ?? []));
  return all.flatMap((each) => tried(() => [look(each, each === pid)]) ?? []);
};

const look = (pid: number, isFirst: boolean): Seen => {
  const at = `/proc/${String(pid)}`;
  const memory = readFileSync(`${at}/smaps_rollup`, "utf8");
  const kept = (name: string): number =>
    1024 * Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(memory)?.[1] ?? 0);
  let ranMs = 0;
  let wakeUps = 0;
  for (const thread of readdirSync(`${at}/task`)) {
    const ran = tried(() => readFileSync(`${at}/task/${thread}/schedstat`, "utf8")) ?? "0";
    const status = tried(() => readFileSync(`${at}/task/${thread}/status`, "utf8")) ?? "";
    ranMs += Number(ran.split(" ")[0]) / 1e6;
    wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return {
    pid,
    role: isFirst ? "main" : roleOf(readFileSync(`${at}/cmdline`, "utf8")),
    pss: kept("Pss"),
    own: kept("Private_Clean") + kept("Private_Dirty"),
    ranMs,
    wakeUps,
  };
};

const roleOf = (words: string): string => {
  const type = /--type=([\w-]+)/.exec(words)?.[1];
  const service = /--utility-sub-type=(\w+)/.exec(words)?.[1];
  const program = words.split("\0")[0]?.split("/").at(-1) ?? "";
  return service ?? type ?? program;
};

/** The sum of one figure over processes. */
export const sum = (
  processes: readonly Seen[],
  figure: "pss" | "own" | "ranMs" | "wakeUps",
): number => processes.reduce((total, each) => total + each[figure], 0);

/** Undefined where a process ended while it was looked at. */
const tried = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};
