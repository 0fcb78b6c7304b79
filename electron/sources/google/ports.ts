import type { Agent } from "node:https";
import type { Log } from "../../core/log.ts";
import type { Clock } from "../../core/time.ts";
import type { ProviderTime } from "../provider-time.ts";

/** What Google sources need of the world. */
export interface GooglePorts {
  /** All requests go through it: proxy, certificates and keep-alive are its matter. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the page at the end of a sign-in. */
  readonly productName: string;
  /** Outlives the sources: what is known of Google's clocks is not learnt anew with each configuration. */
  readonly providerTime: ProviderTime;
  /** How long a whole reply may take, in milliseconds. Left out: 20 s. */
  readonly requestMs?: number;
}

/** Under which name ProviderTime knows Google's hosts: a label of all of them. */
export const googleHosts = "googleapis";
