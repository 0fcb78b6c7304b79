import type { Errands } from "./errands.ts";
import { type Handlers, text } from "./ipc.ts";

/** How the window's calls come to the errands. */
export const errandHandlers = (
  errands: Errands,
): Pick<Handlers, "copyCommand" | "openConsole" | "testKey" | "stopErrand" | "dismissHint"> => ({
  copyCommand: (target) => errands.copyCommand(text(target)),
  openConsole: (target) => errands.openConsole(text(target)),
  testKey: (name, url) => errands.testKey(text(name), text(url)),
  stopErrand: (target) => errands.stop(text(target)),
  dismissHint: (hint) => errands.dismissHint(text(hint)),
});
