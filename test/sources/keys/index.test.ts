import { describe, expect, test } from "vitest";
import { type KeysConfig, KeySources } from "../../../electron/sources/keys/index.ts";
import { askedKeyOf } from "../../../electron/sources/keys/own-loops.ts";
import { FakeClock } from "../../fakes/clock.ts";

type Keys = KeysConfig["keys"];

const load = (keys: Keys, taken: readonly string[] = []) => {
  const machine = {
    clock: new FakeClock(),
    home: "/home/ann",
    env: {},
    platform: "linux",
  } as const;
  const all = new KeySources(machine);
  const sources = all.load({ keys }, new Set(taken)).map(({ id, kind }) => `${id} ${kind}`);
  return { sources, problems: all.problems, all };
};

const command = (words: string | readonly [string, ...string[]]): Keys[string] => ({
  kind: "command",
  command: words,
  ttl: 1,
  timeout: 1,
});

test("the keys that are sources of their own are loaded, in order; all others are left to others", () => {
  const keys: Keys = {
    a: { kind: "static", remindBefore: 1 },
    b: { kind: "oidc" },
    c: command(["vault"]),
    d: { kind: "gcp-id-token" },
    e: { kind: "jwt", algorithm: "HS256", claims: {}, lifetime: 1 },
    f: { kind: "gcp-access-token" },
    g: { kind: "aws-bedrock" },
  };
  expect(load(keys, ["b"])).toMatchObject({
    sources: ["a static-key", "c command-key", "e jwt-key"],
    problems: [],
  });
});

test("a key with the name of a source is left out; the configuration has said so", () => {
  const keys: Keys = { corp: { kind: "static", remindBefore: 1 }, a: command(["vault"]) };
  expect(load(keys, ["corp"])).toMatchObject({ sources: ["a command-key"], problems: [] });
});

describe("a command that asks Evercred", () => {
  test.each([
    [["evercred", "api-key", "a"], "a"],
    [["/usr/bin/evercred", "api-key", "--fresh", "a"], "a"],
    [["C:\\Program Files\\Evercred\\evercred.exe", "api-key", "a"], "a"],
    ["evercred api-key a", "a"],
    ["x=1; /usr/bin/evercred  api-key -q a | tr -d x", "a"],
    ["'/opt/ever cred/evercred' api-key 'a'", "a"],
    ["printf %s $(evercred api-key a)", "a"],
    ["evercred api-key ab", "ab"],
    ["myevercred api-key a", undefined],
    ["evercred gcp token a", undefined],
    [["evercred", "aws", "process"], undefined],
    [["vault", "api-key", "a"], undefined],
    [["evercred", "api-key"], undefined],
  ] as const)("%j asks for %s", (words, name) => {
    expect(askedKeyOf(words)).toBe(name);
  });

  test("for what it makes itself is a problem, by itself and by way of others", () => {
    const { sources, problems, all } = load({
      a: command(["evercred", "api-key", "a"]),
      b: command("evercred api-key c"),
      c: command(["evercred", "api-key", "b"]),
      d: command(["evercred", "api-key", "c"]),
      e: command(["evercred", "api-key", "f"]),
      f: { kind: "static", remindBefore: 1 },
    });
    expect(sources).toEqual(["d command-key", "e command-key", "f static-key"]);
    const sentence = (name: string, loop: string): string =>
      `The command of keys.${name} asks Evercred for what it makes itself: ${loop}.`;
    expect(problems.map((problem) => problem.sentence)).toEqual([
      sentence("a", "a -> a"),
      sentence("b", "b -> c -> b"),
      sentence("c", "c -> b -> c"),
    ]);
    all.load({ keys: {} }, new Set());
    expect(all.problems).toEqual([]);
  });
});
