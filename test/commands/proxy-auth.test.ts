import { beforeEach, describe, expect, test } from "vitest";
import { worldOf } from "./keys.ts";
import { type CallerParts, minute, type Outcome, second, type World } from "./world.ts";

let world: World;

const proxyHost = "proxy.example.com";

beforeEach(async () => {
  world = await worldOf({ proxy: "pässword:1", gateway: "sk-gateway" });
  world.config.tree = {
    ...world.config.tree,
    network: { proxy: `http://${proxyHost}:3128`, proxyUser: "ann", proxyPasswordKey: "proxy" },
  };
});

const auth = (words: readonly string[] = [], env: CallerParts["env"] = {}): Promise<Outcome> =>
  world.run(["proxy-auth", ...words], { env });

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}\n`;

describe("what it prints", () => {
  test("is Basic of the configured user and password, in UTF-8", async () => {
    const outcome = { exit: 0, stdout: "Basic YW5uOnDDpHNzd29yZDox\n", stderr: "", questions: [] };
    expect(await auth()).toEqual(outcome);
    expect(await auth(["proxy"])).toEqual(outcome);
  });

  test("is Bearer of any other key that is named", async () => {
    expect(await auth(["gateway"])).toMatchObject({ exit: 0, stdout: "Bearer sk-gateway\n" });
  });

  test("is Basic where --user says whose password it is", async () => {
    expect(await auth(["gateway", "--user", "bob"])).toMatchObject({
      stdout: basic("bob", "sk-gateway"),
    });
    expect(await auth(["--user", "bob"])).toMatchObject({ stdout: basic("bob", "pässword:1") });
  });

  test("comes from memory, and with --fresh anew", async () => {
    await auth();
    await auth();
    expect(world.provider.count("issue")).toBe(1);
    await world.clock.advance(minute);
    await auth(["--fresh"]);
    expect(world.provider.count("issue")).toBe(2);
  });
});

describe("what is not said in the configuration", () => {
  test("is missing where no key is named", async () => {
    world.config.tree = { network: { proxyUser: "ann" } };
    expect(await auth()).toMatchObject({
      exit: 2,
      stdout: "",
      stderr:
        "evercred: Nobody has said which password the proxy wants. Set network.proxyUser and network.proxyPasswordKey, or name a key.\n",
    });
  });

  test("is missing where the password has no user", async () => {
    world.config.tree = { network: { proxyPasswordKey: "proxy" } };
    for (const words of [[], ["proxy"]]) {
      expect(await auth(words)).toMatchObject({
        exit: 2,
        stdout: "",
        stderr: expect.stringContaining("Nobody has said whose password proxy is."),
      });
    }
  });

  test("is not needed for another key", async () => {
    world.config.tree = {};
    expect(await auth(["gateway"])).toMatchObject({ exit: 0, stdout: "Bearer sk-gateway\n" });
  });
});

test("a key that is not there is refused, with the nearest one", async () => {
  expect(await auth(["gatevay"])).toMatchObject({
    exit: 2,
    stdout: "",
    stderr: "evercred: There is no key gatevay. Did you mean gateway?\n",
  });
});

test.each([
  ["a:b", "a colon"],
  ["a\u0001b", "a control character"],
  ["a\u007fb", "a control character"],
])("a user %j is refused before anything is fetched", async (user, what) => {
  const refused = {
    exit: 2,
    stdout: "",
    stderr: `evercred: The name of a proxy's user cannot have ${what} in it. Correct --user, or network.proxyUser in the configuration.\n`,
  };
  expect(await auth(["--user", user])).toMatchObject(refused);
  world.config.tree = { network: { proxyUser: user, proxyPasswordKey: "proxy" } };
  expect(await auth()).toMatchObject(refused);
  expect(world.provider.count("issue")).toBe(0);
});

describe("a key that no header can carry", () => {
  test.each([
    ["two words", ["odd"], "has a space in it"],
    ["two\nlines", ["odd"], "has more than one line"],
    ["schlüssel", ["odd"], "has characters in it that no header can carry"],
    ["two\nlines", ["odd", "--user", "ann"], "has a line break or a control character in it"],
    ["nul\0", ["odd", "--user", "ann"], "has a line break or a control character in it"],
  ])("%j is refused for %j, and not shown", async (text, words, fault) => {
    world = await worldOf({ odd: text });
    expect(await auth(words)).toEqual({
      exit: 1,
      stdout: "",
      stderr: `evercred: The key odd ${fault}: no proxy can be shown that. See what it is: evercred api-key show odd\n`,
      questions: [],
    });
  });

  test("may be a password all the same", async () => {
    world = await worldOf({ odd: "two wörds" });
    expect(await auth(["odd", "--user", "ann"])).toMatchObject({
      stdout: basic("ann", "two wörds"),
    });
  });
});

