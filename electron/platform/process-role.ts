import { basename, dirname, isAbsolute } from "node:path";
import type { Program } from "../core/caller.ts";
import { isSystemFile, sameFile } from "./process-file.ts";
import { programName } from "./process-name.ts";
import { interpreterWork, isShell, shellWork, type Work } from "./process-script.ts";
import type { Process } from "./process.ts";

/** A process that counts as the one who asks. */
export type Counted = Omit<Program, "parents">;

/** What a process is to those who ask whose request it is. A carrier runs what another one wants. */
export type Role = Counted | "carrier";

const namesIn = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u));

/** Programs that do nothing but run the words of their own command line, as shells do. */
const wrappers = namesIn(`
  choom chroot chrt dbus-run-session doas env flock ionice ltrace nice nohup nsenter prlimit runuser script setarch
  setpriv setsid ssh-agent stdbuf strace su sudo taskset time timeout unshare xvfb-run
`);

/** Programs that run what stands in a file, comes in at their input, or has a language of its own: whoever wrote it. */
const runners = namesIn(`
  R anacron atd awk bazel bpftrace cargo cmake cron crond ctest direnv entr expect find gawk gdb git gmake go invoke just
  lldb m4 make mawk meson mise nawk ninja nox npm original-awk parallel pipenv pnpm poetry pytest rake sed task tox uv
  watch xargs yarn
`);

/** Programs that are many, by the name that they are called by. */
const manyInOne = new Set(["busybox", "coreutils", "toybox"]);

/** What adopts the children of those that have ended: nobody knows who started them. */
const adopters = new Set(["init", "launchd", "systemd"]);

/**
 * The role of a process that is not our shim. A shell or a wrapper runs what others want, where it is the system's
 * own: a file's name alone is no proof. A shell with a script is an interpreter.
 */
export const roleOf = (process: Process): Role => {
  const isThere = sameFile(process.file, process.path);
  const path = isThere ? process.path : process.path.replace(/ \(deleted\)$/u, "");
  const [name, words] = calledAs(basename(path), process);
  const isCarrier = isShell(name) || wrappers.has(name);
  const isSystems = isCarrier && isSystemFile(process.file, dirname(path));
  if (isSystems && wrappers.has(name)) return "carrier";
  const work = isShell(name) ? shellWork(name, words()) : interpreterWork(name, words());
  const isWordsOnly = work?.kind === "commands" || (work?.kind === "input" && process.isTyped());
  if (isSystems && isWordsOnly) return "carrier";
  const known = isThere ? path : undefined;
  if (work !== undefined) return interpreted(process, path, known, work, isSystems);
  const isTold = process.pid !== 1 && !adopters.has(name) && !runners.has(name);
  return { name: programName(path), path, identity: isTold ? known : undefined };
};

/** The name that decides, and the command line that belongs to it. */
const calledAs = (name: string, process: Process): readonly [string, () => readonly string[]] => {
  if (!manyInOne.has(name)) return [name, () => process.words()];
  const words = process.words();
  const own = basename(words[0] ?? "");
  const called = own === name ? words.slice(1) : words;
  // A login shell's name begins with a hyphen.
  return [basename(called[0] ?? name).replace(/^-/u, ""), () => called];
};

const interpreted = (
  process: Process,
  path: string,
  known: string | undefined,
  work: Work,
  isSystems: boolean,
): Role => {
  const untold = (name: string): Role => ({ name, path, identity: undefined });
  const name = programName(path);
  if (work.kind === "module") return untold(`${name} -m ${work.name}`);
  // `bun test` is no script of this name, even where there is one.
  if (work.kind !== "script" || !/[./]/u.test(work.word)) return untold(name);
  const script = process.resolve(work.word);
  if (script === undefined) {
    return untold(isAbsolute(work.word) ? name : (relativeName(work.word) ?? name));
  }
  if (isSystems && wrappers.has(basename(script)) && isSystemFile(script, dirname(script))) {
    return "carrier";
  }
  const scriptName = programName(script);
  if (known === undefined || runners.has(scriptName.replace(/\.\w+$/u, ""))) {
    return untold(scriptName);
  }
  // No path holds a NUL: two paths never read as two others.
  return { name: scriptName, path, identity: `${known}\0${script}` };
};

/** What people call a script that stands in a folder which nobody tells; undefined of `.` and its like. */
const relativeName = (word: string): string | undefined => {
  const name = programName(word);
  return /^\.*$/u.test(name) ? undefined : name;
};
