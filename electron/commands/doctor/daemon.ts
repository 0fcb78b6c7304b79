import type { AbsenceFacts } from "../doctor-ports.ts";
import type { Check, Finding } from "./check.ts";

/** Whether a daemon runs, and if not, why. */
export const daemonCheck: Check = {
  id: "daemon",
  title: "Daemon",
  async run({ running, inspector }) {
    if (running === undefined) {
      const absence = await inspector.absence();
      return [absence === undefined ? notReached : absent(absence)];
    }
    const { version, pid } = running.daemon;
    return [
      {
        id: "daemon.runs",
        verdict: "ok",
        sentence: `Evercred ${version} runs (pid ${pid}), for ${lengthWord(process.uptime())}.`,
        evidence: [`started as ${process.argv.slice(0, 2).join(" ")}`],
      },
    ];
  },
};

const start = "Run: evercred daemon start";

/** Somebody has started it, or it has come back, while we were looking. */
const notReached: Finding = {
  id: "daemon.not-reached",
  verdict: "warning",
  sentence: "A daemon runs, and was not reached just now.",
  remedy: "Run: evercred doctor",
};

const absent = ({ isStopped, owner, isSocketThere, lastLines }: AbsenceFacts): Finding => {
  if (owner !== undefined) {
    // What hangs does not hear anything milder.
    const end = `kill -9 ${owner.pid}; evercred daemon start`;
    return {
      id: "daemon.silent",
      verdict: "failure",
      sentence: `A daemon runs (pid ${owner.pid}), and ${isSocketThere ? "does not answer" : "its socket is gone"}.`,
      evidence: [
        `it should listen at ${owner.socket}`,
        "its end costs the sign-ins that are kept in memory only",
        ...lastLines,
      ],
      remedy: isSocketThere
        ? `Run: ${end}`
        : `Wait a minute: it puts its socket back by itself. Only if it does not, run: ${end}`,
    };
  }
  if (isStopped) {
    return {
      id: "daemon.stopped",
      verdict: "failure",
      sentence: "Evercred was stopped, and stays so until it is started or the next login.",
      remedy: start,
    };
  }
  return {
    id: "daemon.down",
    verdict: "failure",
    sentence: "No daemon runs, and none could be started.",
    evidence: lastLines,
    remedy: start,
  };
};

const lengthWord = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
};
