import { EvercredError } from "../core/errors.ts";
import { pageNamed, pages } from "../protocol/pages.ts";
import type { Verb } from "./verb.ts";

/** The app's window, for whoever has no tray to click at. */
export const window: Verb = {
  name: "window",
  summary: "open Evercred's window",
  words: `[${pages.join("|")}]`,
  most: 1,
  flags: {},
  about:
    "Brings Evercred's window to the front, on a page of it where one is named. Where Evercred runs without a desktop there is none, and the exit code is 4.",
  run({ words: [name] }, _request, _reply, { face }) {
    const page = name === undefined ? undefined : pageNamed(name);
    if (name !== undefined && page === undefined) {
      throw new EvercredError("usage", `The window has no page "${name}".`, {
        remedy: `There are: ${pages.join(", ")}`,
      });
    }
    if (face === undefined) throw new EvercredError("no-window");
    face.openWindow(page);
    return Promise.resolve(0);
  },
};
