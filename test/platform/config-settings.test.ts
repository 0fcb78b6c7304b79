import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openConfig } from "../../electron/platform/config.ts";
import { jsonSchema } from "../../electron/platform/config-names.ts";
import { type ConfigReader, openConfigReader } from "../../electron/platform/config-reader.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FixedPolicy } from "./fixed-policy.ts";
import { temporaryFolder } from "./folder.ts";

interface Opened extends ConfigReader {
  readonly file: string;
  /** The file says this from now on. */
  write(text: string): void;
  /** By name with dots: what is in force, and whether it is written. */
  all(): Readonly<Record<string, readonly [unknown, "written" | "built in"]>>;
}

function opened(text?: string, policy = new FixedPolicy()): Opened {
  const file = join(temporaryFolder(), "config.json");
  if (text !== undefined) writeFileSync(file, text);
  const config = openConfig({ file, policy, log: new MemoryLog() });
  onTestFinished(() => config.close());
  const reader = openConfigReader(file, config, policy);
  return {
    ...reader,
    file,
    write: (next) => {
      writeFileSync(file, next);
      config.reload();
    },
    all: () =>
      Object.fromEntries(
        reader
          .settings()
          .map(({ path, value, setBy }) => [
            path.join("."),
            [value, setBy === "config" ? "written" : "built in"],
          ]),
      ),
  };
}

describe("the settings", () => {
  test("of an empty file are all that is built in, and what could be set", () => {
    expect(opened().all()).toEqual({
      $schema: [undefined, "built in"],
      version: [1, "built in"],
      sources: [{}, "built in"],
      keys: [{}, "built in"],
      headers: [{}, "built in"],
      "aws.defaultProfile": [undefined, "built in"],
      "aws.mirrorSsoCache": [true, "built in"],
      "google.defaultSource": [undefined, "built in"],
      "network.proxy": ["auto", "built in"],
      "network.proxyUser": [undefined, "built in"],
      "network.proxyPasswordKey": [undefined, "built in"],
      "network.noProxy": [[], "built in"],
      "network.caFiles": [[], "built in"],
      "network.systemCa": [true, "built in"],
      "network.clientCertificate": [undefined, "built in"],
      "signIn.ask": ["notify", "built in"],
      "signIn.before": ["20m", "built in"],
      "signIn.schedule": [[], "built in"],
      "signIn.whenLockedOrIdle": ["wait", "built in"],
      "signIn.browser": [undefined, "built in"],
      "doors.containerCredentials": [false, "built in"],
      "doors.gceMetadata": [false, "built in"],
      "app.startAtLogin": [undefined, "built in"],
      "app.theme": ["system", "built in"],
      "app.language": ["system", "built in"],
      "app.notifications": [true, "built in"],
      consent: ["off", "built in"],
      "audit.keep": ["30d", "built in"],
      "audit.maxSizeMb": [10, "built in"],
      "updates.mode": ["install", "built in"],
      "updates.channel": ["stable", "built in"],
      log: ["info", "built in"],
    });
  });

  test("stand as they are written: durations, home directories, dates, and also what is built in", () => {
    const all = opened(`{
      "signIn": { "before": "1200s" },
      "network": { "caFiles": ["~/root.pem"] },
      "keys": { "k": { "kind": "static", "expiresAt": "2027-03-31" } },
      "log": "info", // as it is anyway
    }`).all();
    expect(all).toMatchObject({
      "signIn.before": ["1200s", "written"],
      "signIn.ask": ["notify", "built in"],
      "network.caFiles": [["~/root.pem"], "written"],
      "keys.k.kind": ["static", "written"],
      "keys.k.expiresAt": ["2027-03-31", "written"],
      "keys.k.remindBefore": ["14d", "built in"],
      log: ["info", "written"],
    });
    expect(Object.keys(all)).not.toContain("keys");
  });

  test("of a source or a key are those of its kind, and of nothing else", () => {
    const all = opened(`{
      "sources": {
        "corp": { "kind": "aws-sso", "profiles": [{ "name": "p", "account": "111122223333", "role": "r" }] },
        "company": {
          "kind": "oidc", "issuer": "https://login.example.com/", "clientId": "evercred",
          "authorizeParams": { "prompt": "login" }
        }
      },
      "keys": {
        "minted": { "kind": "jwt", "algorithm": "HS256", "claims": { "a": { "b": [1] }, "x.y": "z" } },
        "vault": { "kind": "command", "command": ["vault"] }
      }
    }`).all();
    const of = (name: string): object =>
      Object.fromEntries(
        Object.entries(all)
          .filter(([each]) => each.startsWith(`${name}.`))
          .map(([each, value]) => [each.slice(name.length + 1), value]),
      );
    expect(of("sources.corp")).toEqual({
      kind: ["aws-sso", "written"],
      title: [undefined, "built in"],
      browser: [undefined, "built in"],
      enabled: [true, "built in"],
      ask: [undefined, "built in"],
      startUrl: [undefined, "built in"],
      region: [undefined, "built in"],
      scopes: [undefined, "built in"],
      flow: [undefined, "built in"],
      profiles: [[{ name: "p", account: "111122223333", role: "r" }], "written"],
      signIn: [undefined, "built in"],
      timeout: ["165s", "built in"],
    });
    expect(of("sources.company")).toMatchObject({
      "authorizeParams.prompt": ["login", "written"],
      redirectUri: ["http://127.0.0.1:0/oauth/callback", "built in"],
    });
    expect(of("keys.minted")).toEqual({
      kind: ["jwt", "written"],
      algorithm: ["HS256", "written"],
      keyId: [undefined, "built in"],
      "claims.a": [{ b: [1] }, "written"],
      "claims.x.y": ["z", "written"],
      issuer: [undefined, "built in"],
      audience: [undefined, "built in"],
      lifetime: ["1h", "built in"],
    });
    expect(of("keys.vault")).toMatchObject({
      ttl: ["5m", "built in"],
      timeout: ["30s", "built in"],
    });
  });

  test("are without names that do not count, and with the last of those that stand there twice", () => {
    const all = opened(
      '{"netwrok": {}, "aws": {"writeProfiles": true}, "log": "warn", "log": "debug"}',
    ).all();
    expect(all).toMatchObject({ log: ["debug", "written"] });
    expect(Object.keys(all)).not.toContain("netwrok");
    expect(Object.keys(all)).not.toContain("aws.writeProfiles");
  });

  test("are the last good ones where the file is broken, from the start on as well", () => {
    const config = opened('{"log": "debug"}');
    config.write('{"log": "loud"}');
    expect(config.all()["log"]).toEqual(["debug", "written"]);
    config.write('{"log": ');
    expect(config.all()["log"]).toEqual(["debug", "written"]);
    config.write("{}");
    expect(config.all()["log"]).toEqual(["info", "built in"]);
    expect(opened('{"log": "loud", "app": {"theme": "dark"}}').all()).toMatchObject({
      log: ["info", "built in"],
      "app.theme": ["system", "built in"],
    });
  });
});

