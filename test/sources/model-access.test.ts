import { expect, onTestFinished, test } from "vitest";
import { Secret } from "../../electron/core/secret.ts";
import { instantOf } from "../../electron/core/time.ts";
import { openAccess } from "../../electron/assembly/model-access.ts";
import { ProviderTime } from "../../electron/sources/provider-time.ts";
import { FakeClock } from "../fakes/clock.ts";
import { startCloud } from "../fakes/cloud/cloud.ts";
import { json } from "../fakes/cloud/exchange.ts";
import { never, proxyAgent } from "./aws/world.ts";

test.each([
  ["anthropic", { kind: "anthropic" }, "/llm/v1/models"],
  ["bedrock", { kind: "bedrock" }, "/llm/model/claude-a/invoke-with-response-stream"],
  [
    "vertex",
    { kind: "vertex", region: "global", project: "example-project" },
    "/llm/projects/example-project/locations/global/publishers/anthropic/models/claude-a:rawPredict",
  ],
] as const)("a gateway that speaks %s is asked where it listens", async (_, speaks, path) => {
  const cloud = await startCloud({ sites: { "gateway.example.com": () => json(404, {}) } });
  onTestFinished(() => cloud.close());
  const access = openAccess({
    agent: proxyAgent(cloud.proxyUrl, cloud.ca),
    clock: new FakeClock(instantOf(Date.now())),
    providerTime: new ProviderTime(),
    requestMs: 5_000,
  });
  const key = new Secret("sk-0123456789");
  const baseUrl = "https://gateway.example.com/llm";
  const checks = await access.gateway({ baseUrl, key, speaks, models: ["claude-a"] }, never);
  expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(["not-checked"]));
  expect(cloud.log.all().map((entry) => entry.path)).toContain(path);
});
