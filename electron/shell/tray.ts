import { join } from "node:path";
import { app, Menu, type MenuItemConstructorOptions, nativeImage, screen, Tray } from "electron";
import { iconOf } from "../protocol/headline.ts";
import type { Words } from "../protocol/words.ts";
import { badgeOf } from "./badge.ts";
import { iconFileOf } from "./icon-file.ts";
import type { Choice, Line } from "./menu-line.ts";
import { menuOf, trayLine, type TrayView } from "./menu.ts";

/** What the tray shows is a function of the picture and the words for it. */
export interface TrayIcon {
  show(view: TrayView, words: Words): void;
}

/** Puts the icon there. `choose` is called with what is chosen in its menu. */
export const openTray = (
  icons: string,
  first: TrayView,
  words: Words,
  choose: (choice: Choice) => void,
): TrayIcon => {
  let made = make(icons, first, choose);
  let host = first.desk.tray;
  const show = (view: TrayView, words: Words): void => {
    // Electron tells a host that comes back of its icon, but not one that was not there in the beginning.
    if (host === "absent" && view.desk.tray === "shown") {
      made.tray.destroy();
      made = make(icons, view, choose);
    }
    if (host !== "shown") host = view.desk.tray;
    made.show(view, words);
  };
  show(first, words);
  return { show };
};

/** Makes an icon; `show` draws what differs from what it shows. */
const make = (
  icons: string,
  first: TrayView,
  choose: (choice: Choice) => void,
): TrayIcon & { readonly tray: Tray } => {
  const pathOf = (view: TrayView): string =>
    join(icons, iconFileOf(iconOf(view), process.platform, isDense()));
  let path = pathOf(first);
  let tooltip = "";
  let drawn = "";
  let badge = 0;
  const tray = new Tray(nativeImage.createFromPath(path));
  // On macOS a click opens the menu, where there is one.
  if (process.platform !== "darwin") {
    tray.on("click", () => {
      choose({ kind: "open-window" });
    });
  }
  return {
    tray,
    show: (view, words) => {
      const nextPath = pathOf(view);
      if (nextPath !== path) tray.setImage(nativeImage.createFromPath(nextPath));
      path = nextPath;
      const nextTooltip = trayLine(view, words);
      if (nextTooltip !== tooltip) tray.setToolTip(nextTooltip);
      tooltip = nextTooltip;
      const lines = menuOf(view, words);
      const next = JSON.stringify(lines);
      // A menu that is set anew closes under the pointer of whoever has it open.
      if (next !== drawn) {
        tray.setContextMenu(Menu.buildFromTemplate(lines.map((line) => itemOf(line, choose))));
      }
      drawn = next;
      const nextBadge = badgeOf(view);
      if (nextBadge !== badge) showBadge(tray, nextBadge);
      badge = nextBadge;
    },
  };
};

/** A number on the app's icon, where the desktop has that; on macOS beside the tray's, because there is no other. */
const showBadge = (tray: Tray, count: number): void => {
  app.setBadgeCount(count);
  if (process.platform === "darwin") tray.setTitle(count === 0 ? "" : String(count));
};

/** Of several displays any may have the panel: what is too large is scaled down well, what is too small is not. */
const isDense = (): boolean => screen.getAllDisplays().some(({ scaleFactor }) => scaleFactor > 1);

const itemOf = (line: Line, choose: (choice: Choice) => void): MenuItemConstructorOptions => {
  switch (line.kind) {
    case "separator":
      return { type: "separator" };
    case "choice":
      return {
        label: labelOf(line.label),
        click: () => {
          choose(line.choice);
        },
      };
    case "submenu":
      return {
        label: labelOf(line.label),
        submenu: line.lines.map((inner) => itemOf(inner, choose)),
      };
  }
};

/** A single ampersand would underline the letter after it. */
const labelOf = (text: string): string => text.replaceAll("&", "&&");
