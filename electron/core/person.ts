import type { SourceId } from "./source.ts";

/** How a sign-in page gets before a person. */
export interface Browser {
  /** Whether there is any way to open a page for this source. */
  canOpen(source: SourceId): boolean;
  /** Opens the page. False where that is known to have failed; true is no promise that anybody sees it. */
  open(url: string, source: SourceId): Promise<boolean>;
}

/** Whether somebody is at this computer. */
export interface Presence {
  /** Unknown counts as there. */
  isThere(): boolean;
  /** Whether whoever is there wants to be left alone: as far as anything tells. */
  isBusy(): boolean;
  /** Calls `listener` each time that somebody comes back, until the returned function is called. */
  onReturn(listener: () => void): () => void;
}

/** Where nothing is known of people: a headless machine. */
export const unknownPresence: Presence = {
  isThere: () => true,
  isBusy: () => false,
  onReturn: () => () => undefined,
};