describe("the proxy that asks", () => {
  const evil = "evil.example.net";

  test.each([
    { CLAUDE_CODE_PROXY_HOST: proxyHost },
    { CLAUDE_CODE_PROXY_HOST: `${proxyHost}:3128` },
    { CLAUDE_CODE_PROXY_HOST: "Proxy.Example.COM" },
    { CLAUDE_CODE_PROXY_URL: `http://${proxyHost}:3128/` },
    { CLAUDE_CODE_PROXY_HOST: "", CLAUDE_CODE_PROXY_URL: "" },
    { CLAUDE_CODE_PROXY_HOST: proxyHost, CLAUDE_CODE_PROXY_URL: `HTTP://u:p@${proxyHost}:3128` },
    { CLAUDE_CODE_PROXY_URL: proxyHost },
    { CLAUDE_CODE_PROXY_URL: `${proxyHost}:3128` },
  ])("is the configured one: %j", async (env) => {
    expect(await auth([], env)).toMatchObject({ exit: 0, stderr: "" });
  });

  test.each([
    [{ CLAUDE_CODE_PROXY_HOST: evil }, evil],
    [{ CLAUDE_CODE_PROXY_HOST: `${evil}:3128` }, evil],
    [{ CLAUDE_CODE_PROXY_HOST: `${proxyHost}.${evil}` }, `${proxyHost}.${evil}`],
    [{ CLAUDE_CODE_PROXY_HOST: `${proxyHost}@${evil}` }, evil],
    [{ CLAUDE_CODE_PROXY_URL: `http://${evil}` }, evil],
    [{ CLAUDE_CODE_PROXY_HOST: proxyHost, CLAUDE_CODE_PROXY_URL: `http://${evil}` }, evil],
    [{ CLAUDE_CODE_PROXY_HOST: evil, CLAUDE_CODE_PROXY_URL: `http://${proxyHost}` }, evil],
    [{ CLAUDE_CODE_PROXY_HOST: "no host\u001b[2J" }, "no host [2J"],
  ])("gets nothing where it is another one: %j", async (env, named) => {
    for (const words of [[], ["gateway"], ["gateway", "--user", "bob"]]) {
      expect(await auth(words, env)).toEqual({
        exit: 5,
        stdout: "",
        stderr: `evercred: The proxy that asks is ${named}, and the one that is configured is ${proxyHost}. Correct HTTPS_PROXY where the program runs, or network.proxy in the configuration.\n`,
        questions: [],
      });
    }
    expect(world.provider.count("issue")).toBe(0);
  });

  test.each([
    [{ CLAUDE_CODE_PROXY_URL: `https://u:p@${proxyHost}:3128` }, `https://${proxyHost}:3128`],
    [{ CLAUDE_CODE_PROXY_URL: `http://${proxyHost}:8080` }, `http://${proxyHost}:8080`],
    [{ CLAUDE_CODE_PROXY_URL: `http://${proxyHost}` }, `http://${proxyHost}`],
    [{ CLAUDE_CODE_PROXY_URL: `socks5://${proxyHost}:3128` }, `socks5://${proxyHost}:3128`],
    [{ CLAUDE_CODE_PROXY_HOST: `${proxyHost}:80` }, `http://${proxyHost}`],
  ])("gets nothing where it is another one on the same host: %j", async (env, named) => {
    expect(await auth([], env)).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: expect.stringContaining(
        `The proxy that asks is ${named}, and the one that is configured is http://${proxyHost}:3128.`,
      ),
    });
    expect(world.provider.count("issue")).toBe(0);
  });

  test("is the configured one at the port that is usual for its scheme, written or not", async () => {
    const written = [`https://${proxyHost}`, `https://${proxyHost}:443/`, `${proxyHost}:443`];
    for (const proxy of [`https://${proxyHost}`, `https://${proxyHost}:443`]) {
      world.config.tree = {
        network: { proxy, proxyUser: "ann", proxyPasswordKey: "proxy" },
      };
      for (const url of written) {
        expect(await auth([], { CLAUDE_CODE_PROXY_URL: url })).toMatchObject({ exit: 0 });
      }
    }
  });

  test("gets no password where the configuration names no proxy, however it is asked for", async () => {
    world.config.tree = { network: { proxyUser: "ann", proxyPasswordKey: "proxy" } };
    for (const env of [{}, { CLAUDE_CODE_PROXY_HOST: evil }]) {
      for (const words of [[], ["proxy"], ["--user", "bob"], ["proxy", "--user", "bob"]]) {
        expect(await auth(words, env)).toEqual({
          exit: 2,
          stdout: "",
          stderr:
            "evercred: Nobody has said which proxy this password is for. Set network.proxy to its address, such as http://proxy.example.com:3128.\n",
          questions: [],
        });
      }
    }
    expect(world.provider.count("issue")).toBe(0);
  });

  test("may be any for another key where the configuration names none", async () => {
    world.config.tree = { network: { proxyUser: "ann", proxyPasswordKey: "proxy" } };
    const env = { CLAUDE_CODE_PROXY_HOST: evil };
    expect(await auth(["gateway"], env)).toMatchObject({
      exit: 0,
      stdout: "Bearer sk-gateway\n",
    });
  });
});

