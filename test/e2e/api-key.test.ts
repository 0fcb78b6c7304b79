import { copyFile, mkdir, readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { sourceOf, tokenIn, writeTo } from "./google-home.ts";
import { type House, keychainItems, noKeychainItems, openHouse, type Outcome } from "./house.ts";
import {
  allTexts,
  configFileOf,
  enterKey,
  fed,
  keyOf,
  keysOf,
  printed,
  runWith,
} from "./key-home.ts";

const patient = { timeout: 10_000, interval: 50 };

let house: House;

describe("a key that is entered", () => {
  beforeEach(async () => {
    house = await openHouse({ awsConfig: "" });
  });

  afterEach(async () => {
    await house.close();
  });

  const add = (input: string, ...more: readonly string[]): Promise<Outcome> =>
    fed(house, input, "api-key", "add", "litellm", "--kind", "static", ...more);

  test("is typed on a terminal, where nothing of it is seen, and printed with a newline", async () => {
    const terminal = house.terminal(["api-key", "add", "litellm", "--kind", "static"]);
    await terminal.shown("Enter the key of litellm:");
    terminal.type("sk-typed-0123456789\n", "quietly");
    const { code, stdout, stderr } = await terminal.outcome;
    expect({ code, left: stderr }).toEqual({ code: 0, left: "echo on\n" });
    expect(stdout).toContain("The key of litellm is in the keychain.");
    expect(stdout).not.toContain("sk-typed");
    expect(await keyOf(house, "litellm")).toEqual(printed("sk-typed-0123456789"));
  });

  test("comes on stdin too; another one is there for everybody from their next call on", async () => {
    expect(await add("sk-first-0123456789\n")).toMatchObject({ code: 0 });
    const both = () => Promise.all([keyOf(house, "litellm"), keyOf(house, "litellm")]);
    const first = printed("sk-first-0123456789");
    expect(await both()).toEqual([first, first]);
    await enterKey(house, "litellm", "sk-second-0123456789\n");
    const second = printed("sk-second-0123456789");
    expect(await both()).toEqual([second, second]);
  });

  test("is there after a restart, and after a kill", async () => {
    await add("sk-kept-0123456789");
    expect(await house.evercred("daemon", "restart")).toMatchObject({ code: 0 });
    expect(await keyOf(house, "litellm")).toEqual(printed("sk-kept-0123456789"));
    process.kill(await house.daemonPid(), "SIGKILL");
    expect(await keyOf(house, "litellm")).toEqual(printed("sk-kept-0123456789"));
  });

  test("is handed out no more after its end; a later date in the configuration brings it back", async () => {
    const endingOn = (expiresAt: string) =>
      house.config({ keys: { litellm: { kind: "static", expiresAt } } });
    await add("sk-ended-0123456789", "--expires-at", "2099-03-31");
    await endingOn("2020-03-31");
    await vi.waitFor(async () => {
      expect(await house.evercred("api-key", "litellm")).toMatchObject({ code: 3, stdout: "" });
    }, patient);
    expect(await keysOf(house)).toMatchObject([{ name: "litellm", state: "signed-out" }]);
    // It would have ended at once.
    expect(await fed(house, "sk-other", "api-key", "set", "litellm")).toMatchObject({ code: 2 });
    await endingOn("2099-03-31");
    await vi.waitFor(async () => {
      expect(await keyOf(house, "litellm")).toEqual(printed("sk-ended-0123456789"));
    }, patient);
  });

  test("that is taken away leaves nothing, and the configuration is as somebody has written it", async () => {
    const lines = [
      "// Mine.",
      "{",
      '  "log": "debug", // while I look',
      '  "keys": {',
      "    // Of the other team.",
      '    "other": { "kind": "static" },',
      "  },",
      "}",
      "",
    ];
    const file = await writeTo(configFileOf(house), lines.join("\n"));
    expect(await add("sk-gone-0123456789")).toMatchObject({ code: 0 });
    const added = (await readFile(file, "utf8")).split("\n");
    expect(added.filter((line) => lines.includes(line))).toEqual(lines);
    expect(added.filter((line) => !lines.includes(line)).join("")).toMatch(
      /^\s*"litellm":\s*\{\s*"kind":\s*"static"\s*\},?$/,
    );
    expect(await keychainItems(house)).not.toBe(noKeychainItems);
    const { code, stdout } = await house.evercred("api-key", "rm", "litellm");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "The key litellm is gone, and its secret.\n",
    });
    expect(await keychainItems(house)).toBe(noKeychainItems);
    expect(await readFile(file, "utf8")).toBe(lines.join("\n"));
    expect(await house.evercred("api-key", "litellm")).toMatchObject({ code: 2, stdout: "" });
  });

  test("is not taken from a command line, and not repeated either", async () => {
    const secret = "sk-ant-Api03-0123456789";
    await add("sk-good-0123456789");
    const lines = [
      ["api-key", "set", "litellm", secret],
      ["api-key", "set", "litellm", `--key=${secret}`],
      ["api-key", "add", "more", secret, "--kind", "static"],
      ["api-key", "add", secret, "--kind", "static"],
      ["api-key", "litellm", secret],
      ["api-key", secret],
    ];
    for (const line of lines) {
      const { code, stdout, stderr } = await house.evercred(...line);
      expect({ line, code, stdout }).toEqual({ line, code: 2, stdout: "" });
      expect(stderr).not.toBe("");
      expect(stderr).not.toContain(secret);
    }
    expect(await keyOf(house, "litellm")).toEqual(printed("sk-good-0123456789"));
    expect((await keysOf(house)).map(({ name }) => name)).toEqual(["litellm"]);
  });

  test("stands nowhere but in the keychain", async () => {
    await house.config({ log: "debug" });
    const secrets = ["sk-nowhere-0123456789", "sk-nowhere-9876543210"];
    const said: string[] = [];
    const note = ({ stdout, stderr }: Outcome): void => {
      said.push(stdout, stderr);
    };
    note(await add(secrets[0]!, "--debug"));
    note(await fed(house, secrets[1]!, "api-key", "set", "litellm", "--debug"));
    const { code, stderr } = await house.evercred("api-key", "litellm", "--fresh", "--debug");
    expect(code).toBe(0);
    said.push(stderr);
    const address = `http://127.0.0.1:9/`;
    note(await house.evercred("api-key", "test", "litellm", "--url", address, "--debug"));
    note(await house.evercred("api-key", "list", "--json"));
    note(await house.evercred("api-key", "show", "litellm", "--json"));
    note(await house.evercred("status", "--json"));
    said.push(...(await allTexts(house)));
    expect(said.some((text) => text.includes("litellm"))).toBe(true);
    expect(secrets.filter((secret) => said.some((text) => text.includes(secret)))).toEqual([]);
    expect(
      said.filter((text) => text.includes(Buffer.from(secrets[1]!).toString("base64"))),
    ).toEqual([]);
  });

  test("that is not there is asked for: nothing is printed, and the tray has it to do", async () => {
    await house.config({ keys: { litellm: { kind: "static" } } });
    const { code, stdout, stderr } = await house.evercred("api-key", "litellm");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("evercred api-key set litellm");
    expect(await sourceOf(house, "litellm")).toMatchObject({
      state: "signed-out",
      signInWantedAt: expect.any(String),
    });
    expect(await house.pages()).toEqual([]);
  });
});

