import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent } from "node:https";
import { describe, expect, onTestFinished, test } from "vitest";
import { Secret } from "../../../electron/core/secret.ts";
import { gatewayAccess } from "../../../electron/sources/keys/gateway-access.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { listen } from "../../fakes/cloud/listening.ts";
import { never } from "./world.ts";

const key = "sk-ant-0123456789abcdef";
const list = { data: [{ id: "claude-a" }, { id: "claude-b" }, { id: "anthropic/*" }] };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Opens a gateway; gives its address. */
const gateway = async (handler: Handler, path = ""): Promise<string> => {
  const server = createServer(handler);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${await listen(server)}${path}`;
};

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

interface Asked {
  readonly models?: readonly string[];
  readonly secret?: string | undefined;
  readonly requestMs?: number;
  readonly signal?: AbortSignal;
}

const ask = (baseUrl: string, asked: Asked = {}) => {
  const { models = ["claude-a"], requestMs = 10_000, signal = never } = asked;
  const secret = "secret" in asked ? asked.secret : key;
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const clock = new FakeClock();
  const ports = { agent, clock, providerTime: new ProviderTime(), requestMs };
  const shown = secret === undefined ? undefined : new Secret(secret);
  return gatewayAccess(ports)({ baseUrl, key: shown, models }, signal);
};

describe("a gateway that lists its models", () => {
  test("is asked for them as Claude Code asks, below its address", async () => {
    let seen: IncomingMessage | undefined;
    const url = await gateway((request, response) => {
      seen = request;
      response.end(JSON.stringify(list));
    }, "/anthropic/");
    const { host } = new URL(url);
    expect(await ask(url)).toEqual([
      {
        what: `the models of ${host}`,
        verdict: "allowed",
        sentence: `${host} shows 3 models.`,
        remedy: undefined,
      },
      {
        what: "the model claude-a",
        verdict: "allowed",
        sentence: `${host} lists claude-a.`,
        remedy: undefined,
      },
    ]);
    expect(seen).toMatchObject({
      method: "GET",
      url: "/anthropic/v1/models",
      headers: {
        authorization: `Bearer ${key}`,
        "x-api-key": key,
        "anthropic-version": "2023-06-01",
      },
    });
  });

  test("is asked without a key where it wants none", async () => {
    let seen: IncomingMessage | undefined;
    const url = await gateway((request, response) => {
      seen = request;
      response.end(JSON.stringify(list));
    });
    const [models] = await ask(url, { secret: undefined });
    expect(models?.verdict).toBe("allowed");
    expect(seen?.headers.authorization).toBeUndefined();
    expect(seen?.headers["x-api-key"]).toBeUndefined();
  });

  test.each([
    ["claude-a[1m]", "allowed"],
    ["anthropic/claude-z", "allowed"],
    ["claude-", "refused"],
    ["claude-ab", "refused"],
    ["claude-c", "refused"],
    ["sonnet", "not-checked"],
  ])("has or has not %s: %s", async (model, verdict) => {
    const [, found] = await ask(await gateway(answering(200, list)), { models: [model] });
    expect(found?.verdict).toBe(verdict);
  });

  test("names those that it has, where another is asked for, or none", async () => {
    const url = await gateway(answering(200, list));
    const known = "claude-a, claude-b, anthropic/*";
    const [, other] = await ask(url, { models: ["claude-c"] });
    expect(other?.remedy).toBe(`Name one of its models: ${known}`);
    const [, none] = await ask(url, { models: [] });
    expect(none).toMatchObject({
      what: "the model",
      verdict: "not-checked",
      remedy: `Name one by its id: ${known}`,
    });
  });

  test("names a few of many", async () => {
    const data = Array.from({ length: 200 }, (_, index) => ({ id: `claude-${index}` }));
    const [, other] = await ask(await gateway(answering(200, { data })), { models: ["x-1"] });
    expect(other?.remedy).toMatch(/claude-4, …$/);
  });

  test("in pages says nothing of what is not on the first", async () => {
    const url = await gateway(answering(200, { ...list, has_more: true }));
    const [, found] = await ask(url, { models: ["claude-c"] });
    expect(found?.verdict).toBe("not-checked");
  });

  test("and shows an alias as a model of its own is believed", async () => {
    const url = await gateway(answering(200, { data: [{ id: "sonnet" }] }));
    const [, found] = await ask(url, { models: ["sonnet"] });
    expect(found?.verdict).toBe("allowed");
  });
});

describe("a gateway that answers", () => {
  test.each([
    [401, { error: { message: `No such key ${key}` } }, "refused", "does not accept the key"],
    [403, { detail: "Not for you." }, "refused", "does not let this key do that"],
    [403, "<html>Blocked</html>", "not-checked", "answers with 403"],
    [404, { detail: "Not Found" }, "not-checked", "has no list of models"],
    [405, "", "not-checked", "has no list of models"],
    [407, "", "not-checked", "wants to know who asks"],
    [429, "", "not-checked", "asks us to wait"],
    [500, "", "not-checked", "has a fault (500)"],
    [200, "<html>Welcome</html>", "not-checked", "answers with 200, and not with its models"],
    [200, { object: "list" }, "not-checked", "answers with 200, and not with its models"],
    [200, { data: [] }, "allowed", "shows 0 models."],
  ])("%i %j says so much of the key, and no more", async (status, body, verdict, words) => {
    const checks = await ask(await gateway(answering(status, body)));
    expect(checks[0]).toMatchObject({ verdict, sentence: expect.stringContaining(words) });
    const isList = verdict === "allowed";
    expect(checks[1]?.verdict).toBe(isList ? "refused" : "not-checked");
    expect(JSON.stringify(checks)).not.toContain(key);
  });

  test("by leading elsewhere is not followed", async () => {
    const location = "https://login.example.com/?a=b";
    const [models] = await ask(await gateway(answering(302, "", { location })));
    expect(models).toMatchObject({
      verdict: "not-checked",
      sentence: expect.stringMatching(/leads elsewhere\. It says: "login\.example\.com"$/),
    });
  });
});

describe("nothing is learnt", () => {
  test("where nobody listens", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const [models, model] = await ask(`http://127.0.0.1:${port}`);
    expect(models?.sentence).toContain("cannot be reached (ECONNREFUSED)");
    expect([models?.verdict, model?.verdict]).toEqual(["not-checked", "not-checked"]);
  });

  test("where it does not answer in time", async () => {
    const [models] = await ask(await gateway(() => undefined), { requestMs: 50 });
    expect(models?.sentence).toContain("has not answered within 0.05 s");
  });

  test("by a key that no header can carry", async () => {
    const [models] = await ask("https://gateway.example.com", { secret: "two words" });
    expect(models).toMatchObject({
      verdict: "not-checked",
      sentence: "The key has a space in it.",
    });
  });

  test.each(["http://gateway.example.com", "gateway", "ftp://gateway.example.com"])(
    "at %s, which is not asked",
    async (url) => {
      const checks = await ask(url);
      expect(checks).toMatchObject([{ what: "the gateway", verdict: "not-checked" }]);
    },
  );

  test("by who leaves", async () => {
    const gone = new AbortController();
    const reason = new Error("gone");
    const checks = ask(await gateway(() => gone.abort(reason)), { signal: gone.signal });
    await expect(checks).rejects.toBe(reason);
  });
});
