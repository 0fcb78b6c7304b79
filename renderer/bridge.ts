import type { Bridge } from "../electron/protocol/ipc.ts";

declare global {
  interface Window {
    /** The only way out of this page: put there by the preload script. */
    readonly evercred: Bridge;
  }
}

/** What the main process does for this page. */
export const { evercred } = window;
