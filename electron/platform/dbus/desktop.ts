import type { Bus } from "./bus.ts";
import { Fact } from "./fact.ts";

const watcher = {
  service: "org.kde.StatusNotifierWatcher",
  path: "/StatusNotifierWatcher",
  interface: "org.kde.StatusNotifierWatcher",
} as const;

/** Whether the desktop has a place where it shows tray icons. */
export const trayHost = (bus: Bus): Fact<boolean> =>
  new Fact(bus, {
    service: watcher.service,
    interfaces: [watcher.interface],
    ask: async () =>
      (await bus.hasOwner(watcher.service)) &&
      (await bus.property(watcher, "IsStatusNotifierHostRegistered")) === true,
  });

const notifications = {
  service: "org.freedesktop.Notifications",
  path: "/org/freedesktop/Notifications",
  interface: "org.freedesktop.Notifications",
} as const;

/** Whether anything shows notifications, or would be started to do so. */
export const notificationService = (bus: Bus): Fact<boolean> =>
  new Fact(bus, {
    service: notifications.service,
    interfaces: [],
    ask: async () =>
      (await bus.hasOwner(notifications.service)) || (await bus.isStartable(notifications.service)),
  });

/** Whether KDE holds notifications back: do not disturb, a shared screen, a film. */
export const notificationsInhibited = (bus: Bus): Fact<boolean> =>
  new Fact(bus, {
    service: notifications.service,
    interfaces: ["org.freedesktop.DBus.Properties"],
    ask: async () => (await bus.property(notifications, "Inhibited")) === true,
  });

const settings = {
  service: "org.freedesktop.portal.Desktop",
  path: "/org/freedesktop/portal/desktop",
  interface: "org.freedesktop.portal.Settings",
} as const;

/** Whether GNOME shows no banners, where its settings portal tells. */
export const bannersOff = (bus: Bus): Fact<boolean> =>
  new Fact(bus, {
    service: settings.service,
    interfaces: [settings.interface],
    ask: async () => {
      const [shown] = await bus.call({
        ...settings,
        member: "Read",
        signature: "ss",
        body: ["org.gnome.desktop.notifications", "show-banners"],
      });
      return shown === false;
    },
  });
