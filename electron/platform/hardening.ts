import { writeFileSync } from "node:fs";
import type { Log } from "../core/log.ts";
import { reasonOf } from "./atomic-file.ts";

/**
 * What a process that holds secrets does first: new files are for their owner only; certificates are checked; SIGUSR1
 * does not open the inspector; a reader that goes away ends nothing; a core dump holds no memory. Node cannot set the
 * core size limit; Linux can be told what a dump leaves out (core(5), coredump_filter), and that is everything.
 */
export const hardenProcess = (log: Log): void => {
  process.umask(0o077);
  // Node would take any certificate for any host.
  delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  if (process.platform !== "win32") {
    process.on("SIGUSR1", ignore);
    process.on("SIGPIPE", ignore);
  }
  if (process.platform !== "linux") return;
  try {
    writeFileSync("/proc/self/coredump_filter", "0");
  } catch (thrown) {
    log.warn("hardening: core dumps not emptied", { reason: reasonOf(thrown) });
  }
};

const ignore = (): void => undefined;
