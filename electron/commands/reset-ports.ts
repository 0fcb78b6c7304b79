import type { StrayGrant } from "../core/source.ts";

/** Something that Evercred has put on this machine. */
export interface Belonging {
  /** What it is, for people: `what was set up in /home/ann/.claude/settings.json`. */
  readonly title: string;
  /**
   * Takes it away, and nothing of others. Resolves to a sentence where it has to stay. Rejects with an EvercredError where
   * it can be tried again: what is needed for that is there still.
   */
  remove(): Promise<string | undefined>;
}

/** Something that stays: it is somebody else's, or only an administrator can take it away. */
export interface Remainder {
  readonly sentence: string;
  /** What has to be done about it; undefined: nothing. */
  readonly remedy: string | undefined;
}

/** Something that should have gone with the last of Evercred, and has not. */
export interface Left {
  readonly sentence: string;
  readonly remedy: string;
}

/** All that Evercred has put on this machine, apart from what it does at providers. */
export interface Belongings {
  /** What was set up in other tools, and the start at login. Rejects with `config-invalid` where that cannot be told. */
  setups(): Promise<readonly Belonging[]>;
  /** Its configuration, and what it remembers. */
  files(): readonly Belonging[];
  /** What stays of it all, asked once the rest has gone. */
  remainders(): Promise<readonly Remainder[]>;
  /** The keychain's keys under which something of it stands. Rejects with `keychain-locked`, `keychain-unavailable`. */
  keys(): Promise<readonly string[]>;
  /**
   * What stands under a key, where it is a grant that says by itself how to end it: it is of a source that no configuration
   * names any more. Rejects as `keys` does.
   */
  stray(key: string): Promise<StrayGrant | undefined>;
  /** Takes away what stands under a key. Rejects as `keys` does. */
  forget(key: string): Promise<void>;
  /**
   * Stops Evercred, and takes away what it lives in: state, log, record, and all that the keychain still has of it.
   * Resolves, once that is done, to what could not be taken away; whoever hears it has a moment to say so.
   */
  leave(): Promise<readonly Left[]>;
}
