import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AwsCredential } from "../../../electron/core/credential.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { AccessCheck } from "../../../electron/sources/access.ts";
import {
  bedrockAccess,
  bedrockGatewayAccess,
} from "../../../electron/sources/aws/bedrock-access.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { FakeClock } from "../../fakes/clock.ts";
import type { Shortage } from "../../fakes/cloud/bedrock.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import { json, type Site } from "../../fakes/cloud/exchange.ts";
import { never, proxyAgent } from "./world.ts";

const plain = "anthropic.claude-plain-v1:0";
const wide = "us.anthropic.claude-wide-v2:0";
const streaming = "bedrock:InvokeModelWithResponseStream";
const whole = "bedrock:InvokeModel";
const runtime = "bedrock-runtime.us-east-1.amazonaws.com";
const control = "bedrock.us-east-1.amazonaws.com";

let cloud: Cloud;
/** What a gateway answers. */
let gateway: Site;

beforeEach(async () => {
  gateway = () => json(500, {});
  const sites = { "gateway.example.com": (request: Parameters<Site>[0]) => gateway(request) };
  cloud = await startCloud({ regions: ["us-west-2"], sites });
});

afterEach(() => cloud.close());

const keysOf = (): AwsCredential => {
  const keys = cloud.organisation().issueKeys("dev@example.com", "111122223333", "Developer")!;
  return {
    kind: "aws",
    accountId: keys.accountId,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: new Secret(keys.secretAccessKey),
    sessionToken: new Secret(keys.sessionToken),
    issuedAt: instantOf(keys.issuedAt),
    expiresAt: instantOf(keys.expiresAt),
  };
};

const portsOf = (requestMs = 5_000) => ({
  agent: proxyAgent(cloud.proxyUrl, cloud.ca),
  clock: new FakeClock(instantOf(Date.now())),
  providerTime: new ProviderTime(),
  requestMs,
});

interface Asked {
  readonly models?: readonly string[];
  readonly region?: string;
  readonly credential?: AwsCredential;
  readonly baseUrl?: string;
  readonly requestMs?: number;
  readonly signal?: AbortSignal;
}

const ask = ({
  models = [plain],
  region = "us-east-1",
  credential = keysOf(),
  baseUrl,
  requestMs,
  signal = never,
}: Asked = {}): Promise<readonly AccessCheck[]> =>
  bedrockAccess(portsOf(requestMs))({ credential, region, models, baseUrl }, signal);

const askGateway = (baseUrl = "https://gateway.example.com/bedrock/", key = "sk-0123456789") =>
  bedrockGatewayAccess(portsOf())({ baseUrl, key: new Secret(key), models: [plain] }, never);

/** What was found of the thing whose description begins so. */
const of = (checks: readonly AccessCheck[], beginning: string): AccessCheck => {
  const check = checks.find(({ what }) => what.startsWith(beginning));
  if (check === undefined) throw new Error(`Nothing about ${beginning}: ${JSON.stringify(checks)}`);
  return check;
};

describe("somebody who may use a model", () => {
  test("is told so by each action, and no model has answered", async () => {
    const checks = await ask();
    expect(checks).toEqual([
      {
        what: "bedrock:ListInferenceProfiles in us-east-1",
        verdict: "allowed",
        sentence: "us-east-1 has 1 inference profile of Claude.",
        remedy: undefined,
      },
      {
        what: "Anthropic's use case form",
        verdict: "allowed",
        sentence: "The use case details that Anthropic asks for have been submitted.",
        remedy: undefined,
      },
      ...[streaming, whole].map((action) => ({
        what: `${action} on ${plain}`,
        verdict: "allowed",
        sentence: `${action} is permitted, and us-east-1 has ${plain}.`,
        remedy: undefined,
      })),
    ]);
    expect(cloud.bedrock.answers).toBe(0);
  });

  test("sends nothing but an empty object", async () => {
    await ask();
    const sent = cloud.log.all(({ host }) => host === runtime);
    expect(sent.map(({ body }) => body)).toEqual(["{}", "{}"]);
  });

  test.each([
    ["an inference profile", wide],
    ["an ARN", `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${wide}`],
    ["a name that asks for more context", `${wide}[1m]`],
  ])("may name it as %s", async (_, model) => {
    expect(of(await ask({ models: [model] }), streaming).verdict).toBe("allowed");
  });

  test("is asked for at most three times, and the rest is not called checked", async () => {
    const checks = await ask({ models: [plain, wide, `${plain}x`] });
    expect(cloud.bedrock.attempts).toBe(3);
    expect(checks.slice(2).map(({ what, verdict }) => [what, verdict])).toEqual([
      [`${streaming} on ${plain}`, "allowed"],
      [`${whole} on ${plain}`, "allowed"],
      [`${streaming} on ${wide}`, "allowed"],
      [`${streaming} on ${plain}x`, "not-checked"],
      [`${whole} on ${wide}`, "not-checked"],
      [`${whole} on ${plain}x`, "not-checked"],
    ]);
  });

  test("whose computer's clock is wrong is asked again with the right time", async () => {
    cloud.iam.checksTime = true;
    cloud.advance(20 * 60_000);
    const checks = await ask({ credential: keysOf() });
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(["allowed"]));
  });
});