describe("keys by name", () => {
  beforeAll(async () => {
    house = await openHouse({ awsConfig: "" });
    await house.config({
      keys: {
        litellm: { kind: "static", expiresAt: "2099-03-31" },
        vault: { kind: "command", command: ["echo", "sk-vault-0123456789"] },
        minted: { kind: "jwt", algorithm: "HS256" },
      },
    });
    await enterKey(house, "litellm", "sk-litellm-0123456789");
  });

  afterAll(async () => {
    await house.close();
  });

  test("are listed with their kinds and ends, and none of them is printed", async () => {
    await keyOf(house, "vault");
    const list = await house.evercred("api-key", "list");
    expect(list.stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^litellm +static +.*2099/),
      expect.stringMatching(/^minted +jwt +/),
      expect.stringMatching(/^vault +command +.*this one until \d\d:\d\d/),
    ]);
    expect(await keysOf(house)).toEqual([
      expect.objectContaining({ name: "litellm", kind: "static", state: "active" }),
      expect.objectContaining({ name: "minted", kind: "jwt", state: "signed-out" }),
      expect.objectContaining({ name: "vault", kind: "command", state: "active" }),
    ]);
    const show = await house.evercred("api-key", "show", "litellm");
    expect(show.stdout).toMatch(/^litellm {2}static\n/);
    expect(`${list.stdout}${show.stdout}`).not.toContain("sk-");
  });

  test("that there is not: the nearest is named", async () => {
    for (const verb of [[], ["show"], ["set"], ["test", "--url", "http://127.0.0.1:9"], ["rm"]]) {
      const { code, stdout, stderr } = await house.evercred("api-key", ...verb, "litelm");
      expect({ verb, code, stdout }).toEqual({ verb, code: 2, stdout: "" });
      expect(stderr).toContain("There is no key litelm.");
      expect(stderr).toContain("Did you mean litellm?");
    }
  });

  test("as Claude Code's apiKeyHelper: by a shell, in a project, with little in the environment", async () => {
    const bin = join(house.home, "path with spaces");
    const project = join(house.home, "a project");
    await mkdir(bin);
    await mkdir(project);
    await copyFile(house.shim, join(bin, "evercred"));
    // A project's own file never counts.
    await writeTo(join(project, "config.json"), JSON.stringify({ keys: {} }));
    const env = {
      HOME: house.home,
      PATH: "/usr/bin:/bin",
      XDG_RUNTIME_DIR: house.runtime,
      CLAUDE_CODE_ENTRYPOINT: "cli",
    };
    const helper = `'${join(bin, "evercred")}' api-key litellm`;
    const { code, stdout, stderr } = await runWith(house, "/bin/sh", ["-c", helper], {
      cwd: project,
      env,
    });
    expect({ code, stdout, stderr }).toEqual(printed("sk-litellm-0123456789"));
  });

  test("over a bridge: the one that is allowed, and no other", async () => {
    const added = await house.evercred(
      "bridge",
      "add",
      "box",
      "--allow",
      "api-key:litellm",
      "--json",
    );
    const { directory } = JSON.parse(added.stdout) as { readonly directory: string };
    const inside = (...args: readonly string[]): Promise<Outcome> =>
      house.run(house.shim, args, { EVERCRED_BRIDGE: directory });
    expect(await inside("api-key", "litellm")).toMatchObject(printed("sk-litellm-0123456789"));
    expect(await inside("api-key")).toMatchObject(printed("sk-litellm-0123456789"));
    const refused = [
      "api-key vault",
      "api-key nobody",
      "api-key list",
      "api-key show litellm",
      "api-key set litellm",
      "api-key rm litellm --yes",
      "api-key add more --kind static",
      "api-key test litellm --url http://127.0.0.1:9",
      "source list",
      "headers otel",
      "proxy-auth litellm",
    ];
    const outcomes = await Promise.all(
      refused.map(async (line) => {
        const { code, stdout } = await inside(...line.split(" "));
        return { line, code, stdout };
      }),
    );
    expect(outcomes).toEqual(refused.map((line) => ({ line, code: 5, stdout: "" })));
    const { stdout: audit } = await house.evercred("audit", "--json");
    const entries = audit
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ bridge, event }) => bridge === "box" && event === "served")
      // What comes within a second is one line.
      .flatMap(({ verb, target, exit, count = 1 }) =>
        Array.from({ length: Number(count) }, () => ({ verb, target, exit })),
      );
    const served = { verb: "api-key", target: "api-key:litellm", exit: 0 };
    expect(entries).toEqual([served, served]);
    expect(audit).toMatch(/"api-key:vault"/);
    expect(audit).not.toContain("sk-litellm");
  });
});

