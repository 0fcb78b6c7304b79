import type { Problem } from "./problem.ts";
import type { ProxyWithLogin } from "./proxy-tunnel.ts";

/** One way to a host. */
export interface Way {
  /** Undefined: directly. */
  readonly proxy: ProxyWithLogin | undefined;
  /** Who says so, for people; undefined where nobody says anything. */
  readonly saidBy: string | undefined;
  /** Where this way is only what is left: what is wrong with what should say another one. */
  readonly instead?: Problem;
}

/** The ways to a host, at least one, in the order in which they are to be tried. Rejects where there can be none. */
export type WaysTo = (host: string, port: number) => Promise<readonly Way[]>;
