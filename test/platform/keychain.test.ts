import { randomUUID } from "node:crypto";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import type { SecretStore } from "../../electron/core/store.ts";
import { keychainService, openKeychain } from "../../electron/platform/keychain.ts";
import { describeSecretStore } from "../contracts/secret-store.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";
import { type Keyring, startKeyring } from "./keyring.ts";
import { bundleProgram, runProgram } from "./program.ts";

let keyring: Keyring;

beforeAll(async () => {
  keyring = await startKeyring();
  // keytar is loaded at the first call, and finds the bus by these.
  Object.assign(process.env, keyring.env);
});

afterAll(() => keyring.stop());

const log = new MemoryLog();
const memoryRefusal = (): undefined => undefined;

interface Opening {
  readonly service?: string;
  readonly limitBytes?: number;
  readonly timeoutMs?: number;
}

const open = (options: Opening = {}): SecretStore =>
  openKeychain({
    ...{ service: `Evercred-${randomUUID()}`, mode: "os", log, memoryRefusal },
    ...options,
  });

const bench = async (store: SecretStore) => ({
  store,
  lock: () => keyring.lock(),
  unlock: () => keyring.unlock(),
  close: () => keyring.unlock(),
});

describeSecretStore("the system's keychain", () => bench(open()));

describeSecretStore("the system's keychain with the limit of Windows", () =>
  bench(open({ limitBytes: 2_400 })),
);

describeSecretStore("memory", async () => ({
  store: openKeychain({ service: "none", mode: "memory", log, memoryRefusal }),
  close: async () => undefined,
}));

