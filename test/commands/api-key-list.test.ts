import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import { hour, minute, type Outcome } from "./world.ts";

let world: World;

beforeEach(async () => {
  ({ world } = await configuredWorld({
    sources: { company: { kind: "oidc" } },
    keys: {
      vault: { kind: "command" },
      litellm: { kind: "static", expiresAt: "2027-03-31" },
      gateway: { kind: "oidc", source: "company" },
      iap: { kind: "gcp-id-token", source: "nowhere" },
    },
  }));
});

const apiKey = (...words: readonly string[]): Promise<Outcome> => world.run(["api-key", ...words]);

const enter = (): Promise<Outcome> =>
  world.run(["api-key", "set", "litellm"], { types: ["sk-secret"] });

describe("api-key list", () => {
  test("says of each key, by name, its kind and how it stands", async () => {
    await enter();
    await apiKey("litellm");
    await world.signIn("company");
    await apiKey("gateway");
    const { exit, stdout, stderr } = await apiKey("list");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toBe(
      [
        `gateway  oidc          signed in; this one until ${world.timeIn(hour)}`,
        "iap      gcp-id-token  cannot be used, see: evercred status",
        `litellm  static        the key ends on ${world.timeIn(Date.UTC(2027, 3, 1) - world.clock.now())}`,
        "vault    command       needs nobody",
        "",
      ].join("\n"),
    );
  });

  test("says what a person has to do, and what was refused", async () => {
    world.provider.denied.add("vault");
    await apiKey("vault");
    const { stdout } = await apiKey("list");
    expect(stdout).toContain("litellm  static        no key yet\n");
    expect(stdout).toContain("vault    command       refused: The provider refuses this role.\n");
  });

  test("does not name a key in hand that has ended", async () => {
    await apiKey("vault");
    world.clock.jump(2 * hour);
    expect((await apiKey("list")).stdout).not.toContain("this one until");
  });

  test("--json has the same for programs, and no secret", async () => {
    await enter();
    await apiKey("litellm");
    world.provider.denied.add("vault");
    await apiKey("vault");
    const { stdout } = await apiKey("list", "--json");
    expect(stdout).not.toContain("sk-secret");
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      keys: [
        { name: "gateway", kind: "oidc", source: "company", state: "signed-out", reason: "never" },
        { name: "iap", kind: "gcp-id-token", state: "unusable" },
        {
          name: "litellm",
          kind: "static",
          source: "litellm",
          state: "active",
          signedInUntil: "2027-04-01T00:00:00.000Z",
          credentialExpiresAt: "2027-04-01T00:00:00.000Z",
          lastUsedAt: "2027-01-04T09:00:00.000Z",
        },
        {
          name: "vault",
          kind: "command",
          source: "vault",
          state: "active",
          lastUsedAt: "2027-01-04T09:00:00.000Z",
          refused: {
            code: "access-denied",
            message: "The provider refuses this role.",
            remedy: "Ask whoever assigns it to you.",
          },
        },
      ],
    });
  });

  test("says so where there are none", async () => {
    ({ world } = await configuredWorld());
    expect(await apiKey("list")).toEqual({
      exit: 0,
      stdout: "",
      stderr: "There are no keys. Add one: evercred api-key add NAME --kind KIND\n",
      questions: [],
    });
    expect((await apiKey("list", "--json")).stdout).toBe('{"version":1,"keys":[]}\n');
  });
});

