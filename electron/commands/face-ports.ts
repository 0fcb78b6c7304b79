import type { Page } from "../protocol/pages.ts";

/** The app on the desktop. */
export interface Face {
  /** Brings the window to the front: on a certain page, or as it is. */
  openWindow(page: Page | undefined): void;
  /** How the system starts the app at login, where that stands in no file of ours. */
  readonly loginItem?: { isOn(): boolean; set(isWanted: boolean): void };
}