describe("IAM", () => {
  test.each([streaming, whole])(
    "that does not allow %s is quoted with it alone",
    async (action) => {
      cloud.bedrock.denials = [{ action }];
      const checks = await ask();
      expect(of(checks, `${action} on`)).toMatchObject({
        verdict: "refused",
        sentence: `No policy allows ${action} on arn:aws:bedrock:us-east-1::foundation-model/${plain}.`,
        remedy: `Ask whoever manages the role to allow ${action} there.`,
      });
      const other = action === whole ? streaming : whole;
      expect(of(checks, `${other} on`).verdict).toBe("allowed");
    },
  );

  test("that does not allow the list says so, and the model is checked all the same", async () => {
    cloud.bedrock.denials = [{ action: "bedrock:ListInferenceProfiles" }];
    const checks = await ask();
    expect(of(checks, "bedrock:ListInferenceProfiles")).toMatchObject({
      verdict: "refused",
      sentence: expect.stringContaining("No policy allows bedrock:ListInferenceProfiles"),
    });
    expect(of(checks, streaming).verdict).toBe("allowed");
  });

  test("of an organisation that forbids one region of a profile is named with that region", async () => {
    const by = "service control policy";
    cloud.bedrock.denials = [{ action: streaming, region: "us-west-2", by }];
    expect(of(await ask({ models: [wide] }), streaming)).toMatchObject({
      verdict: "refused",
      sentence: expect.stringMatching(
        /^An explicit deny in a service control policy forbids .*us-west-2.* The inference profile leads to us-west-2\.$/,
      ),
      remedy: expect.stringContaining("organisation's policies"),
    });
  });

  test("with a boundary of the account is named as that", async () => {
    cloud.bedrock.denials = [{ action: streaming, by: "permissions boundary" }];
    expect(of(await ask(), streaming)).toMatchObject({
      verdict: "refused",
      sentence: expect.stringContaining("An explicit deny in a permissions boundary"),
      remedy: "Ask whoever manages the account's policies.",
    });
  });

  test("that hides the form and the availability leaves the first open, and the second to the model", async () => {
    cloud.bedrock.denials = ["GetUseCaseForModelAccess", "GetFoundationModelAvailability"].map(
      (name) => ({ action: `bedrock:${name}` }),
    );
    const checks = await ask();
    expect(of(checks, "Anthropic's use case form").verdict).toBe("not-checked");
    expect(of(checks, streaming).verdict).toBe("allowed");
  });
});

