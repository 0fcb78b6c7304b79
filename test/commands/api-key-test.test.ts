import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { configuredWorld } from "./configured.ts";
import type { World } from "./world.ts";
import { type Outcome, second } from "./world.ts";

let world: World;

beforeEach(async () => {
  ({ world } = await configuredWorld({
    keys: { litellm: { kind: "static" }, vault: { kind: "command" } },
  }));
  await world.run(["api-key", "set", "litellm"], { types: ["sk-1"] });
});

const url = "https://gw.example.com";

const ask = (...words: readonly string[]): Promise<Outcome> =>
  world.run(["api-key", "test", ...words]);

describe("api-key test", () => {
  test("asks the gateway with the key, and says that it takes it", async () => {
    expect(await ask("litellm", "--url", url)).toEqual({
      exit: 0,
      stdout: "gw.example.com takes the key litellm.\n",
      stderr: "",
      questions: [],
    });
    expect(world.gateways.asked).toEqual([{ url: `${url}/v1/models`, key: "sk-1" }]);
  });

  test.each([
    [`${url}/`, `${url}/v1/models`],
    [`${url}:8443`, `${url}:8443/v1/models`],
    [`${url}/anthropic`, `${url}/anthropic`],
    [`${url}/?a=b#c`, `${url}/?a=b`],
    ["http://localhost:4000", "http://localhost:4000/v1/models"],
    ["http://gw.localhost:4000/x", "http://gw.localhost:4000/x"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000/v1/models"],
    ["http://[::1]:4000", "http://[::1]:4000/v1/models"],
  ])("asks %s at %s", async (given, asked) => {
    expect((await ask("litellm", "--url", given)).exit).toBe(0);
    expect(world.gateways.asked).toMatchObject([{ url: asked }]);
  });

  test.each([
    [[], "Which gateway? Write --url with its address"],
    [["--url", "gw.example.com"], "--url is no address of a gateway."],
    [["--url", "file:///etc/passwd"], "--url is no address of a gateway."],
    [["--url", "https://ann:hunter2@gw.example.com"], "is not taken from an address."],
    [["--url", "https://hunter2@gw.example.com"], "is not taken from an address."],
    [["--url", "http://gw.example.com"], "Over http anybody on the way to gw.example.com"],
    [["--url", "http://localhost.example.com"], "Over http anybody on the way"],
    [["--url", "http://127.example.com"], "Over http anybody on the way"],
  ])("sends the key nowhere for %j", async (words, sentence) => {
    const { exit, stdout, stderr } = await ask("litellm", ...words);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("hunter2");
    expect(world.gateways.asked).toEqual([]);
  });

  test.each([
    [401, 5, "gw.example.com does not accept the key litellm."],
    [403, 5, "gw.example.com knows the key litellm, and does not let it in there."],
    [404, 1, "gw.example.com answers, and has no page /v1/models. Whether it takes the key is not"],
    [405, 1, "gw.example.com answers, and has no page /v1/models. Whether it takes the key is not"],
    [307, 1, 'gw.example.com leads elsewhere: "Bad news". Whether it takes the key is not known.'],
    [400, 1, 'gw.example.com answers with 400. It says: "Bad news". Whether it takes the key is'],
    [407, 7, "The proxy refuses us."],
    [502, 7, 'gw.example.com has a fault of its own. It says: "Bad news".'],
  ])("explains %i in one sentence, and exits %i", async (status, code, sentence) => {
    world.gateways.answer = { status, says: "\u001bBad\u202enews\n" };
    const { exit, stdout, stderr } = await ask("litellm", "--url", url);
    expect({ exit, stdout }).toEqual({ exit: code, stdout: "" });
    expect(stderr).toContain(sentence);
  });

  test("repeats what the gateway says to a key that it refuses", async () => {
    world.gateways.answer = { status: 401, says: "Expired key" };
    expect((await ask("litellm", "--url", url)).stderr).toBe(
      'evercred: gw.example.com does not accept the key litellm. It says: "Expired key". Enter another one: evercred api-key set litellm\n',
    );
    expect((await ask("vault", "--url", url)).stderr).toContain(
      "Check what keys.vault in the configuration is good for.",
    );
    world.gateways.answer = { status: 302, says: "" };
    expect((await ask("litellm", "--url", url)).stderr).toContain("leads elsewhere. Whether");
  });

  test.each(["unreachable", "tls-failed", "proxy-refused", "throttled"] as const)(
    "passes on why the gateway cannot be asked: %s",
    async (code) => {
      world.gateways.failure = new EvercredError(code);
      const { exit, stdout, stderr } = await ask("litellm", "--url", url);
      expect({ exit, stdout }).toEqual({ exit: 7, stdout: "" });
      expect(stderr).toContain(world.gateways.failure.message);
    },
  );

  test.each([
    [[], 30],
    [["--timeout", "5s"], 5],
  ])("gives up on one that says nothing: %j", async (words, seconds) => {
    world.gateways.silent = true;
    const call = await world.start(["api-key", "test", "litellm", "--url", url, ...words]);
    await world.clock.advance(seconds * second - 1);
    expect(call.stderr).toBe("");
    await world.clock.advance(1);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain("gw.example.com has not answered in time.");
    expect(world.gateways.left).toBe(1);
  });

  test("leaves the gateway when its caller goes", async () => {
    world.gateways.silent = true;
    const call = await world.start(["api-key", "test", "litellm", "--url", url]);
    call.leave();
    expect(await call.exit).toBe(1);
    expect(world.gateways.left).toBe(1);
  });

  test("sends no key that Claude Code would not take", async () => {
    await world.run(["api-key", "set", "litellm"], { types: ["two words"] });
    expect(await ask("litellm", "--url", url)).toMatchObject({ exit: 1, stdout: "" });
    expect(world.gateways.asked).toEqual([]);
  });

  test("exits 3 where there is no key, and asks nobody", async () => {
    await world.session("litellm").signOut();
    expect(await ask("litellm", "--url", url)).toMatchObject({ exit: 3, stdout: "" });
    expect(world.gateways.asked).toEqual([]);
  });

  test("--json is one document, of errors too", async () => {
    expect(JSON.parse((await ask("litellm", "--url", url, "--json")).stdout)).toEqual({
      version: 1,
      name: "litellm",
      url: `${url}/v1/models`,
      status: 200,
      taken: true,
    });
    world.gateways.answer = { status: 403, says: "" };
    const { exit, stdout } = await ask("litellm", "--url", url, "--json");
    expect(exit).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "access-denied" } });
  });
});
