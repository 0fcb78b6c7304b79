import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type MessageBus as Client } from "dbus-native";
import { afterEach, describe, expect, test } from "vitest";
import { Bus, sessionBusAddress, systemBusAddress } from "../../electron/platform/dbus/bus.ts";
import {
  bannersOff,
  notificationsInhibited,
  notificationService,
  trayHost,
} from "../../electron/platform/dbus/desktop.ts";
import type { Fact } from "../../electron/platform/dbus/fact.ts";
import { type LoginState, loginState } from "../../electron/platform/dbus/login.ts";
import { eventually } from "../eventually.ts";
import { type Kind, type Logind, openLogind } from "./logind.ts";
import { type MessageBus, startBus } from "./message-bus.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const busAt = (address: string | undefined): Bus => {
  const bus = new Bus(address);
  ends.push(() => bus.close());
  return bus;
};

const realBus = async (startable?: string): Promise<MessageBus> => {
  const bus = await startBus(startable);
  ends.push(() => bus.stop());
  return bus;
};

const logindOn = async ({ address }: MessageBus, kind?: Kind): Promise<Logind> => {
  const logind = await openLogind(address, kind);
  ends.push(() => logind.close());
  return logind;
};

const of = { pid: process.pid, uid: 1000, sessionId: undefined };

const loginOn = async (address: string): Promise<Fact<LoginState>> => {
  const state = loginState(busAt(address), of);
  ends.push(() => state.close());
  await state.known;
  return state;
};

const becomes = (fact: Fact<LoginState>, value: LoginState | undefined): Promise<void> =>
  eventually(() => expect(fact.value).toBe(value));

describe("the state of a login", () => {
  test("is known at once, and follows what the login service says", async () => {
    const real = await realBus();
    const logind = await logindOn(real, "locked");
    const state = await loginOn(real.address);
    expect(state.value).toBe("locked");
    const seen: unknown[] = [];
    state.subscribe(() => seen.push(state.value));
    await logind.set({ LockedHint: false });
    await becomes(state, "active");
    await logind.set({ IdleHint: true });
    await becomes(state, "idle");
    await logind.set({ IdleHint: false });
    await becomes(state, "active");
    expect(seen).toEqual(["active", "idle", "active"]);
  });

  test("is locked where another person has the screen", async () => {
    const real = await realBus();
    const logind = await logindOn(real);
    const state = await loginOn(real.address);
    await logind.set({ Active: false });
    await becomes(state, "locked");
  });

  test("is what the properties say: a signal that asks for a lock has locked nothing yet", async () => {
    const real = await realBus();
    const logind = await logindOn(real);
    const state = await loginOn(real.address);
    await logind.signal("Lock");
    await logind.set({ IdleHint: true });
    await becomes(state, "idle");
  });

  test.each(["service", "terminal"] as const)(
    "is that of the session on the screen for a process of a %s",
    async (kind) => {
      const real = await realBus();
      const logind = await logindOn(real, kind);
      const state = await loginOn(real.address);
      expect(state.value).toBe("active");
      await logind.set({ LockedHint: true });
      await becomes(state, "locked");
    },
  );

  test("is unknown where the person is not logged in, and where nobody answers", async () => {
    const real = await realBus();
    expect((await loginOn(real.address)).value).toBeUndefined();
    await logindOn(real, "nobody");
    expect((await loginOn(real.address)).value).toBeUndefined();
  });

  test("is found once the login service is there, and unknown once it has gone", async () => {
    const real = await realBus();
    const state = await loginOn(real.address);
    const logind = await openLogind(real.address);
    await becomes(state, "active");
    await logind.close();
    await becomes(state, undefined);
  });
});

