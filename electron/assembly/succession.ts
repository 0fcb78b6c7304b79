import { spawn } from "node:child_process";
import { goneOf } from "../commands/gone.ts";
import type { Reply, Request } from "../commands/verb.ts";
import type { Succession } from "../protocol/succession.ts";
import type { Handover } from "./handover.ts";
import type { Absent } from "./ownership.ts";

/** What service managers are asked to start again: EX_TEMPFAIL of sysexits.h. */
const tryAgain = 75;

/** What no service manager is to start again: EX_UNAVAILABLE. The unit says so to systemd. */
const inVain = 69;

/** Whether it is the main process of a unit of systemd's, from version 248 on (`SYSTEMD_EXEC_PID`, systemd.exec). */
export const isUnit = ({ env, pid }: Pick<NodeJS.Process, "env" | "pid">): boolean =>
  env["SYSTEMD_EXEC_PID"] === String(pid);

/**
 * The code to end with where there is no daemon to be. A unit ends as after any other stop where the user has stopped it,
 * and is not started again where another daemon stays.
 */
export const exitCodeOf = (
  absent: Absent,
  process: Pick<NodeJS.Process, "env" | "pid">,
): number => {
  if (!isUnit(process)) return 1;
  return absent.kind === "stopped" ? 0 : inVain;
};

/**
 * Who follows this process: what systemd starts again, where it is a unit's main process; what the shim starts, where a
 * shim has started this one. Undefined for all others: nobody knows who would.
 */
export const successionOf = (
  process: Pick<NodeJS.Process, "argv" | "env" | "pid"> & { exitCode?: unknown },
  shim: string,
): Succession | undefined => {
  const { argv, env } = process;
  if (isUnit(process)) {
    return {
      begin: () => undefined,
      end: () => {
        process.exitCode = tryAgain;
      },
    };
  }
  if (!argv.includes("--background")) return undefined;
  return {
    begin: () => undefined,
    end: () => {
      // Not `daemon start`, which a person says: that would undo a stop.
      const next = spawn(shim, ["status", "--short"], {
        detached: true,
        stdio: "ignore",
        env,
        cwd: "/",
      });
      // Where it cannot be, whoever asks next starts one.
      next.on("error", () => undefined);
      next.unref();
    },
  };
};

/**
 * Answers a request as long as this daemon is the one to answer. What comes after that gets no word: a shim that hears none
 * asks again, of the successor. A client of another version has the disk looked at.
 */
export const standingIn = async (
  handover: Handover,
  version: string,
  request: Request,
  reply: Reply,
  answer: (reply: Reply) => Promise<number>,
): Promise<number> => {
  if (handover.hasLeft) {
    await goneOf(request.signal);
    return 1;
  }
  const leave = handover.enter();
  try {
    return await answer({
      ...reply,
      // From then on the caller's own program runs, and all it needs of us outlives this daemon.
      run: (set, unset) => {
        reply.run(set, unset);
        leave();
      },
      runScript: (script, words) => {
        reply.runScript(script, words);
        leave();
      },
    });
  } finally {
    leave();
    if (request.client !== undefined && request.client !== version) handover.look();
  }
};
