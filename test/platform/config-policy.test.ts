import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ConfigFile, openConfig } from "../../electron/platform/config.ts";
import { openConfigEditor } from "../../electron/platform/config-editor.ts";
import { openConfigReader } from "../../electron/platform/config-reader.ts";
import { MemoryLog } from "../fakes/log.ts";
import { FixedPolicy } from "./fixed-policy.ts";
import { temporaryFolder } from "./folder.ts";

const corp = {
  kind: "aws-sso",
  startUrl: "https://example.awsapps.com/start",
  region: "us-east-1",
};

const opened = (content: unknown, policy: FixedPolicy): ConfigFile & { readonly file: string } => {
  const file = join(temporaryFolder(), "config.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const config = openConfig({ file, policy, log: new MemoryLog() });
  onTestFinished(() => config.close());
  return Object.assign(config, { file });
};

const maker = "Example Corp";

test("the policy alone is enough", () => {
  const config = opened("", new FixedPolicy({ force: { sources: { corp } } }));
  expect(config.current.sources).toMatchObject({ corp });
  expect(config.problems).toEqual([]);
});

test("an entry may add to a forced one without saying what it is", () => {
  const config = opened(
    { sources: { corp: { title: "Ours", region: "eu-west-1" } } },
    new FixedPolicy({ force: { sources: { corp } } }),
  );
  expect(config.current.sources).toMatchObject({ corp: { ...corp, title: "Ours" } });
  expect(config.problems).toEqual([]);
});

test("a change of the policy is in force at once, over a broken file too, and told", () => {
  const policy = new FixedPolicy();
  const config = opened({ log: "debug", signIn: { before: "10m" } }, policy);
  writeFileSync(config.file, '{"log": ');
  config.reload();
  let told = 0;
  config.subscribe(() => (told += 1));
  policy.become({ force: { log: "warn" } });
  expect(config.current).toMatchObject({ log: "warn", signIn: { before: 600_000 } });
  expect(told).toBe(1);
  policy.become({});
  expect(config.current.log).toBe("debug");
});

test("what no longer goes together with the policy while the file is broken gives way to it", () => {
  const policy = new FixedPolicy();
  const client = { kind: "google", clientFile: "/client.json" };
  const config = opened({ sources: { g: client }, log: "debug" }, policy);
  writeFileSync(config.file, "{");
  config.reload();
  policy.become({
    force: { sources: { g: { kind: "google", clientId: "a", clientSecret: "b" } } },
  });
  expect(config.current.sources).toMatchObject({ g: { clientId: "a" } });
  expect(config.current.log).toBe("info");
});

describe("what is added to a forced entry and does not go with it", () => {
  test("does not count, and nothing else is lost", () => {
    const config = opened(
      '{\n"log": "debug",\n"sources": {\n"g": { "kind": "google", "clientFile": "/c.json" } } }',
      new FixedPolicy({
        maker,
        force: { sources: { g: { kind: "google", clientId: "a", clientSecret: "b" } } },
      }),
    );
    expect(config.current.log).toBe("debug");
    expect(config.current.sources["g"]).not.toHaveProperty("clientFile");
    expect(config.problems).toEqual([
      {
        severity: "warning",
        file: config.file,
        line: 4,
        sentence: "sources.g does not fit what Example Corp has set, so it does not count.",
        remedy: "Take it out.",
      },
    ]);
  });

  test("is still an error where nobody has forced anything", () => {
    const config = opened(
      '{"sources": {"g": {"kind": "google"}}}',
      new FixedPolicy({ force: { log: "warn" } }),
    );
    expect(config.problems).toMatchObject([{ severity: "error" }]);
    expect(config.current.log).toBe("warn");
  });
});

test("what the policy says of a key that nobody has is the policy's fault", () => {
  const force = { headers: { otel: { Authorization: "Bearer ${key:gateway}" } } };
  const policy = new FixedPolicy({ file: "/etc/evercred/policy.json", force });
  expect(opened("", policy).problems).toMatchObject([
    { file: "/etc/evercred/policy.json", line: undefined },
  ]);
  expect(opened({ keys: { gateway: { kind: "static" } } }, policy).problems).toEqual([]);
});

test("the settings say who has set them, as it is written", () => {
  const policy = new FixedPolicy({
    force: { signIn: { before: "30m" } },
    fallback: { log: "warn", network: { noProxy: ["a"] } },
  });
  const config = opened({ signIn: { before: "5m" }, network: { noProxy: ["b"] } }, policy);
  const settings = openConfigReader(config.file, config, policy).settings();
  const of = (name: string): unknown =>
    settings.flatMap(({ path, ...rest }) => (path.join(".") === name ? [rest] : []))[0];
  expect(of("signIn.before")).toEqual({ value: "30m", setBy: "policy" });
  expect(of("network.noProxy")).toEqual({ value: ["b"], setBy: "config" });
  expect(of("log")).toEqual({ value: "warn", setBy: "policy-default" });
  expect(of("network.proxy")).toEqual({ value: "auto", setBy: "built-in" });
  expect(config.isForced(["signIn"])).toBe(true);
  expect(config.isForced(["log"])).toBe(false);
});

describe("the editor", () => {
  const edited = (): ReturnType<typeof openConfigEditor> & { text(): string } => {
    const policy = new FixedPolicy({ maker, force: { sources: { corp }, log: "warn" } });
    policy.rule = { ...policy.rule, organization: maker, contact: "https://help.example.com" };
    const config = opened({ sources: { corp: { title: "Ours" } } }, policy);
    const apply = (): Promise<void> => Promise.resolve(config.reload());
    const editor = openConfigEditor({ file: config.file, policy, apply });
    return { ...editor, text: () => readFileSync(config.file, "utf8") };
  };

  test.each<[string[], string | undefined, string]>([
    [["log"], "debug", "log"],
    [["log"], undefined, "log"],
    [["sources", "corp"], undefined, "sources.corp"],
    [["sources", "corp", "startUrl"], "https://x.awsapps.com/start", "sources.corp.startUrl"],
    [["sources"], undefined, "sources"],
  ])("refuses %j = %s, and writes nothing", async (path, value, name) => {
    const editor = edited();
    const before = editor.text();
    const refusal = {
      code: "policy-refused",
      message: `Example Corp has set ${name}.`,
      remedy: "Help: https://help.example.com",
    };
    await expect(editor.set(path, value)).rejects.toMatchObject(refusal);
    if (value === undefined) await expect(editor.check(path)).rejects.toMatchObject(refusal);
    expect(editor.text()).toBe(before);
  });

  test("adds to what is forced, judged together with it", async () => {
    const editor = edited();
    expect(await editor.set(["sources", "corp", "title"], "Cloud")).toBe(true);
    await expect(editor.set(["sources", "corp", "flow"], "carrier-pigeon")).rejects.toMatchObject({
      code: "usage",
    });
    expect(await editor.set(["sources", "corp", "title"], undefined)).toBe(true);
  });
});
