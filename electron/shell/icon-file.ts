import type { Icon } from "../protocol/headline.ts";

/** The file with a state's picture, as the tray of a platform wants it. `isDense`: the display has two pixels a point. */
export const iconFileOf = (icon: Icon, platform: NodeJS.Platform, isDense: boolean): string => {
  switch (platform) {
    // Electron adds `@2x` itself where the display is dense; macOS colours a `Template` to suit its bar.
    case "darwin":
      return `${icon}Template.png`;
    // Windows takes the width that it needs out of the file.
    case "win32":
      return `${icon}.ico`;
    // A panel of Linux is sent one picture, and scales it to its own size.
    default:
      return `${icon}-${isDense ? "44" : "22"}.png`;
  }
};
