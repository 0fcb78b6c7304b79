import type { Bus, BusObject } from "./bus.ts";
import { Fact } from "./fact.ts";

/** Whose session is looked for. */
export interface LoginOf {
  readonly pid: number;
  readonly uid: number;
  /** `XDG_SESSION_ID`. */
  readonly sessionId: string | undefined;
}

/** The state of a session: `locked` also where another person has the screen; `idle` where the desktop calls it so. */
export type LoginState = "active" | "idle" | "locked";

const service = "org.freedesktop.login1";
const manager = {
  service,
  path: "/org/freedesktop/login1",
  interface: "org.freedesktop.login1.Manager",
} as const;

/** Sessions with a screen. */
const graphical: ReadonlySet<unknown> = new Set(["x11", "wayland", "mir"]);

/** The state of a person's session on the screen, as systemd's login service has it. */
export const loginState = (bus: Bus, of: LoginOf): Fact<LoginState> =>
  new Fact(bus, {
    service,
    // `Lock` and `Unlock` only ask for it: what has become of that stands in the properties.
    interfaces: [
      "org.freedesktop.DBus.Properties",
      "org.freedesktop.login1.Session",
      manager.interface,
    ],
    ask: async () => {
      const session = sessionAt(await sessionPath(bus, of));
      const [isLocked, isIdle, isActive] = await Promise.all(
        ["LockedHint", "IdleHint", "Active"].map((name) => bus.property(session, name)),
      );
      if (isLocked === true || isActive === false) return "locked";
      return isIdle === true ? "idle" : "active";
    },
  });

/** Our own session where it has a screen, else the one with a screen that the person has: user services are in no session. */
const sessionPath = async (bus: Bus, { pid, uid, sessionId }: LoginOf): Promise<string> => {
  const ask = (member: string, signature: string, argument: unknown): Promise<string | undefined> =>
    bus
      .call({ ...manager, member, signature, body: [argument] })
      .then(([path]) => (typeof path === "string" ? path : undefined))
      .catch(() => undefined);
  const own =
    (await ask("GetSessionByPID", "u", pid)) ??
    (sessionId === undefined ? undefined : await ask("GetSession", "s", sessionId));
  if (own !== undefined && graphical.has(await bus.property(sessionAt(own), "Type"))) return own;
  const user = await ask("GetUser", "u", uid);
  if (user === undefined) throw new Error("no such user is logged in");
  const [, display] = listOf(
    await bus.property(
      { service, path: user, interface: "org.freedesktop.login1.User" },
      "Display",
    ),
  );
  if (typeof display !== "string" || display === "/") throw new Error("no session has a screen");
  return display;
};

const sessionAt = (path: string): BusObject => ({
  service,
  path,
  interface: "org.freedesktop.login1.Session",
});

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