describe("what is wrong with a file", () => {
  test("is said of it as it is now, with line and remedy", () => {
    const config = opened("{}");
    expect(config.problemsOf(config.file)).toEqual([]);
    // Nobody has told of the change yet.
    writeFileSync(config.file, '{\n"netwrok": {},\n"log": 1}');
    expect(config.problemsOf(config.file)).toEqual([
      expect.objectContaining({
        severity: "warning",
        line: 2,
        remedy: "Did you mean network?",
      }),
      expect.objectContaining({
        severity: "error",
        line: 3,
        remedy: "Correct it: until then the settings before it stay in force.",
      }),
    ]);
  });

  test("of another one is not that of what is in force", () => {
    const config = opened();
    const other = join(temporaryFolder(), "other.json");
    writeFileSync(other, '{"log": 1}');
    expect(config.problemsOf(other)).toEqual([
      expect.objectContaining({ file: other, severity: "error", remedy: "Correct it." }),
    ]);
    expect(config.problemsOf(config.file)).toEqual([]);
  });

  test("is that it is none, for a folder and for what never ends", () => {
    const config = opened();
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder);
    for (const file of [folder, "/dev/zero"]) {
      expect(config.problemsOf(file)).toEqual([
        expect.objectContaining({ severity: "error", sentence: "The configuration is no file." }),
      ]);
    }
  });
});

test("a home directory is whose it is when a file is read", () => {
  const config = opened('{"network": {"caFiles": ["${HOME}/ca.pem"]}}');
  expect(config.all()["network.caFiles"]).toEqual([["${HOME}/ca.pem"], "written"]);
  expect(JSON.stringify(config.settings())).not.toContain(homedir());
});

test("the schema is the one that is written beside the file", () => {
  expect(opened().schema).toBe(jsonSchema());
});