describe("a key that is minted here", () => {
  let folder: string;

  beforeAll(async () => {
    house = await openHouse({ awsConfig: "" });
    folder = join(house.home, "pems");
    await mkdir(folder);
  });

  afterAll(async () => {
    await house.close();
  });

  /** A private key of openssl's own making, and its public half. */
  const pair = async (
    name: string,
    ...algorithm: readonly string[]
  ): Promise<{ readonly own: string; readonly open: string }> => {
    const file = join(folder, name);
    const made = await house.run("/usr/bin/openssl", ["genpkey", ...algorithm, "-out", file]);
    const half = await house.run("/usr/bin/openssl", ["pkey", "-in", file, "-pubout"]);
    expect([made.code, half.code]).toEqual([0, 0]);
    return { own: await readFile(file, "utf8"), open: half.stdout };
  };

  const p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

  /** What a gateway reads in a token, or why it does not take it. */
  const verified = async (token: string, key: string): Promise<Verified> => {
    const verify = join(import.meta.dirname, "..", "sources", "keys", "verify-jwt.mjs");
    const input = JSON.stringify({ token, algorithm: "ES256", key, now: Date.now() });
    const { stdout } = await runWith(house, process.execPath, [verify], { input });
    return JSON.parse(stdout) as Verified;
  };

  interface Verified {
    readonly header?: Readonly<Record<string, unknown>>;
    readonly claims?: Readonly<Record<string, unknown>> & { readonly exp: number };
    readonly refused?: string;
  }

  const token = async (name: string): Promise<string> =>
    tokenIn(await house.evercred("api-key", name));

  test("is one that a gateway takes, with its claims; a key that does not fit leaves the one before", async () => {
    const good = await pair("good.pem", ...p256);
    const added = await house.evercred(
      ...["api-key", "add", "minted", "--kind", "jwt", "--algorithm", "ES256", "--key-id", "k1"],
      ...["--claim", "sub=${user}", "--claim", 'on={"host":"${hostname}"}', "--claim", "level=5"],
      ...["--issuer", "evercred", "--audience", "a", "--audience", "b", "--lifetime", "1h"],
    );
    expect(added).toMatchObject({ code: 0 });
    expect(added.stderr).toContain("evercred api-key set minted");
    expect(await house.evercred("api-key", "minted")).toMatchObject({ code: 3, stdout: "" });
    await enterKey(house, "minted", good.own);
    const first = await token("minted");
    const { header, claims } = await verified(first, good.open);
    expect(header).toEqual({ alg: "ES256", kid: "k1", typ: "JWT" });
    expect(claims).toMatchObject({
      ...{ iss: "evercred", aud: ["a", "b"], level: 5 },
      ...{ sub: userInfo().username, on: { host: hostname() } },
    });
    expect(Math.abs(claims!.exp * 1000 - (Date.now() + 3_600_000))).toBeLessThan(30_000);
    const stranger = await pair("stranger.pem", ...p256);
    expect(await verified(first, stranger.open)).toMatchObject({
      refused: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    });

    const other = await pair(
      "other.pem",
      "-algorithm",
      "EC",
      "-pkeyopt",
      "ec_paramgen_curve:P-384",
    );
    for (const [wrong, what] of [
      [other.own, "this is an EC key on the curve P-384."],
      [good.open, "this is a public key."],
      ["sk-no-pem", "this is no PEM."],
    ] as const) {
      const { code, stderr } = await fed(house, wrong, "api-key", "set", "minted");
      expect({ what, code }).toEqual({ what, code: 2 });
      expect(stderr).toContain(`ES256 needs an EC key on the curve P-256; ${what}`);
      expect(stderr).not.toContain("sk-no-pem");
    }
    process.kill(await house.daemonPid(), "SIGKILL");
    const later = await verified(await token("minted"), good.open);
    expect(later.claims).toMatchObject({ iss: "evercred" });

    await enterKey(house, "minted", stranger.own);
    expect(await verified(await token("minted"), stranger.open)).toMatchObject({ header });
    const texts = await allTexts(house);
    const body = good.own.split("\n")[1]!;
    expect(texts.filter((each) => each.includes(body))).toHaveLength(1);
  });

  test("is minted anew before its end", async () => {
    const { own, open } = await pair("brief.pem", ...p256);
    const flags = ["--kind", "jwt", "--algorithm", "ES256", "--lifetime", "4s"];
    expect(await fed(house, own, "api-key", "add", "brief", ...flags)).toMatchObject({ code: 0 });
    const tokens = new Set<string>();
    const bad: unknown[] = [];
    await vi.waitFor(
      async () => {
        const each = await token("brief");
        const result = await verified(each, open);
        if (result.claims === undefined) bad.push(result);
        tokens.add(each);
        expect(tokens.size).toBeGreaterThanOrEqual(3);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(bad).toEqual([]);
  });
});
