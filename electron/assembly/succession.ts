import { spawn } from "node:child_process";
import { goneOf } from "../commands/gone.ts";
import type { Reply, Request } from "../commands/verb.ts";
import type { Succession } from "../protocol/succession.ts";
import type { Handover } from "./handover.ts";

/** What service managers are asked to start again: EX_TEMPFAIL of sysexits.h. */
const tryAgain = 75;

/**
 * Who follows this process: what systemd starts again, where it is a unit's main process (`SYSTEMD_EXEC_PID`, systemd.exec);
 * what the shim starts, where a shim has started this one. Undefined for all others: nobody knows who would.
 */
export const successionOf = (
  process: Pick<NodeJS.Process, "argv" | "env" | "pid"> & { exitCode?: unknown },
  shim: string,
): Succession | undefined => {
  const { argv, env, pid } = process;
  if (env["SYSTEMD_EXEC_PID"] === String(pid)) {
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
