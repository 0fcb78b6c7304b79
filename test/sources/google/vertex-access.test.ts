import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../electron/core/secret.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { AccessCheck } from "../../../electron/sources/access.ts";
import {
  vertexAccess,
  vertexGatewayAccess,
} from "../../../electron/sources/google/vertex-access.ts";
import { ProviderTime } from "../../../electron/sources/provider-time.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import { json, type Site, type SiteRequest } from "../../fakes/cloud/exchange.ts";
import type { VertexShortage } from "../../fakes/cloud/google/vertex.ts";
import { proxyAgent } from "../aws/world.ts";
import { cloudPlatform, never, userinfoEmail } from "./world.ts";

const model = "claude-plain-4@20990101";
const project = "example-project";
const host = "us-east5-aiplatform.googleapis.com";

let cloud: Cloud;
/** What a gateway answers. */
let gateway: Site;

beforeEach(async () => {
  gateway = () => json(500, {});
  const sites = { "gateway.example.com": (request: SiteRequest) => gateway(request) };
  cloud = await startCloud({ sites });
});

afterEach(() => cloud.close());

const tokenOf = (scopes: readonly string[] = [cloudPlatform]): Secret => {
  const { google } = cloud;
  const grant = google.grant(google.addClient(), "dev@example.com", [...scopes, userinfoEmail]);
  return new Secret(google.accessToken(grant));
};

const portsOf = (requestMs = 5_000) => ({
  agent: proxyAgent(cloud.proxyUrl, cloud.ca),
  clock: new FakeClock(instantOf(Date.now())),
  providerTime: new ProviderTime(),
  requestMs,
});

interface Asked {
  readonly token?: Secret;
  readonly region?: string;
  readonly project?: string;
  readonly models?: readonly string[];
  readonly baseUrl?: string;
  readonly requestMs?: number;
  readonly signal?: AbortSignal;
}

const ask = ({ baseUrl, requestMs, signal = never, ...asked }: Asked = {}) =>
  vertexAccess(portsOf(requestMs))(
    { token: tokenOf(), region: "us-east5", project, models: [model], ...asked, baseUrl },
    signal,
  );

const askGateway = (baseUrl = "https://gateway.example.com/vertex/v1", models = [model]) =>
  vertexGatewayAccess(portsOf())(
    { baseUrl, key: new Secret("sk-0123456789"), region: "us-east5", project, models },
    never,
  );

const only = (checks: readonly AccessCheck[]): AccessCheck => {
  expect(checks).toHaveLength(1);
  return checks[0]!;
};

describe("somebody who may use a model", () => {
  test("is told so, and no model has answered", async () => {
    expect(await ask()).toEqual([
      {
        what: `the model ${model}`,
        verdict: "allowed",
        sentence: `aiplatform.endpoints.predict is permitted, and us-east5 has ${model}.`,
        remedy: undefined,
      },
    ]);
    expect(cloud.google.vertex.answers).toBe(0);
    const sent = cloud.log.all((entry) => entry.host === host);
    expect(sent.map(({ method, path, body }) => [method, path, body])).toEqual([
      [
        "POST",
        `/v1/projects/${project}/locations/us-east5/publishers/anthropic/models/${model}:rawPredict`,
        "{}",
      ],
    ]);
  });

  test.each([
    ["global", "aiplatform.googleapis.com"],
    ["us", "aiplatform.us.rep.googleapis.com"],
    ["eu", "aiplatform.eu.rep.googleapis.com"],
    ["europe-west1", "europe-west1-aiplatform.googleapis.com"],
  ])("in %s is asked for at %s", async (region, expected) => {
    expect(only(await ask({ region })).verdict).toBe("allowed");
    expect(cloud.log.all((entry) => entry.host.includes("aiplatform"))).toMatchObject([
      { host: expected },
    ]);
  });

  test("is told of each model for itself", async () => {
    const models = [model, `${model}[1m]`, "claude-none-1", "opus"];
    expect((await ask({ models })).map(({ what, verdict }) => [what, verdict])).toEqual([
      [`the model ${model}`, "allowed"],
      ["the model claude-none-1", "refused"],
      ["the model opus", "not-checked"],
    ]);
  });
});

