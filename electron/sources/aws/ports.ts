import type { Agent } from "node:https";
import type { Log } from "../../core/log.ts";
import type { Clock } from "../../core/time.ts";
import type { ProviderTime } from "../provider-time.ts";
import type { Timeouts } from "./transport.ts";

/** What AWS sources need of the world. */
export interface AwsPorts {
  /** All requests go through it: proxy, certificates and keep-alive are its matter. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Log;
  /** Under which `.aws/sso/cache` is. */
  readonly home: string;
  /** Whether we may write there. */
  readonly mirror: boolean;
  /** For the consent page, and the page at the end of a sign-in. */
  readonly productName: string;
  /** Outlives the sources: what is known of the providers' clocks is not learnt anew with each configuration. */
  readonly providerTime: ProviderTime;
  readonly timeouts?: Timeouts;
  /** Chance, for pauses that many of us must not make alike. Left out: the machine's. */
  readonly random?: () => number;
}

/** How long is waited where a test does not say otherwise. */
export const usualTimeouts: Timeouts = { connectMs: 10_000, requestMs: 20_000 };
