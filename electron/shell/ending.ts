import { app, powerMonitor } from "electron";

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
