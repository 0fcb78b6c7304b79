import { describe, expect, test } from "vitest";
import {
  isForced,
  lockedBy,
  merge,
  noLayers,
  type PolicyLayers,
  setterAt,
} from "../../electron/platform/policy-layers.ts";

const layers = (force: object, fallback: object = {}): PolicyLayers => ({
  ...noLayers,
  force: force as PolicyLayers["force"],
  fallback: fallback as PolicyLayers["fallback"],
});

const corp = { kind: "aws-sso", startUrl: "https://example.awsapps.com/start" };

describe("merging", () => {
  test.each<[string, object, unknown, object, unknown]>([
    ["nothing", {}, {}, {}, {}],
    ["a forced value counts", { log: "warn" }, { log: "debug" }, { log: "error" }, { log: "warn" }],
    ["a default counts last", {}, { log: "debug" }, { log: "error" }, { log: "debug" }],
    ["a default fills in", {}, {}, { log: "error" }, { log: "error" }],
    [
      "sections by name",
      { network: { proxy: "none" } },
      { network: { proxy: "auto", proxyUser: "ann" } },
      { network: { systemCa: false } },
      { network: { proxy: "none", proxyUser: "ann", systemCa: false } },
    ],
    [
      "lists as one value",
      { network: { noProxy: ["a"] } },
      { network: { noProxy: ["b"], caFiles: ["c"] } },
      { network: { caFiles: ["d"] } },
      { network: { noProxy: ["a"], caFiles: ["c"] } },
    ],
    [
      "an object and a text are two values",
      { network: { proxy: { pac: "https://pac.example.com" } } },
      { network: { proxy: "none" } },
      {},
      { network: { proxy: { pac: "https://pac.example.com" } } },
    ],
    [
      "an entry of a default gives way to one of another kind",
      {},
      { sources: { a: { kind: "command", signIn: ["x"] } } },
      { sources: { a: { ...corp, title: "A" } } },
      { sources: { a: { kind: "command", signIn: ["x"] } } },
    ],
    [
      "headers by their names in whatever letters",
      { headers: { otel: { Authorization: "a" } } },
      { headers: { otel: { "X-Team": "b" } } },
      { headers: { otel: { authorization: "c", "x-team": "d", "X-Unit": "e" } } },
      { headers: { otel: { Authorization: "a", "X-Team": "b", "X-Unit": "e" } } },
    ],
    [
      "exceptions from a forced proxy: a default",
      { network: { proxy: "none" } },
      { network: { noProxy: ["*"] } },
      { network: { noProxy: ["a"] } },
      { network: { proxy: "none", noProxy: ["a"] } },
    ],
    ["what is no object", {}, [], {}, []],
    ["what is no object, under force", { log: "warn" }, [], {}, { log: "warn" }],
    [
      "a claim called kind is a claim",
      { keys: { k: { kind: "jwt", claims: { kind: "a", x: 1 } } } },
      { keys: { k: { claims: { kind: "b", y: 2 } } } },
      {},
      { keys: { k: { kind: "jwt", claims: { kind: "a", x: 1, y: 2 } } } },
    ],
  ])("%s", (_, force, written, fallback, merged) => {
    expect(merge(layers(force, fallback), written).tree).toEqual(merged);
  });

  test.each<[string, object, object, string[][]]>([
    [
      "a source of another kind",
      { sources: { corp } },
      { sources: { corp: { kind: "command" } } },
      [["sources", "corp"]],
    ],
    [
      "a key with the name of a source",
      { sources: { corp } },
      { keys: { corp: { kind: "static" } } },
      [["keys", "corp"]],
    ],
    [
      "a source with the name of a key",
      { keys: { k: { kind: "static" } } },
      { sources: { k: corp } },
      [["sources", "k"]],
    ],
    [
      "a browser of its own where the one for all is forced",
      {
        signIn: { browser: ["firefox", "{url}"] },
        sources: { corp: { ...corp, browser: ["x", "{url}"] } },
      },
      { sources: { corp: { browser: ["y", "{url}"] }, b: { ...corp, browser: ["y", "{url}"] } } },
      [["sources", "b", "browser"]],
    ],
    [
      "exceptions from a forced proxy",
      { network: { proxy: "http://proxy.example.com:3128" } },
      { network: { noProxy: ["*"] } },
      [["network", "noProxy"]],
    ],
    [
      "a forced header in other letters",
      { headers: { otel: { Authorization: "a" } } },
      {
        headers: {
          otel: { authorization: "b", Authorization: "c" },
          other: { authorization: "d" },
        },
      },
      [["headers", "otel", "authorization"]],
    ],
    [
      "what would change what a forced key runs",
      { keys: { k: { kind: "command", command: ["/a"], env: { A: "1" } } } },
      { keys: { k: { ttl: "1h", env: { B: "2" }, cwd: "/b", signIn: ["/b"], command: ["/b"] } } },
      [
        ["keys", "k", "env"],
        ["keys", "k", "cwd"],
        ["keys", "k", "signIn"],
      ],
    ],
    [
      "a program for a forced source",
      { sources: { corp } },
      { sources: { corp: { signIn: ["/b"], check: ["/b"] }, other: { signIn: ["/c"] } } },
      [
        ["sources", "corp", "signIn"],
        ["sources", "corp", "check"],
      ],
    ],
    [
      "nothing of what only adds",
      { sources: { corp } },
      { sources: { corp: { title: "Ours" } } },
      [],
    ],
  ])("does not count %s", (_, force, written, outruled) => {
    const merged = merge(layers(force), written);
    expect(merged.outruled).toEqual(outruled);
    for (const path of outruled) {
      expect(setterAt(layers({}), merged.written, path)).toBe("built-in");
    }
  });
});

