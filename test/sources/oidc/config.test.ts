import { Agent } from "node:https";
import { expect, test } from "vitest";
import type { Source } from "../../../electron/core/source.ts";
import { type OidcConfig, OidcSources } from "../../../electron/sources/oidc/index.ts";
import { FakeClock } from "../../fakes/clock.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { entryOf, keyEntryOf } from "./world.ts";

/** What a configuration makes, without a network. */
const load = (
  sources: OidcConfig["sources"],
  keys: OidcConfig["keys"] = {},
): { readonly loaded: readonly Source[]; readonly sentences: readonly string[] } => {
  const oidc = new OidcSources({
    agent: new Agent(),
    clock: new FakeClock(),
    log: new MemoryLog(),
    secretOf: () => Promise.reject(new Error("Nobody asks for it yet.")),
  });
  const loaded = oidc.load({ sources, keys });
  return { loaded, sentences: oidc.problems.map(({ sentence }) => sentence) };
};

const offersOf = (source: Source | undefined): readonly (readonly [string, string, string])[] =>
  [...(source?.offers ?? [])].map(([target, { key, title }]) => [target, key, title]);

test("what is configured is there without asking anybody; what is disabled or of others is not", () => {
  const { loaded, sentences } = load({
    company: entryOf({ title: "Example Corp" }),
    off: entryOf({ enabled: false }),
    corp: { kind: "aws-sso" },
  });
  expect(
    loaded.map(({ id, kind, title, organisation }) => [id, kind, title, organisation]),
  ).toEqual([["company", "oidc", "Example Corp", "login.example.com"]]);
  expect(loaded[0]).toMatchObject({ unattended: false, hasDeviceFlow: true, keptBy: undefined });
  expect(sentences).toEqual([]);
});

test("keys are offers of their source; equal ones are the same credential", () => {
  const { loaded } = load(
    { company: entryOf({ audience: "own" }), other: entryOf() },
    {
      a: keyEntryOf(),
      b: keyEntryOf({ scopes: ["offline_access", "email", "openid"] }),
      c: keyEntryOf({ token: "id" }),
      d: keyEntryOf({ audience: "litellm" }),
      e: keyEntryOf({ resource: "https://gateway.example.com" }),
      f: keyEntryOf({ source: "other" }),
      g: { kind: "static" },
    },
  );
  const offers = offersOf(loaded[0]);
  expect(offers.map(([target, , title]) => [target, title])).toEqual([
    ["api-key:a", "Access token of company for own"],
    ["api-key:b", "Access token of company for own"],
    ["api-key:c", "Identity token of company for own"],
    ["api-key:d", "Access token of company for litellm"],
    ["api-key:e", "Access token of company for https://gateway.example.com"],
  ]);
  const keys = offers.map(([, key]) => key);
  expect(keys[0]).toBe(keys[1]);
  expect(new Set(keys).size).toBe(4);
  expect(offersOf(loaded[1]).map(([target]) => target)).toEqual(["api-key:f"]);
});

test("a grant is bound to issuer, client, audience, and all scopes and resources", () => {
  const boundTo = (
    entry: Parameters<typeof entryOf>[0] = {},
    keys: OidcConfig["keys"] = {},
  ): string | undefined => load({ company: entryOf(entry) }, keys).loaded[0]?.boundTo;
  const usual = boundTo();
  expect(boundTo({ scopes: ["email", "offline_access", "openid", "email"] })).toBe(usual);
  expect(boundTo({ title: "x", redirectUri: "http://localhost:1/", flow: "device" })).toBe(usual);
  expect(boundTo({}, { a: keyEntryOf(), b: keyEntryOf({ audience: "litellm" }) })).toBe(usual);
  const resource = "https://gateway.example.com";
  const others = [
    boundTo({ issuer: "https://other.example.com" }),
    boundTo({ clientId: "other" }),
    boundTo({ audience: "other" }),
    boundTo({ scopes: ["openid"] }),
    boundTo({ resource: [resource] }),
    boundTo({}, { a: keyEntryOf({ scopes: ["chat"] }) }),
  ];
  expect(new Set([usual, ...others]).size).toBe(7);
  expect(boundTo({}, { a: keyEntryOf({ resource }) })).toBe(boundTo({ resource: [resource] }));
});

test.each([
  ["https://127.0.0.1/oauth/callback"],
  ["http://example.com/oauth/callback"],
  ["http://127.0.0.1.example.com/"],
  ["http://user@127.0.0.1/"],
  ["http://127.0.0.1/?a=b"],
  ["http://127.0.0.1/#a"],
  ["oauth/callback"],
])("a redirect address that does not lead here is a problem: %s", (redirectUri) => {
  const { loaded, sentences } = load({ company: entryOf({ redirectUri }) });
  expect(loaded).toEqual([]);
  expect(sentences).toEqual([
    "sources.company: redirectUri is no address on this computer that a browser can be sent to.",
  ]);
});

test.each([
  [
    "an identity token without openid",
    keyEntryOf({ token: "id", scopes: ["chat"] }),
    "keys.k: without the scope openid there is no identity token.",
  ],
  [
    "an identity token of a client for itself",
    keyEntryOf({ source: "robot", token: "id" }),
    "keys.k: robot signs nobody in, so it has no identity token.",
  ],
])("a key with %s is a problem, and everything else works", (_, key, sentence) => {
  const robot = entryOf({ flow: "client-credentials", clientSecretKey: "secret" });
  const { loaded, sentences } = load(
    { company: entryOf(), robot },
    { secret: { kind: "static" }, k: key, good: keyEntryOf() },
  );
  expect(sentences).toEqual([sentence]);
  expect(loaded).toHaveLength(2);
  expect(offersOf(loaded[0]).map(([target]) => target)).toEqual(["api-key:good"]);
  expect(offersOf(loaded[1])).toEqual([]);
});

test("what names something that is not there is left out; the configuration has said so", () => {
  const { loaded, sentences } = load(
    { company: entryOf(), lost: entryOf({ clientSecretKey: "jwt" }), corp: { kind: "aws-sso" } },
    {
      jwt: { kind: "jwt" },
      a: keyEntryOf({ source: "x" }),
      b: keyEntryOf({ source: "corp" }),
      good: keyEntryOf(),
    },
  );
  expect(loaded.map(({ id }) => id)).toEqual(["company"]);
  expect(offersOf(loaded[0]).map(([target]) => target)).toEqual(["api-key:good"]);
  expect(sentences).toEqual([]);
});

test("a client for itself without a secret is a problem", () => {
  expect(load({ company: entryOf({ flow: "client-credentials" }) })).toEqual({
    loaded: [],
    sentences: ["sources.company: a client that gets tokens for itself needs a secret."],
  });
});