describe("a keychain", () => {
  test("says that it persists, and memory says that it does not", () => {
    expect(open().durability).toBe("persisted");
    expect(openKeychain({ service: "x", mode: "memory", log, memoryRefusal }).durability).toBe(
      "memory",
    );
  });

  test("of a folder of its own has a service of its own", () => {
    const folder = temporaryFolder();
    const [usual, link] = [join(folder, "usual"), join(folder, "link")];
    expect(keychainService(usual, usual)).toBe("Evercred");
    expect(keychainService("/tmp/a", usual)).toMatch(/^Evercred-[0-9a-f]{8}$/);
    expect(keychainService("/tmp/a", usual)).not.toBe(keychainService("/tmp/b", usual));
    mkdirSync(usual);
    symlinkSync(usual, link);
    expect(keychainService(link, usual)).toBe("Evercred");
  });

  test("that is locked does not claim to have deleted", async () => {
    const store = open();
    await store.set("grant/corp", new Secret("one"));
    await keyring.lock();
    await expect(store.delete("grant/corp")).rejects.toMatchObject({ code: "keychain-locked" });
    await keyring.unlock();
    expect((await store.get("grant/corp"))?.reveal()).toBe("one");
  });

  test("that is locked right after a good answer is not taken for an empty one", async () => {
    const store = open();
    expect(await store.get("grant/none")).toBeUndefined();
    await keyring.lock();
    await expect(store.get("grant/none")).rejects.toMatchObject({ code: "keychain-locked" });
    await keyring.unlock();
    expect(await store.get("grant/none")).toBeUndefined();
  });

  test("that hangs makes the call in it and all in line fail, then new ones at once, and recovers", async () => {
    const store = open({ timeoutMs: 300 });
    await store.set("grant/corp", new Secret("one"));
    keyring.freeze();
    const locked = { code: "keychain-locked" };
    const waiting = [store.get("grant/corp"), store.get("grant/corp"), store.delete("grant/x")];
    for (const call of waiting) await expect(call).rejects.toMatchObject(locked);
    const startedAt = performance.now();
    for (let i = 0; i < 50; i++) {
      await expect(store.get("grant/corp")).rejects.toMatchObject(locked);
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    keyring.thaw();
    await expect
      .poll(
        () =>
          store.get("grant/corp").then(
            (value) => value?.reveal(),
            () => "locked",
          ),
        { timeout: 10_000 },
      )
      .toBe("one");
  });

  test("never shows a value in the log", async () => {
    const store = open();
    await keyring.lock();
    await store.set("grant/corp", new Secret("very secret")).catch(() => undefined);
    await keyring.unlock();
    expect(log.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(log.lines)).not.toContain("very secret");
  });
});

const program = `
  import { Secret } from "./electron/core/secret.ts";
  import { openKeychain } from "./electron/platform/keychain.ts";
  const none = () => undefined;
  const log = { debug: none, info: none, warn: none, error: none };
  const { SERVICE: service, LIMIT } = process.env;
  const store = openKeychain({ service, mode: "os", log, memoryRefusal: none, ...(LIMIT && { limitBytes: Number(LIMIT) }) });
  const print = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
  const calls = {
    get: async (key) => (await store.get(key))?.reveal() ?? null,
    set: async (key, value) => { await store.set(key, new Secret(value)); return "set"; },
    delete: async (key) => { await store.delete(key); return "deleted"; },
    hammer: async (key, ...values) => {
      for (let i = 0; ; i++) {
        const value = values[i % values.length];
        await store.set(key, new Secret(value));
        print(value);
      }
    },
  };
  process.stdin.on("data", (data) => {
    const [verb, ...args] = JSON.parse(data.toString());
    calls[verb](...args).then(print, (error) => print({ code: error.code, sentence: error.message, cause: String(error.cause) }));
  });
`;

/** What an answer to the reading of a key is where there is no way to a keychain. */
async function answerWith(env: Record<string, string | undefined>): Promise<unknown> {
  const file = await bundleProgram(program, temporaryFolder());
  const { send, next } = runProgram(file, { ...keyring.env, SERVICE: "Evercred-test", ...env });
  send(["get", "grant/corp"]);
  return next();
}

const unavailable = (cause: string) =>
  expect.objectContaining({
    code: "keychain-unavailable",
    cause: expect.stringContaining(cause),
  });

describe("there is no keychain", () => {
  test("without a session bus", async () => {
    expect(await answerWith({ DBUS_SESSION_BUS_ADDRESS: undefined })).toEqual(
      unavailable("autolaunch"),
    );
  });

  test("on a bus that is gone", async () => {
    const gone = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${temporaryFolder()}/none` };
    expect(await answerWith(gone)).toEqual(unavailable("Could not connect"));
  });

  test("without its library", async () => {
    expect(await answerWith({ NODE_PATH: temporaryFolder() })).toEqual(
      unavailable("Cannot find module"),
    );
  });

  test("on a bus without a keyring", async () => {
    const other = await startKeyring();
    onTestFinished(() => other.stop());
    await other.quit();
    expect(await answerWith(other.env)).toEqual(unavailable("not provided"));
  });
});

describe("kill -9 while grants are written", () => {
  test.each([
    ["whole", undefined],
    ["in pieces", "2400"],
  ])("leaves a value that was written, where they are kept %s", async (_, limit) => {
    const file = await bundleProgram(program, temporaryFolder());
    const env = { ...keyring.env, SERVICE: `Evercred-${randomUUID()}`, LIMIT: limit };
    const values = ["a", "b", "c"].map((letter) => letter.repeat(9_000));
    for (let round = 0; round < 6; round++) {
      const writer = runProgram(file, env);
      writer.send(["hammer", "grant/corp", ...values]);
      for (let i = 0; i <= round; i++) await writer.next();
      writer.child.kill("SIGKILL");
      await writer.ended;
      const reader = runProgram(file, env);
      reader.send(["get", "grant/corp"]);
      expect(values).toContain(await reader.next());
      reader.send(["set", "grant/corp", "short"]);
      expect(await reader.next()).toBe("set");
      reader.child.kill("SIGKILL");
    }
  });
});

describe("the keys", () => {
  test.each(["os", "memory"] as const)("are those of this service alone: %s", async (mode) => {
    const service = `Evercred-${randomUUID()}`;
    const store = openKeychain({ service, mode, log, memoryRefusal });
    await open({ service: `${service}-other` }).set("grant/other", new Secret("x"));
    expect(await store.keys()).toEqual([]);
    for (const key of ["grant/b", "grant/a"]) await store.set(key, new Secret(key));
    expect([...(await store.keys())].sort()).toEqual(["grant/a", "grant/b"]);
    await store.delete("grant/a");
    expect(await store.keys()).toEqual(["grant/b"]);
  });

  test("are not known of a locked one, which is not asked for them", async () => {
    const store = openKeychain({
      service: `Evercred-${randomUUID()}`,
      mode: "os",
      log,
      memoryRefusal,
    });
    await store.set("grant/a", new Secret("x"));
    await keyring.lock();
    await expect(store.keys()).rejects.toMatchObject({ code: "keychain-locked" });
    await keyring.unlock();
    expect(await store.keys()).toEqual(["grant/a"]);
  });
});