test("where programs are limited only the policy says in what surroundings they run", () => {
  const limiting = {
    ...layers({}, { keys: { theirs: { kind: "command", command: ["/a"], env: { A: "1" } } } }),
    limitsPrograms: true,
  };
  const own = { kind: "command", command: ["/a"], env: { LD_PRELOAD: "/evil" }, cwd: "/home/ann" };
  const { tree, outruled } = merge(limiting, { keys: { own, theirs: { env: { B: "2" } } } });
  expect(outruled).toEqual([
    ["keys", "own", "env"],
    ["keys", "own", "cwd"],
    ["keys", "theirs", "env"],
  ]);
  expect(tree).toEqual({
    keys: {
      own: { kind: "command", command: ["/a"] },
      theirs: { kind: "command", command: ["/a"], env: { A: "1" } },
    },
  });
  for (const path of [
    ["keys", "own", "env"],
    ["keys", "own", "env", "LD_PRELOAD"],
    ["keys", "own", "cwd"],
  ]) {
    expect(lockedBy(limiting, path, "x")).toEqual(["allow", "commands"]);
    expect(lockedBy(layers({}), path, "x")).toBeUndefined();
  }
  expect(lockedBy(limiting, ["keys", "own"], own)).toEqual(["allow", "commands"]);
  expect(lockedBy(limiting, ["keys", "own", "ttl"], "1h")).toBeUndefined();
});

describe("locks", () => {
  const force = {
    network: { proxy: "none", clientCertificate: {} },
    sources: { corp },
    keys: { gateway: { kind: "oidc", source: "company" } },
    signIn: { ask: "tray" },
    headers: { otel: { Authorization: "a" } },
  };

  test.each<[string[], unknown, string[] | undefined]>([
    [["network", "proxy"], "auto", ["network", "proxy"]],
    [["network", "proxy"], undefined, ["network", "proxy"]],
    [["network", "proxy", "pac"], "https://pac.example.com", ["network", "proxy"]],
    [["network"], undefined, ["network"]],
    [["network"], { proxyUser: "ann" }, undefined],
    [["network"], { proxyUser: "ann", proxy: "auto" }, ["network", "proxy"]],
    [["network"], {}, ["network"]],
    [["network", "noProxy"], ["*"], ["network", "proxy"]],
    [["network"], { noProxy: ["*"] }, ["network", "proxy"]],
    [["headers", "otel", "authorization"], "b", ["headers", "otel", "Authorization"]],
    [["headers", "otel", "X-Team"], "b", undefined],
    [["headers", "other", "authorization"], "b", undefined],
    [["keys", "gateway", "env"], { A: "1" }, ["keys", "gateway"]],
    [["keys", "gateway", "env", "A"], "1", ["keys", "gateway"]],
    [["keys", "gateway", "signIn"], ["/b"], ["keys", "gateway"]],
    [["keys", "own", "env", "A"], "1", undefined],
    [["sources", "corp", "check"], ["/b"], ["sources", "corp"]],
    [["network", "clientCertificate", "certFile"], "/a", undefined],
    [["sources", "corp"], undefined, ["sources", "corp"]],
    [["sources", "corp", "startUrl"], "https://x", ["sources", "corp", "startUrl"]],
    [["sources", "corp", "title"], "Ours", undefined],
    [["sources", "other"], corp, undefined],
    [["sources", "gateway"], corp, ["keys", "gateway"]],
    [["keys", "corp"], { kind: "static" }, ["sources", "corp"]],
    [["keys", "corp"], undefined, ["sources", "corp"]],
    [["sources", "other", "ask"], "open", ["signIn", "ask"]],
    [["sources", "other", "browser"], ["x", "{url}"], undefined],
    [["sources"], { other: { ask: "open" } }, ["signIn", "ask"]],
    [["log"], "debug", undefined],
    [["constructor"], "x", undefined],
    [[], { network: { proxy: "auto" } }, ["network", "proxy"]],
  ])("%j: %j", (path, value, locked) => {
    expect(lockedBy(layers(force), path, value)).toEqual(locked);
  });

  test("are what is forced", () => {
    expect(isForced(layers(force), ["network"])).toBe(true);
    expect(isForced(layers(force), ["network", "caFiles"])).toBe(false);
  });
});

test("who has set a value is told by the uppermost that says something there", () => {
  const all = layers({ a: { x: 1 } }, { a: { x: 2, y: 3 }, d: 4 });
  const written = { a: { y: 5 }, c: false };
  const setterOf = (...path: readonly string[]): string => setterAt(all, written, path);
  expect(setterOf("a", "x")).toBe("policy");
  expect(setterOf("a", "y")).toBe("config");
  expect(setterOf("c")).toBe("config");
  expect(setterOf("d")).toBe("policy-default");
  expect(setterOf("toString")).toBe("built-in");
});
