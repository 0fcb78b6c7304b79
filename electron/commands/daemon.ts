import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

const plain = { words: "", most: 0, flags: {} } as const;

const sayWhere = (
  _parsed: Parsed,
  _request: Request,
  reply: Reply,
  { daemon }: Context,
): Promise<number> => {
  reply.print(`Evercred ${daemon.version} runs (pid ${String(daemon.pid)}) at ${daemon.socket}`);
  return Promise.resolve(0);
};

/** The shim starts the daemon where it does not run; what arrives here finds it running. */
export const daemonStart: Verb = {
  ...plain,
  name: "daemon start",
  summary: "start the daemon, also after a stop",
  about: "Starts Evercred in the background and says where it listens.",
  run: sayWhere,
};

export const daemonStop: Verb = {
  ...plain,
  name: "daemon stop",
  summary: "stop it, until the next login or start",
  about:
    "Stops Evercred. Nothing starts it again by itself before the next login, or: evercred daemon start",
  run(_parsed, _request, reply, { daemon }) {
    reply.print("Evercred stops.");
    daemon.stop();
    return Promise.resolve(0);
  },
};

export const daemonRestart: Verb = {
  ...plain,
  name: "daemon restart",
  summary: "stop it and start it",
  about: "Stops Evercred and starts it again.",
  run: sayWhere,
};

export const daemonRun: Verb = {
  ...plain,
  name: "daemon run",
  summary: "run it in the foreground, without a tray",
  about:
    "Runs the daemon in this terminal until Ctrl-C: for servers, containers and service managers.",
  run: sayWhere,
};
