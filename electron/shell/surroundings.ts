import type { DeskView } from "../protocol/desk-view.ts";
import type { Told } from "./presence.ts";

/** What the desktop tells of itself. */
export interface Surroundings {
  /** Whether tray icons are shown. */
  readonly trayHost: Told<boolean>;
  /** Whether anything shows notifications. */
  readonly notifications: Told<boolean>;
}

/** What the desktop can do; `fails`: that Electron knows of no notifications here, or that one could not be shown. */
export const deskViewOf = (
  { trayHost, notifications }: Surroundings,
  fails: boolean,
  platform: NodeJS.Platform,
): DeskView => ({
  notifies: !fails && notifications.value !== false,
  tray: platform === "linux" ? (trays[String(trayHost.value)] ?? "unknown") : "shown",
});

const trays: Readonly<Partial<Record<string, DeskView["tray"]>>> = {
  true: "shown",
  false: "absent",
};
