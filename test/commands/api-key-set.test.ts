import { beforeEach, describe, expect, test } from "vitest";
import { enter } from "../../electron/commands/api-key-enter.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { targetOf } from "../../electron/core/source.ts";
import { configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import { type CallerParts, minute, type Outcome, terminal } from "./world.ts";

const pem = ["-----BEGIN PRIVATE KEY-----", "MIGHAgEAMBMG", "-----END PRIVATE KEY-----"];

let world: World;

beforeEach(async () => {
  ({ world } = await configuredWorld({
    sources: { company: { kind: "oidc" } },
    keys: {
      litellm: { kind: "static" },
      minted: { kind: "jwt", algorithm: "ES256" },
      gateway: { kind: "oidc", source: "company" },
      vault: { kind: "command" },
    },
  }));
});

const set = (words: readonly string[], caller: CallerParts): Promise<Outcome> =>
  world.run(["api-key", "set", ...words], caller);

const held = async (name: string): Promise<string> =>
  (await world.run(["api-key", name])).stdout.trimEnd();

describe("api-key set from a pipe or a file", () => {
  test("takes it, asks nothing that can be seen, and says where it is", async () => {
    expect(await set(["litellm"], { types: ["sk-1"] })).toEqual({
      exit: 0,
      stdout: "The key of litellm is in the keychain.\n",
      stderr: "",
      questions: ["h", "h"],
    });
    expect(await held("litellm")).toBe("sk-1");
  });

  test("takes all lines of a private key", async () => {
    expect(await set(["minted"], { types: [...pem, ""] })).toMatchObject({ exit: 0 });
    expect(world.store.peek("grant/minted")).toContain(pem.join("\n"));
  });

  test("leaves blanks and empty lines around it out", async () => {
    await set(["litellm"], { types: ["", "  sk-1 ", ""] });
    expect(await held("litellm")).toBe("sk-1");
  });

  test.each([[[]], [[""]], [["  ", ""]]])("refuses one that is empty: %j", async (types) => {
    expect(await set(["litellm"], { types })).toEqual({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: Nothing was entered. Type it, or give it on stdin: evercred api-key set litellm < FILE\n",
      questions: expect.anything(),
    });
    expect(world.session("litellm").isSignedIn).toBe(false);
    expect(world.session("litellm").signInOpen).toBeUndefined();
  });

  test("stops reading what is longer than any key", async () => {
    const types = Array.from({ length: 100 }, () => "x".repeat(1_000));
    const { exit, stderr, questions } = await set(["litellm"], { types });
    expect(exit).toBe(2);
    expect(stderr).toContain("That is longer than any key.");
    expect(questions).toHaveLength(66);
  });

  test("does not wait for ever for its end", async () => {
    const call = await world.start(["api-key", "set", "litellm", "--timeout", "5m"], {
      types: [new Promise(() => undefined)],
    });
    await world.clock.advance(5 * minute);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain("Nobody has entered the key of litellm in time.");
  });

  test("ends with its caller, and then takes nothing", async () => {
    let type: (line: string) => void = () => undefined;
    const call = await world.start(["api-key", "set", "litellm"], {
      types: [new Promise((resolve) => (type = resolve))],
    });
    call.leave();
    expect(await call.exit).toBe(1);
    type("sk-1");
    await world.settle();
    expect(world.session("litellm").isSignedIn).toBe(false);
  });
});

describe("api-key set on a terminal", () => {
  test("asks for one line, unseen", async () => {
    expect(await set(["litellm"], { terminal, types: ["sk-1", "another"] })).toEqual({
      exit: 0,
      stdout: "The key of litellm is in the keychain.\n",
      stderr: "Enter the key of litellm:\n",
      questions: ["h"],
    });
    expect(await held("litellm")).toBe("sk-1");
  });

  test("reads a pasted private key to its last line, and nothing of what follows", async () => {
    const { exit, stderr, questions } = await set(["minted"], {
      terminal,
      types: [...pem, "ls"],
    });
    expect({ exit, questions }).toEqual({ exit: 0, questions: ["h", "h", "h"] });
    expect(stderr).toBe(
      "Paste the secret or the private key of minted (from a file: evercred api-key set minted < FILE):\n",
    );
    expect(world.store.peek("grant/minted")).toContain(pem.join("\n"));
  });
});

describe("what api-key set takes", () => {
  test("replaces the one before for whoever asks next", async () => {
    await set(["litellm"], { types: ["sk-1"] });
    expect(await held("litellm")).toBe("sk-1");
    await set(["litellm"], { types: ["sk-2"] });
    expect(await held("litellm")).toBe("sk-2");
  });

  test.each([
    ["pass word", "has a space in it"],
    ["x".repeat(16_385), "is longer than 16,384 characters"],
  ])(
    "may be a password: it says that it is no API key, and keeps it: %#",
    async (secret, fault) => {
      expect(await set(["litellm"], { types: [secret] })).toMatchObject({
        exit: 0,
        stderr: `What was entered ${fault}: a password may be so, but Claude Code takes no such key.\n`,
      });
      expect(world.store.peek("grant/litellm")).toContain(secret);
    },
  );

  test("says nothing of the kind of a private key, which is none", async () => {
    expect((await set(["minted"], { types: pem })).stderr).toBe("");
  });

  test("is refused with the source's own words, and the one before stays", async () => {
    await set(["minted"], { types: pem });
    expect(await set(["minted"], { types: ["sk-1"] })).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: That is no private key. See: evercred help\n",
    });
    expect(world.store.peek("grant/minted")).toContain(pem.join("\n"));
  });

  test("finishes the sign-in that the tray has open", async () => {
    const { outcome } = world.session("litellm").signIn(undefined);
    await set(["litellm"], { types: ["sk-1"] });
    expect(await outcome).toEqual({ kind: "signed-in" });
    expect(world.session("litellm").signInOpen).toBeUndefined();
  });

  test("is kept for each of two who enter one at the same time, one after the other", async () => {
    const calls = [
      await world.start(["api-key", "set", "litellm"], { types: ["sk-1"] }),
      await world.start(["api-key", "set", "litellm"], { types: ["sk-2"] }),
    ];
    expect(await Promise.all(calls.map(({ exit }) => exit))).toEqual([0, 0]);
    expect(await held("litellm")).toBe("sk-2");
    const { session } = world.broker.route(targetOf("api-key", "litellm"));
    const request = { signal: new AbortController().signal };
    await Promise.all(
      ["sk-3", "sk-4"].map((secret) => enter(new Secret(secret), session, request)),
    );
    expect(await held("litellm")).toBe("sk-4");
  });

  test("is refused for what it is, whatever another one enters at the same time", async () => {
    const { session } = world.broker.route(targetOf("api-key", "minted"));
    const request = { signal: new AbortController().signal };
    const ends = await Promise.allSettled(
      ["sk-1", pem.join("\n")].map((secret) => enter(new Secret(secret), session, request)),
    );
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(world.store.peek("grant/minted")).toContain(pem.join("\n"));
  });

  test("is said to be in memory only where the keychain does not take it", async () => {
    world.store.readOnly = true;
    expect((await set(["litellm"], { types: ["sk-1"] })).stdout).toBe(
      "The key of litellm is in memory only, until Evercred ends.\n",
    );
  });

  test("never stands in what is said, with --debug either", async () => {
    const { stdout, stderr } = await set(["litellm", "--debug"], { types: ["sk 1234567"] });
    expect(stdout + stderr).not.toContain("1234567");
  });

  test.each([
    ["gateway", "It comes with a sign-in to company: evercred login company"],
    ["vault", "It is got without a person. See: evercred api-key show vault"],
  ])("is no secret of %s, and it says what to do instead", async (name, remedy) => {
    expect(await set([name], { types: ["sk-1"] })).toEqual({
      exit: 2,
      stdout: "",
      stderr: `evercred: Nothing is entered for the key ${name}. ${remedy}\n`,
      questions: [],
    });
  });
});

