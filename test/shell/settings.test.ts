import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { readConfigText } from "../../electron/platform/config-text.ts";
import { noLayers } from "../../electron/platform/policy-layers.ts";
import { testNetwork } from "../../electron/shell/network-test.ts";
import { type SettingsActions, settingsActionsOf } from "../../electron/shell/settings.ts";
import { StartAtLogin } from "../../electron/shell/start-at-login.ts";
import { temporaryFolder } from "../platform/folder.ts";

let ran: (readonly string[])[];
let opened: string[];
let refuses: EvercredError | undefined;
let loginFails: EvercredError | undefined;
let openFailure: string;
let contactUrl: string | undefined;
let changes: number;
let file: string;
let actions: SettingsActions;

beforeEach(() => {
  ran = [];
  opened = [];
  refuses = undefined;
  loginFails = undefined;
  openFailure = "";
  contactUrl = undefined;
  changes = 0;
  file = join(temporaryFolder(), "config.json");
  actions = settingsActionsOf({
    run: async (args) => {
      ran.push(args);
      if (refuses !== undefined) throw refuses;
    },
    file,
    openFile: async (path) => {
      opened.push(path);
      return openFailure;
    },
    openPage: async (url) => void opened.push(url),
    contactUrl: () => contactUrl,
    bridges: () => [{ name: "box" }],
    testNetwork: async () => ({ problems: [], results: [] }),
    followStartAtLogin: async () => {
      ran.push(["follow"]);
      if (loginFails !== undefined) throw loginFails;
    },
    changed: () => void (changes += 1),
  });
});

describe("a setting", () => {
  test("is set as in a terminal, a text as a text", async () => {
    expect(await actions.setSetting("signIn.before", "30m")).toMatchObject({ kind: "done" });
    await actions.setSetting("app.notifications", false);
    await actions.setSetting("network.proxy", { pac: "https://pac.example.com" });
    await actions.unsetSetting("signIn.before");
    expect(ran).toEqual([
      ["config", "set", "signIn.before", '"30m"'],
      ["config", "set", "app.notifications", "false"],
      ["config", "set", "network.proxy", '{"pac":"https://pac.example.com"}'],
      ["config", "unset", "signIn.before"],
    ]);
    expect(changes).toBe(4);
  });

  test("that is not on the page is refused, whatever the page says", async () => {
    for (const name of ["sources", "keys.x", "__proto__", "toString", "--help", 7, undefined]) {
      expect(await actions.setSetting(name, "x")).toMatchObject({
        kind: "failed",
        trouble: { code: "unknown-name" },
      });
      expect(await actions.unsetSetting(name)).toMatchObject({ kind: "failed" });
    }
    expect(ran).toEqual([]);
  });

  test("takes values of its own kind only", async () => {
    expect(await actions.setSetting("signIn.before", ["30m"])).toMatchObject({
      kind: "failed",
      trouble: { code: "usage" },
    });
    expect(ran).toEqual([]);
  });

  test("that a policy has set stays, and the reply says who has", async () => {
    refuses = new EvercredError("policy-refused", "Example Corp has set signIn.before.");
    expect(await actions.setSetting("signIn.before", "30m")).toMatchObject({
      kind: "failed",
      trouble: { code: "policy-refused", sentence: "Example Corp has set signIn.before." },
    });
  });

  test("of the start at login is done by the time of the reply, or says why not", async () => {
    await actions.setSetting("app.startAtLogin", true);
    expect(ran.at(-1)).toEqual(["follow"]);
    loginFails = new EvercredError("config-invalid", "No room.");
    expect(await actions.setSetting("app.startAtLogin", false)).toMatchObject({
      kind: "failed",
      trouble: { sentence: "No room." },
    });
  });
});

