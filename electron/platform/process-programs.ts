import { readFileSync, realpathSync } from "node:fs";
import type { Program } from "../core/caller.ts";
import { fileAt, tried } from "./process-file.ts";
import { type Counted, type Role, roleOf } from "./process-role.ts";
import type { Process, Processes } from "./process.ts";

/** As many as are remembered: more than run at one time, on most machines. */
const roomFor = 512;

/** Longer than any chain of processes that somebody needs. */
const deepest = 64;

/** As many of its parents are named. */
const parentsNamed = 16;

/** As many files of our shim's size as are told apart at a time. */
const copiesKnown = 64;

interface Remembered {
  readonly stamp: string;
  readonly path: string;
  readonly role: Role;
}

/** Tells the program that a process works for. */
export class Programs {
  readonly #processes: Processes;
  readonly #shim: string;
  readonly #remembered = new Map<number, Remembered>();
  readonly #programs = new WeakMap<Counted, Program>();
  readonly #copies = new Map<string, boolean>();

  /** `shim`: the path of ours. A copy of it counts as well. */
  constructor(processes: Processes, shim: string) {
    this.#processes = processes;
    this.#shim = tried(() => realpathSync(shim)) ?? shim;
  }

  /**
   * The nearest program, from this process on, that is neither our shim nor runs what another one wants, as a shell
   * does. Undefined where that cannot be told, or has changed while we looked. That the number is still its own is for
   * the caller to know.
   */
  of(pid: number): Program | undefined {
    for (const process of this.#upFrom(pid)) {
      const role = this.#roleOf(process);
      if (role === undefined) return undefined;
      if (role !== "carrier") return this.#programOf(role, process);
    }
    return undefined;
  }

  /** A process, its parent, and so on, as far as that can be told. */
  *#upFrom(pid: number): Generator<Process, void, undefined> {
    let child: Process | undefined;
    for (let next = pid, depth = 0; next > 0 && depth < deepest; depth += 1) {
      const process = this.#processes.look(next);
      if (process === undefined) return;
      // What started after its child has the number of a parent that has ended.
      if (child !== undefined && process.startedAt > child.startedAt) return;
      yield process;
      child = process;
      next = process.parent;
    }
  }

  #programOf(role: Counted, { parent }: Process): Program {
    const known = this.#programs.get(role);
    if (known !== undefined) return known;
    const program = { ...role, parents: this.#namesFrom(parent) };
    this.#programs.set(role, program);
    return program;
  }

  #namesFrom(pid: number): readonly string[] {
    const names: string[] = [];
    for (const process of this.#upFrom(pid)) {
      const role = this.#roleOf(process);
      if (role !== undefined && role !== "carrier") names.push(role.name);
    }
    return names.slice(0, parentsNamed);
  }

  /** Undefined where it has become another one, or has ended, while we looked. */
  #roleOf(process: Process): Role | undefined {
    const { pid, stamp, path } = process;
    if (path === this.#shim) return "carrier";
    const known = this.#remembered.get(pid);
    if (known?.stamp === stamp && known.path === path) return known.role;
    const role = this.#isCopy(process) ? "carrier" : roleOf(process);
    const now = this.#processes.look(pid);
    if (now?.stamp !== stamp || now.path !== path) return undefined;
    this.#remember(pid, { stamp, path, role });
    return role;
  }

  #remember(pid: number, remembered: Remembered): void {
    // The one that was looked at last goes last.
    this.#remembered.delete(pid);
    this.#remembered.set(pid, remembered);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= roomFor) break;
      this.#remembered.delete(oldest);
    }
  }

  /** Whether a process runs our shim from another place: from an AppImage's, in `~/.local/bin`. */
  #isCopy({ file }: Process): boolean {
    const [theirs, ours] = [fileAt(file), fileAt(this.#shim)];
    if (theirs === undefined || ours === undefined || theirs.size !== ours.size) return false;
    const key = [theirs, ours].map(({ dev, ino, ctimeMs }) => [dev, ino, ctimeMs].join(":")).join();
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const isCopy = tried(() => readFileSync(file).equals(readFileSync(this.#shim))) ?? false;
    if (this.#copies.size >= copiesKnown) this.#copies.clear();
    this.#copies.set(key, isCopy);
    return isCopy;
  }
}
