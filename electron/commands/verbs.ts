import { awsExport, awsLogin, awsProcess } from "./aws.ts";
import { daemonRestart, daemonRun, daemonStart, daemonStop } from "./daemon.ts";
import { login, logout } from "./login.ts";
import { status } from "./status.ts";
import type { Verb } from "./verb.ts";

/** Every verb, in the order in which help names them. */
export const verbs: readonly Verb[] = [
  status,
  login,
  logout,
  awsExport,
  awsLogin,
  awsProcess,
  daemonStart,
  daemonStop,
  daemonRestart,
  daemonRun,
];
