import type { Agent } from "node:https";
import type { Log } from "../../../electron/core/log.ts";
import type { Source } from "../../../electron/core/source.ts";
import type { Clock } from "../../../electron/core/time.ts";
import type { Timeouts } from "../../../electron/sources/aws/transport.ts";
import type { ProviderTime } from "../../../electron/sources/provider-time.ts";
import type { Cloud, CloudOptions } from "../../fakes/cloud/cloud.ts";

/** What a daemon makes its source with. */
export interface Ports {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  readonly providerTime: ProviderTime;
  /** Left out: the usual ones. */
  readonly timeouts?: Timeouts | undefined;
}

/** What is run, and what is typed into it. */
export interface Typed {
  readonly words: readonly string[];
  readonly types?: readonly string[];
}

/** One source with its provider, and what people and programs do with it. It outlives the daemons of its machine. */
export interface World {
  readonly cloud: Cloud;
  /** Of the source. */
  readonly id: string;
  /** What a program runs. */
  readonly program: readonly string[];
  /** What a program runs for which the grant has to be renewed apart. */
  readonly apart?: readonly string[];
  /** The paths that the daemon asks for; all others are a person's browser. */
  readonly services: RegExp;
  /** The steps without which each would not be what it says; a world that cannot do it has none. */
  readonly steps: {
    readonly signIn: readonly string[];
    readonly renewal?: readonly string[];
    readonly signOut: readonly string[];
  };
  source(ports: Ports): Source;
  /** What the next person to sign in runs. */
  signIn(): Typed;
  /** The person before this page says yes. */
  approve(url: string): Promise<unknown>;
  /** The provider's own judgement of what a program was given; `kept` is what stands in the keychain. */
  isValid(stdout: string, kept: string | undefined): boolean;
  close(): Promise<void>;
}

/** Starts a world in a cloud of these options. */
export type StartWorld = (
  options: Required<Pick<CloudOptions, "now" | "around">>,
) => Promise<World>;