describe("api-key set --expires-at", () => {
  test("writes the date, and says until when the key is good", async () => {
    const { exit, stdout } = await set(["litellm", "--expires-at", "2027-03-31"], {
      types: ["sk-1"],
    });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^The key of litellm is in the keychain, good until .+\.\n$/);
    expect(world.config.changes).toEqual([["keys.litellm.expiresAt", "2027-03-31"]]);
    expect(world.session("litellm").neededAt?.at).toBe(Date.UTC(2027, 3, 1));
  });

  test("writes nothing where nothing is entered, or a date is refused", async () => {
    await set(["litellm", "--expires-at", "2027-03-31"], { types: [] });
    expect(world.config.changes).toEqual([]);
    world.config.refusal = new EvercredError("usage", "keys.litellm.expiresAt must be a date.");
    expect(await set(["litellm", "--expires-at", "soon"], { types: ["sk-1"] })).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: "evercred: keys.litellm.expiresAt must be a date. See: evercred help\n",
    });
    expect(world.session("litellm").isSignedIn).toBe(false);
  });

  test("is wanted once the old date has passed, or a new key would have ended too", async () => {
    await world.config.set(["keys", "litellm", "expiresAt"], "2027-01-04");
    await set(["litellm"], { types: ["sk-1"] });
    await world.clock.advance(24 * 60 * minute);
    expect(await set(["litellm"], { types: ["sk-2"] })).toEqual({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: By the configuration the key of litellm has ended. Say when the new one does: evercred api-key set litellm --expires-at DATE (or none)\n",
      questions: [],
    });
    const renewed = await set(["litellm", "--expires-at", "none"], { types: ["sk-2"] });
    expect(renewed).toMatchObject({ stdout: "The key of litellm is in the keychain.\n" });
    expect(world.config.tree).toMatchObject({ keys: { litellm: { kind: "static" } } });
    expect(world.config.changes.at(-1)).toEqual(["keys.litellm.expiresAt", undefined]);
    expect(await held("litellm")).toBe("sk-2");
  });

  test("belongs to static keys", async () => {
    expect(await set(["minted", "--expires-at", "2027-03-31"], { types: pem })).toMatchObject({
      exit: 2,
      stderr: "evercred: A key of kind jwt has no --expires-at. That belongs to static.\n",
    });
  });
});
