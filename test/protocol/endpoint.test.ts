import { describe, expect, test } from "vitest";
import {
  type Places,
  placesOf,
  socketPathLimit,
  type Surroundings,
} from "../../electron/protocol/endpoint.ts";

const placesFor = (parts: Partial<Surroundings>): Places =>
  placesOf({
    platform: "linux",
    env: {},
    home: "/home/ann",
    uid: 1000,
    isOurs: () => false,
    ...parts,
  });

describe("on Linux", () => {
  test("the places are those of the XDG rules", () => {
    const env = {
      XDG_CONFIG_HOME: "/c",
      XDG_STATE_HOME: "/s",
      XDG_RUNTIME_DIR: "/run/user/1000",
    };
    expect(placesFor({ env })).toEqual({
      configDir: "/c/evercred",
      stateDir: "/s/evercred",
      runtimeDir: "/run/user/1000/evercred",
      socket: "/run/user/1000/evercred/daemon.sock",
      endpointFile: "/s/evercred/endpoint",
      stoppedFile: "/run/user/1000/evercred/stopped",
      logFile: "/s/evercred/evercred.log",
    });
  });

  test("they have their usual values where nothing is set", () => {
    const places = placesFor({ isOurs: (path) => path === "/run/user/1000" });
    expect(places.configDir).toBe("/home/ann/.config/evercred");
    expect(places.stateDir).toBe("/home/ann/.local/state/evercred");
    expect(places.runtimeDir).toBe("/run/user/1000/evercred");
  });

  test("a runtime directory that is not ours is not used", () => {
    expect(placesFor({ uid: 501 }).socket).toBe("/tmp/evercred-501/daemon.sock");
  });

  test.each(["", "relative", "./run", "~/run"])("an XDG variable of %j is ignored", (value) => {
    const env = { XDG_CONFIG_HOME: value, XDG_STATE_HOME: value, XDG_RUNTIME_DIR: value };
    expect(placesFor({ env })).toEqual(placesFor({}));
  });
});

describe("on macOS", () => {
  const mac = { platform: "darwin", home: "/Users/ann" } as const;

  test("the places are those of the Library", () => {
    const dir = "/Users/ann/Library/Application Support/Evercred";
    expect(placesFor(mac)).toEqual({
      configDir: dir,
      stateDir: dir,
      runtimeDir: `${dir}/run`,
      socket: `${dir}/run/daemon.sock`,
      endpointFile: `${dir}/endpoint`,
      stoppedFile: `${dir}/run/stopped`,
      logFile: "/Users/ann/Library/Logs/Evercred/evercred.log",
    });
  });

  test("XDG variables mean nothing", () => {
    const env = { XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "/s", XDG_RUNTIME_DIR: "/r" };
    expect(placesFor({ ...mac, env })).toEqual(placesFor(mac));
  });
});

describe("on Windows", () => {
  const windows = { platform: "win32", home: "C:\\Users\\ann" } as const;

  test("the places are those of the application data", () => {
    const env = { APPDATA: "C:\\Users\\ann\\Roam", LOCALAPPDATA: "D:\\Local" };
    expect(placesFor({ ...windows, env })).toMatchObject({
      configDir: "C:\\Users\\ann\\Roam\\Evercred",
      stateDir: "D:\\Local\\Evercred",
      runtimeDir: "D:\\Local\\Evercred",
      endpointFile: "D:\\Local\\Evercred\\endpoint",
      stoppedFile: "D:\\Local\\Evercred\\stopped",
      logFile: "D:\\Local\\Evercred\\evercred.log",
    });
  });

  test.each([{}, { APPDATA: "", LOCALAPPDATA: "" }])(
    "they are under the home where the variables are %j",
    (env) => {
      const places = placesFor({ ...windows, env });
      expect(places.configDir).toBe("C:\\Users\\ann\\AppData\\Roaming\\Evercred");
      expect(places.stateDir).toBe("C:\\Users\\ann\\AppData\\Local\\Evercred");
    },
  );

  test("the mark of a stop stands in the state directory, where the shim looks for it", () => {
    const env = { EVERCRED_HOME: "D:\\own" };
    expect(placesFor({ ...windows, env }).stoppedFile).toBe("D:\\own\\state\\stopped");
  });
});

describe("EVERCRED_HOME", () => {
  test.each(["linux", "darwin"] as const)(
    "moves all places under one directory on %s",
    (platform) => {
      const env = { EVERCRED_HOME: "/own", XDG_STATE_HOME: "/s", XDG_RUNTIME_DIR: "/r" };
      expect(placesFor({ platform, env, isOurs: () => true })).toEqual({
        configDir: "/own/config",
        stateDir: "/own/state",
        runtimeDir: "/own/run",
        socket: "/own/run/daemon.sock",
        endpointFile: "/own/state/endpoint",
        stoppedFile: "/own/run/stopped",
        logFile: "/own/state/evercred.log",
      });
    },
  );

  test.each(["linux", "darwin", "win32"] as const)(
    "that is empty means nothing on %s",
    (platform) => {
      expect(placesFor({ platform, env: { EVERCRED_HOME: "" } })).toEqual(placesFor({ platform }));
    },
  );
});

test("the path of a socket may have 107 bytes on Linux and 103 on macOS", () => {
  expect(socketPathLimit("linux")).toBe(107);
  expect(socketPathLimit("darwin")).toBe(103);
});
