import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { SeenOnLinux } from "./peer.ts";
import { fileAt, realPlace, sameFile, tried } from "./process-file.ts";
import type { Process, Processes } from "./process.ts";

/**
 * The processes of Linux, as /proc tells (proc_pid(5)). What is read at each request the addon reads, in half the time;
 * all else is read here, once a program.
 */
export const linuxProcesses = (look: (pid: number) => SeenOnLinux | undefined): Processes => ({
  look: (pid) => {
    const seen = look(pid);
    return seen && new LinuxProcess(pid, seen);
  },
});

class LinuxProcess implements Process {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: number;
  readonly stamp: string;
  readonly path: string;

  constructor(pid: number, { parent, startedAt, stamp, path }: SeenOnLinux) {
    this.pid = pid;
    this.parent = parent;
    this.startedAt = startedAt;
    this.stamp = stamp;
    this.path = path;
  }

  get file(): string {
    return this.#at("exe");
  }

  words(): readonly string[] {
    const text = tried(() => readFileSync(this.#at("cmdline"), "utf8")) ?? "";
    return text.split("\0").slice(0, -1);
  }

  isTyped(): boolean {
    return fileAt(this.#at("fd/0"))?.isCharacterDevice() === true;
  }

  resolve(word: string): string | undefined {
    const real = isAbsolute(word) ? realPlace(word) : undefined;
    // In a container, or behind a chroot, another file may stand there.
    return real !== undefined && sameFile(this.#at(`root${real}`), real) ? real : undefined;
  }

  #at(name: string): string {
    return `/proc/${String(this.pid)}/${name}`;
  }
}