describe("what the proxy takes", () => {
  const takes = (header: string) => ({ CLAUDE_CODE_PROXY_AUTHENTICATE: header });

  test.each([
    "Basic",
    'basic realm="corp"',
    'Negotiate, Basic realm="corp", charset="UTF-8"',
    'Digest realm="a, b \\" c", nonce="x", Basic realm="corp"',
    'NTLM\r\nBasic realm="corp"',
    "Negotiate YII=, BASIC",
    "",
    ' , realm="nothing"',
  ])("%j is met by Basic", async (header) => {
    expect(await auth([], takes(header))).toMatchObject({ exit: 0, stderr: "" });
  });

  test.each([
    ["Negotiate", "Negotiate"],
    ["Negotiate YII=, NTLM", "Negotiate, NTLM"],
    ['Digest realm="Basic, Basic", nonce="x"', "Digest"],
    ['Digest realm="a \\", Basic, \\" b"', "Digest"],
    ['Digest realm = "a", Basic="x", Negotiate', "Digest, Negotiate"],
    ["Basics", "Basics"],
    ["NTLM, NTLM", "NTLM"],
  ])("%j is not: that is said, and nothing is fetched", async (header, offered) => {
    expect(await auth([], takes(header))).toEqual({
      exit: 5,
      stdout: "",
      stderr: `evercred: The proxy takes ${offered}, and not Basic. Evercred has Basic, of a user and a password, and Bearer, of a key.\n`,
      questions: [],
    });
    expect(world.provider.count("issue")).toBe(0);
  });

  test("a key of its own is Bearer", async () => {
    expect(await auth(["gateway"], takes("Bearer"))).toMatchObject({ exit: 0 });
    expect(await auth(["gateway"], takes("Basic"))).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining("The proxy takes Basic, and not Bearer."),
    });
  });

  test("a long list is cut short", async () => {
    const { stderr } = await auth([], takes("Scheme, ".repeat(2) + "x".repeat(5_000)));
    expect(stderr.length).toBeLessThan(250);
  });
});

describe("where the key is not there at once", () => {
  test("it exits 3, opens nothing, and the tray asks", async () => {
    await world.session("proxy").signOut();
    expect(await auth()).toMatchObject({ exit: 3, stdout: "" });
    expect(world.pages).toBe(0);
    expect(world.session("proxy").wantedAt).toBe(world.clock.now());
  });

  test("--sign-in asks and waits", async () => {
    await world.session("proxy").signOut();
    const call = await world.start(["proxy-auth", "--sign-in"]);
    world.approve("proxy");
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe(basic("ann", "pässword:1"));
  });

  test("it gives up after 25 seconds, or when --timeout says", async () => {
    const release = world.provider.hold("issue");
    const usual = await world.start(["proxy-auth"]);
    const patient = await world.start(["proxy-auth", "--timeout", "28s"]);
    await world.clock.advance(25 * second);
    expect(await usual.exit).toBe(6);
    expect(usual.stdout).toBe("");
    release();
    expect(await patient.exit).toBe(0);
  });
});