describe("a bus", () => {
  test("that has been restarted is found again", async () => {
    const real = await realBus();
    const logind = await openLogind(real.address, "locked");
    const state = await loginOn(real.address);
    expect(state.value).toBe("locked");
    await real.restart();
    await becomes(state, undefined);
    await logind.close();
    await logindOn(real);
    await becomes(state, "active");
  });

  test.each([undefined, "", "nonsense", "unix:path=/nowhere/bus", "autolaunch:"])(
    "at %o tells nothing",
    async (address) => {
      const bus = busAt(address);
      const state = loginState(bus, of);
      await state.known;
      expect(state.value).toBeUndefined();
      await expect(bus.hasOwner("org.freedesktop.DBus")).rejects.toThrow();
    },
  );

  test("that answers nothing tells nothing, and is let go", async () => {
    const folder = await mkdtemp(join(tmpdir(), "evercred-bus-"));
    const path = join(folder, "bus");
    const server = createServer().listen(path);
    ends.push(
      () => rm(folder, { recursive: true }),
      () => server.close(),
    );
    await once(server, "listening");
    const connected = once(server, "connection") as Promise<[Socket]>;
    const state = loginState(busAt(`unix:path=${path}`), of);
    const [socket] = await connected;
    const closed = once(socket.resume(), "close");
    await state.known;
    expect(state.value).toBeUndefined();
    await closed;
  });

  test("that hangs has each call end in time", async () => {
    const real = await realBus();
    const bus = busAt(real.address);
    const fact = trayHost(bus);
    await fact.known;
    real.freeze();
    try {
      await expect(bus.hasOwner("org.freedesktop.DBus")).rejects.toThrow();
    } finally {
      real.thaw();
    }
    expect(await bus.hasOwner("org.freedesktop.DBus")).toBe(true);
  });

  test("is where the environment says, and else where it usually is", () => {
    expect(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/a" })).toBe("unix:path=/a");
    expect(systemBusAddress({})).toBe("unix:path=/run/dbus/system_bus_socket");
    expect(sessionBusAddress({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/b" })).toBe("unix:path=/b");
    expect(sessionBusAddress({ XDG_RUNTIME_DIR: "/run/user/1" })).toBe("unix:path=/run/user/1/bus");
    expect(sessionBusAddress({})).toBeUndefined();
  });
});

/** A part of a desktop, with one property or one method. */
const serviceOn = async (
  { address }: MessageBus,
  name: string,
  path: string,
  properties: Record<string, unknown>,
  methods: Record<string, (...args: unknown[]) => unknown> = {},
): Promise<Client> => {
  const client = createClient({ busAddress: address });
  ends.push(() => client.close());
  client.connection.on("error", () => undefined);
  client.exportInterface({ ...properties, ...methods, emit: () => undefined }, path, {
    name: path === "/org/freedesktop/portal/desktop" ? name.replace("Desktop", "Settings") : name,
    properties: Object.fromEntries(Object.keys(properties).map((key) => [key, "b"])),
    methods: Object.fromEntries(Object.keys(methods).map((key) => [key, ["ss", "v", [], []]])),
  });
  await client.requestName(name, 0);
  return client;
};

const is = async (fact: Fact<boolean>): Promise<boolean | undefined> => {
  await fact.known;
  fact.close();
  return fact.value;
};

describe("a desktop", () => {
  test("that shows tray icons says so; one without the service for it, or without a host, shows none", async () => {
    const real = await realBus();
    expect(await is(trayHost(busAt(real.address)))).toBe(false);
    expect(await is(trayHost(busAt("unix:path=/nowhere")))).toBeUndefined();
    const name = "org.kde.StatusNotifierWatcher";
    const state = { IsStatusNotifierHostRegistered: false };
    const watcher = await serviceOn(real, name, "/StatusNotifierWatcher", state);
    const fact = trayHost(busAt(real.address));
    await fact.known;
    expect(fact.value).toBe(false);
    await watcher.close();
    await serviceOn(real, name, "/StatusNotifierWatcher", { IsStatusNotifierHostRegistered: true });
    await eventually(() => expect(fact.value).toBe(true));
  });

  test("shows notifications where somebody would be started to do so, and nobody is started by the question", async () => {
    const name = "org.freedesktop.Notifications";
    const none = await realBus();
    expect(await is(notificationService(busAt(none.address)))).toBe(false);
    const startable = await realBus(name);
    expect(await is(notificationService(busAt(startable.address)))).toBe(true);
    expect(await is(notificationsInhibited(busAt(startable.address)))).toBeUndefined();
    await serviceOn(none, name, "/org/freedesktop/Notifications", { Inhibited: true });
    expect(await is(notificationService(busAt(none.address)))).toBe(true);
    expect(await is(notificationsInhibited(busAt(none.address)))).toBe(true);
  });

  test("that shows no banners says so, where its portal tells", async () => {
    const real = await realBus();
    expect(await is(bannersOff(busAt(real.address)))).toBeUndefined();
    const read = (space: unknown, key: unknown): unknown => {
      expect([space, key]).toEqual(["org.gnome.desktop.notifications", "show-banners"]);
      return ["v", ["b", false]];
    };
    const name = "org.freedesktop.portal.Desktop";
    await serviceOn(real, name, "/org/freedesktop/portal/desktop", {}, { Read: read });
    expect(await is(bannersOff(busAt(real.address)))).toBe(true);
  });
});