describe("what is missing is named:", () => {
  test.each([
    ["no-api", `The Vertex AI API is not enabled in ${project}.`, "Enable it: https://console.dev"],
    ["no-billing", `${project} has no billing account.`, "Billing"],
    ["no-project", `There is no project ${project}`, "gcloud projects list"],
    ["suspended", `Google has suspended ${project}.`, "manages the project"],
    ["foreign", `This account may not use ${project}.`, "Service Usage Consumer"],
    [
      "no-permission",
      `This account does not have aiplatform.endpoints.predict in ${project}.`,
      "Vertex AI User",
    ],
    [
      "no-permission-in-words",
      `This account does not have aiplatform.endpoints.predict in ${project}.`,
      "Vertex AI User",
    ],
    ["no-model", `${project} cannot use ${model} in us-east5.`, "Model Garden"],
    ["not-enabled", `${project} cannot use ${model} in us-east5.`, "Model Garden"],
    ["not-in-region", "is not servable in region us-east5.", "another model or region"],
    ["organisation-policy", "A policy of the organisation forbids it.", "organisation's policies"],
    ["no-quota", `${project} has no quota left for ${model}`, "Quotas"],
  ] as const satisfies readonly (readonly [VertexShortage, string, string])[])(
    "%s",
    async (shortage, sentence, remedy) => {
      cloud.google.vertex.shortage = shortage;
      expect(only(await ask())).toMatchObject({
        verdict: "refused",
        sentence: expect.stringContaining(sentence),
        remedy: expect.stringContaining(remedy),
      });
    },
  );

  test("another project", async () => {
    expect(only(await ask({ project: "other-project" }))).toMatchObject({
      verdict: "refused",
      sentence: expect.stringContaining("There is no project other-project"),
    });
  });

  test("a scope of the sign-in", async () => {
    const found = only(await ask({ token: tokenOf([]) }));
    expect(found).toMatchObject({
      verdict: "refused",
      remedy: expect.stringContaining(cloudPlatform),
    });
  });
});

describe("without a model", () => {
  const summary = async () =>
    (await ask({ models: [] })).map(({ what, verdict }) => [what, verdict]);

  test("it is said whether there is the API, and nothing of the model", async () => {
    expect(await summary()).toEqual([
      [`Vertex AI in ${project}`, "allowed"],
      ["the model", "not-checked"],
    ]);
    const [{ sentence } = { sentence: "" }] = await ask({ models: [] });
    expect(sentence).toBe(`The Vertex AI API is enabled in ${project}, and has us-east5.`);
  });

  test.each([
    ["no-api", "refused"],
    ["no-billing", "refused"],
    // Looking into a project takes another permission than running models.
    ["no-permission", "not-checked"],
  ] as const)("%s is %s", async (shortage, verdict) => {
    cloud.google.vertex.shortage = shortage;
    expect(await summary()).toEqual([
      [`Vertex AI in ${project}`, verdict],
      ["the model", "not-checked"],
    ]);
  });
});

