import { Bus, sessionBusAddress, systemBusAddress } from "../platform/dbus/bus.ts";
import {
  bannersOff,
  notificationsInhibited,
  notificationService,
  trayHost,
} from "../platform/dbus/desktop.ts";
import type { Fact } from "../platform/dbus/fact.ts";
import { type LoginState, loginState } from "../platform/dbus/login.ts";

/** What a desktop tells of itself over its buses. */
export interface Desktop {
  /** What the system's login service says of the person's session. */
  readonly login: Fact<LoginState>;
  /** Whether tray icons are shown. */
  readonly trayHost: Fact<boolean>;
  /** Whether anything shows notifications. */
  readonly notifications: Fact<boolean>;
  /** What means: do not disturb. */
  readonly peace: readonly Fact<boolean>[];
  /** Whether an app of X sees all input. */
  readonly seesInput: boolean;
}

/** Listens to the buses of a Linux desktop. Elsewhere, and where there is none of them, nothing is known. */
export const openDesktop = ({ env, platform, pid, getuid }: NodeJS.Process): Desktop => {
  const isLinux = platform === "linux";
  const system = new Bus(isLinux ? systemBusAddress(env) : undefined);
  const session = new Bus(isLinux ? sessionBusAddress(env) : undefined);
  const of = { pid, uid: getuid?.() ?? 0, sessionId: env["XDG_SESSION_ID"] };
  return {
    login: loginState(system, of),
    trayHost: trayHost(session),
    notifications: notificationService(session),
    peace: [notificationsInhibited(session), bannersOff(session)],
    seesInput: !isLinux || !isWayland(env),
  };
};

/** Whether the person's windows are Wayland's. A variable of it may be left over from another login. */
export const isWayland = (env: NodeJS.ProcessEnv): boolean => {
  const type = env["XDG_SESSION_TYPE"];
  return type === "wayland" || (type !== "x11" && (env["WAYLAND_DISPLAY"] ?? "") !== "");
};
