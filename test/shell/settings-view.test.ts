import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { noRule } from "../../electron/core/limits.ts";
import { openConfig } from "../../electron/platform/config.ts";
import { type JsonSchema, jsonSchema, schemaOf } from "../../electron/platform/config-names.ts";
import { openConfigReader } from "../../electron/platform/config-reader.ts";
import type { PolicyLayers } from "../../electron/platform/policy-layers.ts";
import {
  isSettingName,
  settingGroups,
  type SettingName,
  type SettingsView,
  settingTable,
} from "../../electron/protocol/settings-view.ts";
import {
  isValueOf,
  pathOf,
  type SettingsParts,
  settingsViewsOf,
} from "../../electron/shell/settings-view.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FixedPolicy } from "../platform/fixed-policy.ts";
import { temporaryFolder } from "../platform/folder.ts";
import { at, hour } from "./views.ts";

/** What the page shows of a real configuration under a policy. */
const viewOf = (
  written: object = {},
  layers: Partial<PolicyLayers> = {},
  parts: Partial<SettingsParts> = {},
): SettingsView => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, JSON.stringify(written));
  const policy = new FixedPolicy(layers);
  const config = openConfig({ file, policy, log: new MemoryLog() });
  onTestFinished(() => config.close());
  const reader = openConfigReader(file, config, policy);
  return settingsViewsOf({
    config: () => config.current,
    values: () => reader.settings(),
    isLocked: (path) => reader.isLocked(path),
    rule: () => noRule,
    environment: {},
    bridges: () => [],
    file,
    startsAtLogin: () => false,
    ...parts,
  })();
};

const names = Object.keys(settingTable).filter(isSettingName);

describe("the table of settings", () => {
  const at = (name: SettingName): JsonSchema | undefined =>
    pathOf(name).reduce<JsonSchema | undefined>(
      (schema, part) => schemaOf(schema?.properties?.[part]),
      jsonSchema(),
    );

  test.each(names)("has what the configuration has: %s", (name) => {
    const schema = at(name);
    const row = settingTable[name];
    if (row.kind === "choice") expect(schema?.enum).toEqual(row.options);
    if (row.kind === "switch") expect(schema?.type).toBe("boolean");
    if (row.kind === "list") expect(schema?.type).toBe("array");
    if (row.kind === "duration" || row.kind === "text") expect(schema?.type).toBe("string");
    if (row.kind === "proxy") expect(schema?.anyOf).toHaveLength(3);
    if (row.kind === "certificate") expect(schema?.required).toEqual(["certFile", "keyFile"]);
  });

  test("is shown as a whole, each under one heading", () => {
    expect(Object.values(settingGroups).flat().sort()).toEqual([...names].sort());
  });
});

test("what nobody has set is what is built in, and may be changed", () => {
  const { settings } = viewOf();
  expect(settings["signIn.before"]).toEqual({
    value: "20m",
    setBy: "built-in",
    isLocked: false,
    variables: [],
  });
  expect(settings["app.startAtLogin"].value).toBeUndefined();
  expect(names.filter((name) => settings[name].isLocked)).toEqual([]);
});

test("each kind is as it is written", () => {
  const certificate = {
    certFile: "/c/me.pem",
    keyFile: "~/me.key",
    hosts: ["gateway.example.com"],
  };
  const { settings } = viewOf({
    signIn: { ask: "open", before: "90s", schedule: ["0 9 * * 1-5"] },
    network: {
      proxy: { pac: "https://pac.example.com/proxy.pac" },
      proxyUser: "ann",
      caFiles: ["~/ca.pem"],
      clientCertificate: certificate,
    },
    app: { notifications: false },
  });
  const set = names.filter((name) => settings[name].setBy === "config");
  expect(Object.fromEntries(set.map((name) => [name, settings[name].value]))).toEqual({
    "signIn.ask": "open",
    "signIn.before": "90s",
    "signIn.schedule": ["0 9 * * 1-5"],
    "network.proxy": { pac: "https://pac.example.com/proxy.pac" },
    "network.proxyUser": "ann",
    "network.caFiles": ["~/ca.pem"],
    "network.clientCertificate": certificate,
    "app.notifications": false,
  });
});