describe("nothing is learnt, and nothing called fine,", () => {
  test.each([
    ["a captive portal", { kind: "html" }, "answers with 200"],
    ["a page that forbids", { kind: "html", status: 403 }, "answers with 403"],
    ["a reply that is none", { kind: "not-json" }, "answers with 200"],
    ["a connection that ends", { kind: "reset" }, "cannot be reached"],
    ["a reply that breaks off", { kind: "truncate" }, "breaks off"],
    ["a host with a fault", { kind: "status", status: 503 }, "has a fault (503)"],
    [
      "a refusal in new words",
      {
        kind: "status",
        status: 400,
        body: JSON.stringify({ error: { status: "FAILED_PRECONDITION", message: "New words." } }),
      },
      'answers with 400. It says: "New words."',
    ],
    [
      "a model that wants something else",
      {
        kind: "status",
        status: 400,
        body: JSON.stringify({ error: { type: "invalid_request_error", message: "No credit." } }),
      },
      'answers with 400. It says: "No credit."',
    ],
  ] as const)("from %s", async (_, fault, words) => {
    cloud.faults.add({ ...fault, host });
    const found = only(await ask());
    expect(found).toMatchObject({
      verdict: "not-checked",
      sentence: expect.stringContaining(words),
    });
  });

  test("from Google where it has no time", async () => {
    cloud.google.vertex.shortage = "busy";
    expect(only(await ask()).verdict).toBe("not-checked");
  });

  test("from a host that does not answer in time", async () => {
    cloud.faults.add({ kind: "hang", host });
    expect(only(await ask({ requestMs: 50 })).sentence).toContain("not answered within 0.05 s");
  });

  test("where the proxy wants to know who asks", async () => {
    cloud.faults.add({ kind: "proxy-authentication", user: "ann", password: "x", host });
    expect(only(await ask()).remedy).toContain("network.proxyUser");
  });

  test("by a token that Google does not accept", async () => {
    expect(only(await ask({ token: new Secret("ya29.gone") }))).toMatchObject({
      verdict: "not-checked",
      remedy: "Sign in again: evercred login",
    });
  });

  test("of a region that is none", async () => {
    const found = only(await ask({ region: "evil.example.com/" }));
    expect(found).toMatchObject({ verdict: "not-checked", remedy: "Write it like us-east5." });
    expect(cloud.log.all()).toEqual([]);
  });
});

test("who leaves is not told anything", async () => {
  const gone = new AbortController();
  const checks = ask({ signal: gone.signal });
  const reason = new Error("gone");
  gone.abort(reason);
  await expect(checks).rejects.toBe(reason);
});

describe("a gateway in its stead", () => {
  const required = { type: "error", error: { type: "invalid_request_error", message: "" } };
  required.error.message = "anthropic_version: Field required";

  test("is shown the caller's token, at its own path", async () => {
    const seen: SiteRequest[] = [];
    gateway = (request) => {
      seen.push(request);
      return json(400, required);
    };
    const token = tokenOf();
    const found = only(await ask({ token, baseUrl: "https://gateway.example.com/vertex/v1/" }));
    expect(found).toMatchObject({
      verdict: "allowed",
      sentence: `aiplatform.endpoints.predict is permitted, and gateway.example.com has ${model}.`,
    });
    expect(seen[0]?.path).toBe(
      `/vertex/v1/projects/${project}/locations/us-east5/publishers/anthropic/models/${model}:rawPredict`,
    );
    expect(seen[0]?.headers).toMatchObject({ authorization: `Bearer ${token.reveal()}` });
    expect(seen[0]?.headers["x-api-key"]).toBeUndefined();
  });

  test("that has tokens of its own is shown the key, which nobody is told", async () => {
    const seen: SiteRequest[] = [];
    gateway = (request) => {
      seen.push(request);
      return json(401, { error: { message: "Invalid key sk-0123456789" } });
    };
    expect(only(await askGateway())).toMatchObject({
      verdict: "refused",
      sentence: 'gateway.example.com does not accept the key. It says: "Invalid key …"',
    });
    expect(seen[0]?.headers).toMatchObject({
      authorization: "Bearer sk-0123456789",
      "x-api-key": "sk-0123456789",
    });
  });

  test.each([
    [403, { error: { message: "Not for you." } }, "refused", "does not let this key do that"],
    [404, { error: { message: "No route." } }, "not-checked", "answers with 404"],
    [
      401,
      { error: { status: "UNAUTHENTICATED", message: "Google's." } },
      "not-checked",
      "Google does not accept this access token.",
    ],
  ])("that answers with %i and %j", async (status, body, verdict, words) => {
    gateway = () => json(status, body);
    const found = only(await askGateway());
    expect(found).toMatchObject({ verdict, sentence: expect.stringContaining(words) });
  });

  test("is not asked where no model is named, or over http", async () => {
    expect(only(await askGateway(undefined, []))).toMatchObject({ what: "the model" });
    expect(only(await askGateway("http://gateway.example.com"))).toMatchObject({
      what: "the gateway",
      verdict: "not-checked",
    });
    expect(cloud.log.all()).toEqual([]);
  });
});