describe("a model", () => {
  test("that only a profile leads to is named with that profile", async () => {
    cloud.bedrock.denials = [{ action: "bedrock:GetFoundationModelAvailability" }];
    expect(of(await ask({ models: ["anthropic.claude-wide-v2:0"] }), streaming)).toMatchObject({
      verdict: "refused",
      sentence: "anthropic.claude-wide-v2:0 can only be used by an inference profile.",
      remedy: `Name one that contains it: ${wide}`,
    });
  });

  test("that is not in the region is refused without being tried where AWS says so itself", async () => {
    expect(of(await ask({ region: "us-west-2" }), "the model")).toMatchObject({
      verdict: "refused",
      sentence: `${plain} is not offered in us-west-2.`,
    });
    expect(cloud.bedrock.attempts).toBe(0);
  });

  test.each(["anthropic.claude-none-v1:0", "us.anthropic.claude-none-v1:0", "claude-plain"])(
    "that there is not, as %s, is refused",
    async (model) => {
      expect(of(await ask({ models: [model] }), streaming)).toMatchObject({
        verdict: "refused",
        sentence: `us-east-1 has no model ${model}.`,
      });
    },
  );

  test("by a word of Claude Code's own is not tried", async () => {
    const checks = await ask({ models: ["sonnet"] });
    expect(of(checks, "the model sonnet").verdict).toBe("not-checked");
    expect(cloud.bedrock.attempts).toBe(0);
  });

  test("that nobody names is not checked, and those that there are are named", async () => {
    expect(of(await ask({ models: [] }), "the model")).toEqual({
      what: "the model",
      verdict: "not-checked",
      sentence: "No model is named: Claude Code takes its own default.",
      remedy: `Name one by its id: ${wide}`,
    });
  });

  test("that nobody has used in the account is not tried: that would subscribe it", async () => {
    cloud.bedrock.agreement = "NOT_AVAILABLE";
    expect(of(await ask(), "the model")).toMatchObject({
      verdict: "not-checked",
      sentence: expect.stringContaining("AWS subscribes the account to it at the first use"),
    });
    expect(cloud.bedrock.attempts).toBe(0);
  });

  test.each([
    ["PENDING", "not-checked", "is being subscribed"],
    ["ERROR", "refused", 'could not be subscribed to anthropic.claude-plain-v1:0. It says: "The'],
  ] as const)("whose agreement is %s is %s", async (agreement, verdict, words) => {
    cloud.bedrock.agreement = agreement;
    const found = of(await ask(), "the model");
    expect(found).toMatchObject({ verdict, sentence: expect.stringContaining(words) });
  });

  test("that AWS has not authorised the account for is refused", async () => {
    cloud.bedrock.authorization = "NOT_AUTHORIZED";
    expect(of(await ask({ models: [wide] }), "the model").verdict).toBe("refused");
  });

  test.each([
    [
      "use-case",
      "use case details that Anthropic asks for have not been submitted",
      "Model catalog",
    ],
    ["marketplace", "Nobody has subscribed this account", "aws-marketplace:Subscribe"],
    ["payment", "no means of payment", "billing"],
    ["access", "has no access to", "Model access"],
    ["retention", "wants another data retention mode", "Data retention"],
    ["country", "does not serve the country", "AWS Support"],
    ["account", "may not use Bedrock models", "AWS Support"],
    ["legacy", "is no longer offered to this account", "newer model"],
    ["end-of-life", "is no longer offered to this account", "newer model"],
    ["channel", "not available for channel program accounts", "manages the account"],
  ] as const satisfies readonly (readonly [Shortage, string, string])[])(
    "that the account may not use for want of %s is refused",
    async (shortage, sentence, remedy) => {
      cloud.bedrock.shortage = shortage;
      expect(of(await ask(), streaming)).toMatchObject({
        verdict: "refused",
        sentence: expect.stringContaining(sentence),
        remedy: expect.stringContaining(remedy),
      });
    },
  );
});

test("a form that this account has not submitted may be its organisation's", async () => {
  cloud.bedrock.hasForm = false;
  expect(of(await ask(), "Anthropic's use case form")).toMatchObject({
    verdict: "not-checked",
    sentence: expect.stringContaining("management account"),
    remedy: expect.stringContaining("Model catalog"),
  });
});

test("a region without a profile of Claude is not called fine", async () => {
  cloud.bedrock.models = [];
  expect(of(await ask(), "bedrock:ListInferenceProfiles")).toMatchObject({
    verdict: "not-checked",
    sentence: expect.stringContaining("Claude may not be offered there"),
  });
});

describe("nothing is learnt, and nothing called fine,", () => {
  const nothing = async (asked?: Asked): Promise<readonly AccessCheck[]> => {
    const checks = await ask(asked);
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(["not-checked"]));
    return checks;
  };

  test.each([
    ["a captive portal", { kind: "html" }, "answers with 200"],
    ["a page that forbids", { kind: "html", status: 403 }, "answers with 403"],
    ["a reply that is none", { kind: "not-json" }, "answers with 200"],
    ["a connection that ends", { kind: "reset" }, "cannot be reached"],
    ["a reply that breaks off", { kind: "truncate" }, "breaks off"],
    ["a host with a fault", { kind: "status", status: 503 }, "has a fault (503)"],
    ["a host without time", { kind: "status", status: 429 }, "asks us to wait"],
    [
      "an exception that nobody knows",
      {
        kind: "status",
        status: 400,
        body: JSON.stringify({ message: "New words." }),
        headers: { "x-amzn-errortype": "ValidationException" },
      },
      'answers with 400. It says: "New words."',
    ],
  ] as const)("from %s", async (_, fault, words) => {
    cloud.faults.add({ ...fault, host: runtime });
    cloud.faults.add({ ...fault, host: control });
    const checks = await nothing();
    for (const { sentence } of checks) expect(sentence).toContain(words);
  });

  test("from a host that does not answer in time", async () => {
    for (const host of [runtime, control]) cloud.faults.add({ kind: "hang", host });
    const checks = await nothing({ requestMs: 50 });
    expect(of(checks, streaming).sentence).toContain("has not answered within 0.05 s");
  });

  test("where the proxy wants to know who asks", async () => {
    for (const host of [runtime, control]) {
      cloud.faults.add({ kind: "proxy-authentication", user: "ann", password: "x", host });
    }
    const checks = await nothing();
    expect(of(checks, streaming).remedy).toContain("network.proxyUser");
  });

  test("where there may be no Bedrock at all, and that is said", async () => {
    for (const host of [runtime, control]) cloud.faults.add({ kind: "unreachable", host });
    const checks = await nothing();
    for (const { remedy } of checks) {
      expect(remedy).toBe("Check the network, and whether Bedrock is in us-east-1.");
    }
  });

  test("of a region that is none", async () => {
    const [check, ...others] = await nothing({ region: "evil.example.com/" });
    expect(check?.sentence).toContain("is not the name of an AWS region");
    expect(others).toEqual([]);
    expect(cloud.log.all()).toEqual([]);
  });

  test("by keys that have ended", async () => {
    const credential = keysOf();
    cloud.advance(48 * 60 * 60_000);
    const checks = await nothing({ credential });
    expect(of(checks, streaming)).toMatchObject({
      sentence: expect.stringContaining("AWS does not accept these keys."),
      remedy: "Sign in again: evercred login",
    });
  });

  test("by keys that sign wrongly, and what AWS quotes of them is not told", async () => {
    const credential = { ...keysOf(), secretAccessKey: new Secret("wrong") };
    const checks = await nothing({ credential });
    const { sentence } = of(checks, streaming);
    expect(sentence).toContain("signature we calculated");
    const token = credential.sessionToken.reveal();
    expect(JSON.stringify(checks)).not.toContain(token.slice(0, 8));
  });
});