describe("under a policy", () => {
  test("what is forced is locked, and shows the policy's value", () => {
    const { settings } = viewOf(
      { signIn: { before: "5m" } },
      { force: { signIn: { before: "30m" } } },
    );
    expect(settings["signIn.before"]).toMatchObject({
      value: "30m",
      setBy: "policy",
      isLocked: true,
    });
    expect(settings["signIn.ask"].isLocked).toBe(false);
  });

  test("what would get around it is locked too", () => {
    const { settings } = viewOf({}, { force: { network: { proxy: "none" } } });
    expect(settings["network.noProxy"].isLocked).toBe(true);
  });

  test("a part that is forced locks the whole", () => {
    const force = { network: { clientCertificate: { hosts: ["gateway.example.com"] } } };
    expect(viewOf({}, { force }).settings["network.clientCertificate"].isLocked).toBe(true);
  });

  test("what is usual there may be changed", () => {
    const fallback = { app: { theme: "dark" } };
    expect(viewOf({}, { fallback }).settings["app.theme"]).toMatchObject({
      value: "dark",
      setBy: "policy-default",
      isLocked: false,
    });
    expect(viewOf({ app: { theme: "light" } }, { fallback }).settings["app.theme"]).toMatchObject({
      value: "light",
      setBy: "config",
    });
  });

  test("a door that is not allowed is locked", () => {
    const rule = { ...noRule, limits: { doors: ["gce-metadata"] as const } };
    const { settings } = viewOf({}, {}, { rule: () => rule });
    expect(settings["doors.containerCredentials"].isLocked).toBe(true);
    expect(settings["doors.gceMetadata"].isLocked).toBe(false);
  });

  test.each([
    ["https://help.example.com/evercred", "https://help.example.com/evercred"],
    ["http://help.example.com", undefined],
    ["file:///etc/passwd", undefined],
    ["ask at desk 4", undefined],
    [undefined, undefined],
  ])("help at %s can be opened: %s", (contact, contactUrl) => {
    const rule = { ...noRule, organization: "Example Corp", contact };
    expect(viewOf({}, {}, { rule: () => rule }).contactUrl).toBe(contactUrl);
  });
});

describe("the environment", () => {
  const environment = {
    HTTPS_PROXY: "http://u:hunter2@proxy.example.com",
    all_proxy: "",
    no_proxy: ".example.com",
    CLAUDE_CODE_CLIENT_CERT: "/c.pem",
    BROWSER: "firefox",
  };
  const variablesOf = (
    written: object,
    layers: Partial<PolicyLayers> = {},
  ): Readonly<Record<string, readonly string[]>> => {
    const { settings } = viewOf(written, layers, { environment });
    return Object.fromEntries(
      names
        .filter((name) => settings[name].variables.length > 0)
        .map((name) => [name, settings[name].variables]),
    );
  };

  test("is named where it counts, without what it says", () => {
    expect(variablesOf({})).toEqual({
      "signIn.browser": ["BROWSER"],
      "network.proxy": ["HTTPS_PROXY"],
      "network.noProxy": ["NO_PROXY"],
      "network.clientCertificate": ["CLAUDE_CODE_CLIENT_CERT"],
    });
    expect(JSON.stringify(viewOf({}, {}, { environment }))).not.toContain("hunter2");
  });

  test("does not count beside what is set, or what a policy has set", () => {
    expect(variablesOf({ network: { proxy: "system" } })).not.toHaveProperty(["network.proxy"]);
    expect(variablesOf({}, { force: { network: { noProxy: [] } } })).not.toHaveProperty([
      "network.noProxy",
    ]);
  });
});

test("what takes its time is read once, and again when the file or the policy has been", () => {
  let reads = 0;
  let config: object = {};
  let rule = noRule;
  const view = settingsViewsOf({
    config: () => config,
    values: () => {
      reads += 1;
      return [{ path: ["log"], value: reads === 1 ? "info" : "debug", setBy: "config" }];
    },
    isLocked: () => false,
    rule: () => rule,
    environment: {},
    bridges: () => [],
    file: "",
    startsAtLogin: () => undefined,
  });
  expect([view().settings.log.value, view().settings.log.value, reads]).toEqual([
    "info",
    "info",
    1,
  ]);
  config = {};
  expect(view().settings.log.value).toBe("debug");
  rule = { ...noRule };
  view();
  expect(reads).toBe(3);
});

test("a bridge is shown without its directory and its port", () => {
  const bridge = {
    name: "box",
    allow: ["aws:dev"],
    endsAt: at + hour,
    lastUsedAt: undefined,
    directory: "/run/user/1000/evercred/bridges/box",
    port: 4711,
  };
  const { bridges } = viewOf({}, {}, { bridges: () => [bridge] });
  expect(bridges).toEqual([
    { name: "box", allow: ["aws:dev"], endsAt: at + hour, lastUsedAt: undefined },
  ]);
});

test.each<[SettingName, unknown, boolean]>([
  ["app.theme", "dark", true],
  ["app.theme", true, false],
  ["app.notifications", false, true],
  ["app.notifications", "false", false],
  ["signIn.schedule", ["0 9 * * *"], true],
  ["signIn.schedule", [1], false],
  ["network.proxy", { pac: "/a" }, true],
  ["network.proxy", { pac: "/a", more: 1 }, false],
  ["network.clientCertificate", { certFile: "/a", keyFile: "/b" }, true],
  ["network.clientCertificate", { certFile: "/a", keyFile: "/b", passphraseKey: 1 }, false],
  ["network.clientCertificate", { certFile: "/a", keyFile: "/b", hosts: "a" }, false],
  ["network.clientCertificate", null, false],
  ["log", undefined, false],
])("%s may be %j: %s", (name, value, may) => {
  expect(isValueOf(name, value)).toBe(may);
});
