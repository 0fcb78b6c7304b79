import { join } from "node:path";
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from "electron";
import { headlineOf, type Icon, iconOf } from "../protocol/headline.ts";
import type { View } from "../protocol/view.ts";
import { type Choice, type Line, menuOf } from "./menu.ts";

/** What the tray shows is a function of the picture. */
export interface TrayIcon {
  show(view: View): void;
}

/** Puts the icon there. `choose` is called with what is chosen in its menu. */
export const openTray = (
  icons: string,
  first: View,
  choose: (choice: Choice) => void,
): TrayIcon => {
  const imageOf = (icon: Icon): Electron.NativeImage =>
    nativeImage.createFromPath(join(icons, `${icon}${variant}.png`));
  let icon = iconOf(first);
  let tooltip = "";
  let drawn = "";
  const tray = new Tray(imageOf(icon));
  const show = (view: View): void => {
    const nextIcon = iconOf(view);
    if (nextIcon !== icon) tray.setImage(imageOf(nextIcon));
    icon = nextIcon;
    const nextTooltip = headlineOf(view);
    if (nextTooltip !== tooltip) tray.setToolTip(nextTooltip);
    tooltip = nextTooltip;
    const lines = menuOf(view);
    const next = JSON.stringify(lines);
    // A menu that is set anew closes under the pointer of whoever has it open.
    if (next !== drawn) {
      tray.setContextMenu(Menu.buildFromTemplate(lines.map((line) => itemOf(line, choose))));
    }
    drawn = next;
  };
  show(first);
  // On macOS a click opens the menu, where there is one.
  if (process.platform !== "darwin") {
    tray.on("click", () => {
      choose({ kind: "open-window" });
    });
  }
  return { show };
};

/** Electron adds `@2x` itself where the display is dense; macOS colours a `Template` to suit its bar. */
const variant =
  process.platform === "darwin" ? "Template" : process.platform === "win32" ? "-16" : "-22";

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