test("who leaves is not told anything, and the requests end", async () => {
  cloud.faults.add({ kind: "hang", host: control });
  const gone = new AbortController();
  const checks = ask({ signal: gone.signal });
  const reason = new Error("gone");
  gone.abort(reason);
  await expect(checks).rejects.toBe(reason);
});

describe("a gateway in its stead", () => {
  test("is shown the caller's signature, at its own path", async () => {
    const seen: Parameters<Site>[0][] = [];
    gateway = (request) => {
      seen.push(request);
      return json(
        400,
        { message: "Malformed input request: #: required key [messages] not found" },
        {
          "x-amzn-errortype": "ValidationException",
        },
      );
    };
    const checks = await ask({ baseUrl: "https://gateway.example.com/aws/" });
    expect(checks.map(({ what, verdict }) => [what, verdict])).toEqual([
      [`${streaming} on ${plain}`, "allowed"],
      [`${whole} on ${plain}`, "allowed"],
    ]);
    expect(seen.map(({ method, path }) => [method, path])).toEqual([
      ["POST", `/aws/model/${encodeURIComponent(plain)}/invoke-with-response-stream`],
      ["POST", `/aws/model/${encodeURIComponent(plain)}/invoke`],
    ]);
    expect(seen[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/us-east-1\/bedrock\//);
  });

  test("that signs itself is shown the key, and nothing is signed", async () => {
    const seen: Parameters<Site>[0][] = [];
    gateway = (request) => {
      seen.push(request);
      return json(401, { message: "Invalid key sk-0123456789" });
    };
    const checks = await askGateway();
    expect(seen[0]?.headers).toMatchObject({
      authorization: "Bearer sk-0123456789",
      "x-api-key": "sk-0123456789",
    });
    expect(seen[0]?.headers["x-amz-date"]).toBeUndefined();
    expect(of(checks, streaming)).toMatchObject({
      verdict: "refused",
      sentence: 'gateway.example.com does not accept the key. It says: "Invalid key …"',
    });
  });

  test.each([
    [403, { message: "Not for you." }, "refused"],
    [404, { message: "No such route." }, "not-checked"],
    [400, { message: "max_tokens: Field required" }, "not-checked"],
    [200, { content: [] }, "not-checked"],
  ])("that answers with %i in words of its own", async (status, body, verdict) => {
    gateway = () => json(status, body);
    expect(of(await askGateway(), streaming).verdict).toBe(verdict);
  });

  test("that hands on what AWS says of its own role is believed", async () => {
    gateway = () =>
      json(
        403,
        { message: "User: arn:x is not authorized to perform: bedrock:InvokeModel on resource: y" },
        { "x-amzn-errortype": "AccessDeniedException" },
      );
    expect(of(await askGateway(), whole).sentence).toBe(
      "No policy allows bedrock:InvokeModel on y.",
    );
  });

  test.each([
    ["http://gateway.example.com", "could read the key"],
    ["gateway.example.com", "Its address is none."],
    ["file:///etc", "Its address is none."],
  ])("at %s is not asked", async (baseUrl, words) => {
    const [check, ...others] = await askGateway(baseUrl);
    expect(check).toMatchObject({
      verdict: "not-checked",
      sentence: expect.stringContaining(words),
    });
    expect(others).toEqual([]);
  });

  test("is not shown a key that no header can carry", async () => {
    const checks = await askGateway(undefined, "two words");
    expect(of(checks, streaming)).toMatchObject({
      verdict: "not-checked",
      sentence: "The key has a space in it.",
    });
    expect(cloud.log.all()).toEqual([]);
  });
});