describe("api-key show", () => {
  test("says where the key comes from, how that stands, and when it was asked for", async () => {
    await world.signIn("company");
    await apiKey("gateway");
    await world.clock.advance(minute);
    expect(await apiKey("show", "gateway")).toEqual({
      exit: 0,
      stdout: [
        "gateway  oidc",
        "  source  company",
        `  state   signed in; this one until ${world.timeIn(59 * minute)}`,
        `  use     last asked for ${world.timeIn(-minute)}`,
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("says of one that was not asked for that it was not", async () => {
    const { stdout } = await apiKey("show", "litellm");
    expect(stdout).toContain("  state   no key yet\n");
    expect(stdout).toContain("  use     not asked for since Evercred was started\n");
  });

  test("--json is one document, and is so while a sign-in is open", async () => {
    world.session("company").signIn(undefined);
    await world.settle();
    expect(JSON.parse((await apiKey("show", "gateway", "--json")).stdout)).toEqual({
      version: 1,
      name: "gateway",
      kind: "oidc",
      source: "company",
      state: "signing-in",
      reason: "never",
    });
  });

  test("never prints the key", async () => {
    await enter();
    for (const more of [[], ["--json"]]) {
      expect((await apiKey("show", "litellm", ...more)).stdout).not.toContain("sk-secret");
    }
  });

  test.each([
    ["iap", "Nothing gives the key iap."],
    ["litelm", "There is no key litelm. Did you mean litellm?"],
  ])("exits 2 for %s", async (name, sentence) => {
    const { exit, stdout, stderr } = await apiKey("show", name);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });
});

describe("api-key rm", () => {
  const typing = (types: readonly string[], ...words: readonly string[]): Promise<Outcome> =>
    world.run(["api-key", "rm", ...words], {
      terminal: { stdin: true, stdout: true, stderr: true, width: 80 },
      types,
    });

  test("forgets the secret, and takes the key out of the configuration", async () => {
    await enter();
    expect(world.store.peek("grant/litellm")).toContain("sk-secret");
    expect(await apiKey("rm", "litellm")).toEqual({
      exit: 0,
      stdout: "The key litellm is gone, and its secret.\n",
      stderr: "",
      questions: [],
    });
    expect(world.store.peek("grant/litellm")).toBeUndefined();
    expect(world.config.changes).toEqual([["keys.litellm", undefined]]);
    expect((await apiKey("litellm")).exit).toBe(2);
  });

  test("forgets a secret that has ended, too", async () => {
    await enter();
    await world.clock.advance(100 * 24 * hour);
    expect(world.session("litellm").isSignedIn).toBe(false);
    await apiKey("rm", "litellm");
    expect(world.store.peek("grant/litellm")).toBeUndefined();
  });

  test("leaves the sign-in that the key comes with", async () => {
    await world.signIn("company");
    expect((await apiKey("rm", "gateway")).stdout).toBe("The key gateway is gone.\n");
    expect(world.session("company").isSignedIn).toBe(true);
  });

  test.each(["vault", "iap"])("takes %s away, of which nothing is kept here", async (name) => {
    expect((await apiKey("rm", name)).stdout).toBe(`The key ${name} is gone.\n`);
    expect(Object.keys(world.config.settings.keys)).not.toContain(name);
  });

  test("asks on a terminal, and does nothing without a yes", async () => {
    await enter();
    expect(await typing(["n"], "litellm")).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("Take the key litellm away? [y/N]\n"),
      questions: ["l"],
    });
    expect(world.config.changes).toEqual([]);
    expect(world.store.peek("grant/litellm")).toContain("sk-secret");
    expect((await typing(["y"], "litellm")).exit).toBe(0);
    expect(world.config.changes).toHaveLength(1);
  });

  test("asks nothing where it would be refused", async () => {
    world.config.refusal = new EvercredError("policy-refused", "Example Corp has set it.");
    expect(await typing(["y"], "litellm")).toMatchObject({
      exit: 5,
      stderr: expect.stringMatching(/^evercred: Example Corp has set it\./),
      questions: [],
    });
  });

  test("asks nothing with --yes", async () => {
    expect(await typing([], "litellm", "--yes")).toMatchObject({ exit: 0, questions: [] });
  });

  test("is refused while something needs the key, which it names, unless it has to be", async () => {
    world.config.tree = {
      ...world.config.tree,
      headers: {
        otel: { Authorization: "Bearer ${key:litellm}" },
        other: { "X-Key": "${key:litellm-2}" },
      },
      network: { proxyPasswordKey: "litellm" },
    };
    expect(await apiKey("rm", "litellm")).toEqual({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: The key litellm is still named by headers.otel, network.proxyPasswordKey. Change that first, or run: evercred api-key rm litellm --yes\n",
      questions: [],
    });
    expect(world.config.changes).toEqual([]);
    expect(await apiKey("rm", "litellm", "--yes")).toMatchObject({
      exit: 0,
      stderr: "headers.otel still names it.\nnetwork.proxyPasswordKey still names it.\n",
    });
  });

  test("is refused while the client of a source or a certificate needs the key", async () => {
    world.config.tree = {
      ...world.config.tree,
      sources: {
        company: { kind: "oidc", clientSecretKey: "litellm" },
        other: { kind: "oidc", clientSecretKey: "litellm-2" },
      },
      network: { clientCertificate: { passphraseKey: "litellm" } },
    };
    const { exit, stderr } = await apiKey("rm", "litellm");
    expect(exit).toBe(2);
    expect(stderr).toContain(
      "is still named by sources.company.clientSecretKey, network.clientCertificate.passphraseKey.",
    );
    expect((await apiKey("rm", "vault")).exit).toBe(0);
  });

  test("keeps the entry where the keychain could not be cleared", async () => {
    await enter();
    world.store.mood = "locked";
    expect(await apiKey("rm", "litellm")).toMatchObject({ exit: 1, stdout: "" });
    expect(world.config.changes).toEqual([]);
  });

  test("forgets nothing where the configuration cannot be changed, and says why", async () => {
    await enter();
    world.config.refusal = new EvercredError("config-invalid", "Line 3 is broken.");
    expect(await apiKey("rm", "litellm")).toMatchObject({
      exit: 2,
      stdout: "",
      stderr: expect.stringContaining("Line 3 is broken."),
    });
    expect(world.store.peek("grant/litellm")).toContain("sk-secret");
    expect((await apiKey("litellm")).stdout).toBe("sk-secret\n");
  });

  test.each([
    ["litelm", "There is no key litelm. Did you mean litellm?"],
    ["company", "There is no key company."],
  ])("knows no key %s", async (name, sentence) => {
    const { exit, stderr } = await apiKey("rm", name);
    expect(exit).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
