import type { Agent } from "node:https";
import type { Log } from "../../core/log.ts";
import type { Secret } from "../../core/secret.ts";
import type { Clock } from "../../core/time.ts";

/** What OIDC sources need of the world. */
export interface OidcPorts {
  /** All requests go through it: proxy, certificates and keep-alive are its matter. */
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Log;
  /** The value of a static key, by its name. Rejects with an EvercredError where there is none. */
  secretOf(keyName: string): Promise<Secret>;
  /** How long a whole reply may take, in milliseconds. Left out: 20 s. */
  readonly requestMs?: number;
}