describe("the file", () => {
  test("that is not there is made, for its owner only, and nothing is wrong with it", async () => {
    expect(await actions.openConfig()).toMatchObject({ kind: "done" });
    expect(opened).toEqual([file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const place = { file, home: "/home/ann", policy: noLayers };
    expect(readConfigText(readFileSync(file, "utf8"), place).problems).toEqual([]);
  });

  test("that is there stays", async () => {
    writeFileSync(file, "// mine\n{}");
    await actions.openConfig();
    expect(readFileSync(file, "utf8")).toBe("// mine\n{}");
  });

  test("that no program opens is named, with another way", async () => {
    openFailure = "Failed to open path";
    expect(await actions.openConfig()).toMatchObject({
      kind: "failed",
      trouble: { code: "program-missing", remedy: "Run: evercred config edit" },
    });
    expect(existsSync(file)).toBe(true);
  });
});

test("only a bridge that is there is ended", async () => {
  expect(await actions.endBridge("--all")).toMatchObject({ kind: "failed" });
  expect(await actions.endBridge("box")).toMatchObject({ kind: "done" });
  expect(ran).toEqual([["bridge", "rm", "box"]]);
});

test("help is opened where it has an address", async () => {
  expect(await actions.openContact()).toMatchObject({ kind: "failed" });
  contactUrl = "https://help.example.com/";
  expect(await actions.openContact()).toMatchObject({ kind: "done" });
  expect(opened).toEqual(["https://help.example.com/"]);
});

test("the test of the network asks each host once, and then says what is wrong with its settings", async () => {
  const asked: string[] = [];
  const place = (source: string, url: string) => ({ source, url: new URL(url) });
  const test = await testNetwork({
    providers: () => [
      place("corp", "https://a.example.com/x"),
      place("corp", "https://a.example.com/y"),
      place("google", "https://b.example.com/"),
    ],
    probe: async ({ host }) => {
      asked.push(host);
      const error = new EvercredError("tls-failed", "Its certificate is unknown.");
      if (host.startsWith("b")) throw error;
      return { way: { proxy: "proxy:3128", saidBy: "HTTPS_PROXY" }, issuer: "Example\u202e Root" };
    },
    problems: () => [{ code: "config-invalid", sentence: String(asked.length), remedy: "" }],
  });
  expect(asked).toEqual(["a.example.com", "b.example.com"]);
  expect(test).toMatchObject({
    problems: [{ sentence: "2" }],
    results: [
      {
        host: "a.example.com",
        source: "corp",
        kind: "reached",
        proxy: "proxy:3128",
        saidBy: "HTTPS_PROXY",
        issuer: "Example? Root",
      },
      { host: "b.example.com", kind: "failed", trouble: { code: "tls-failed" } },
    ],
  });
});

describe("the start at login", () => {
  class Item {
    on = false;
    fails = false;
    readonly sets: boolean[] = [];

    isOn(): boolean {
      return this.on;
    }

    set(isWanted: boolean): void {
      if (this.fails) throw new EvercredError("config-invalid");
      this.sets.push(isWanted);
      this.on = isWanted;
    }
  }

  test("is left as the system has it until somebody says", () => {
    const item = new Item();
    let wanted: boolean | undefined;
    const start = new StartAtLogin(item, () => wanted);
    item.on = true;
    expect(start.follow()).toBeUndefined();
    expect(start.isOn).toBe(true);
    wanted = false;
    start.follow();
    wanted = undefined;
    start.follow();
    expect(item.sets).toEqual([false]);
    expect(start.isOn).toBe(false);
  });

  test("is written at the start and after a change, and not in between", () => {
    const item = new Item();
    let wanted = true;
    const start = new StartAtLogin(item, () => wanted);
    start.follow();
    start.follow();
    wanted = false;
    start.follow();
    expect(item.sets).toEqual([true, false]);
  });

  test("is tried again where it could not be written", () => {
    const item = new Item();
    item.fails = true;
    const start = new StartAtLogin(item, () => true);
    expect(start.follow()).toMatchObject({ code: "config-invalid" });
    item.fails = false;
    expect(start.follow()).toBeUndefined();
    expect(item.sets).toEqual([true]);
  });
});
