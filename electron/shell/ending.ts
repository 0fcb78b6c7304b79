import { app, BrowserWindow, powerMonitor } from "electron";
import type { Succession } from "../protocol/succession.ts";
import { ownImage } from "./app-image.ts";

/** The longest that shutting down may take, in milliseconds: the system kills us soon after. */
const patienceMs = 8_000;

/**
 * Gives every way out of the app one end: `close` first, then the exit. Returns the way to end it
 * now, in this way or another; the first one wins.
 */
export const endWith = (close: () => Promise<void>): ((how?: () => Promise<void>) => void) => {
  let ending = false;
  const end = (how = close): void => {
    if (ending) return;
    ending = true;
    const leave = (): void => {
      app.exit(0);
    };
    setTimeout(leave, patienceMs);
    how().then(leave, leave);
  };
  // Both events carry one; of the second the types do not say so.
  const closeFirst = (event?: { preventDefault(): void }): void => {
    event?.preventDefault();
    end();
  };
  // Electron turns SIGTERM, SIGINT and the end of a session on Windows into this event.
  app.on("before-quit", closeFirst);
  powerMonitor.on("shutdown", closeFirst);
  return end;
};

/** The next one to start is the user's one instance, also while this one still ends: nobody is sent back to it. */
export const makeWay = (): void => {
  app.releaseSingleInstanceLock();
};

/** Ends the app so that Chromium writes nothing on its way out: its folder has just been taken away. */
export const vanish = (): void => {
  makeWay();
  process.kill(process.pid, "SIGKILL");
};

/** Has the app that is installed now come up in this one's place: with its window where this one's is open, else without. */
export const relaunch = (): Succession => {
  let isOpen = false;
  return {
    begin: () => {
      isOpen = BrowserWindow.getAllWindows().some((window) => window.isVisible());
    },
    end: () => {
      const words = process.argv.slice(1).filter((word) => !starterWords.includes(word));
      // An AppImage runs from a folder that is there only while it does.
      const execPath = ownImage(process) ?? process.execPath;
      app.relaunch({ execPath, args: [...words, isOpen ? "--again" : "--background"] });
    },
  };
};

/** What says who has started the app: see `starterOf`. */
const starterWords: readonly string[] = ["--background", "--at-login", "--again"];
