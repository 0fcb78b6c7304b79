import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { ClaudeStanding } from "../../electron/protocol/claude-view.ts";
import type { FindingView } from "../../electron/protocol/help-view.ts";
import { claudeDeskOf } from "../../electron/shell/claude.ts";
import { newSourceOf, wishOf } from "../../electron/shell/claude-wish.ts";

const connected: ClaudeStanding = {
  kind: "connected",
  version: "2.1.331",
  provider: "bedrock",
  place: "us-east-1",
  identity: "dev",
  scope: "user",
  file: "/home/ann/.claude/settings.json",
};

const finding = (verdict: FindingView["verdict"], id = "access.x"): FindingView => ({
  id,
  title: "Entitlement",
  verdict,
  sentence: `It is ${verdict}.`,
  evidence: [],
  remedy: "Ask.",
  action: undefined,
});

const desk = (findings: readonly FindingView[] = []) => {
  const ran: (readonly string[])[] = [];
  const asked: (readonly string[])[] = [];
  const state: { standing: ClaudeStanding; looks: number; changes: number } = {
    standing: connected,
    looks: 0,
    changes: 0,
  };
  const made = claudeDeskOf({
    claude: {
      standing: () => state.standing,
      look: () => {
        state.looks += 1;
        return Promise.resolve();
      },
    },
    doctor: {
      examine: (checks, signal) => {
        asked.push(checks);
        return new Promise((resolve, reject) => {
          signal.addEventListener("abort", () => reject(new EvercredError("cancelled")));
          if (findings.length > 0) resolve({ at: 1_000, findings });
        });
      },
    },
    verbs: {
      run: (args) => {
        ran.push(args);
        const lines = args.includes("--undo")
          ? ["Nothing was set up there."]
          : ["--- a", "+ a line"];
        return Promise.resolve({ code: 0, lines, said: ["A note."] });
      },
    },
    changed: () => (state.changes += 1),
  });
  return { desk: made, ran, asked, state };
};

test.each([
  [[finding("ok"), finding("ok")], true, undefined],
  [[finding("failure"), finding("not-checked"), finding("ok")], false, "It is failure."],
  [[finding("not-checked"), finding("ok")], "partly", "It is not-checked."],
  [[finding("warning", "claude.x"), finding("ok")], "partly", "It is warning."],
  [[finding("not-checked"), finding("ok", "claude.fine")], undefined, "It is not-checked."],
])("a check is one verdict of all that was found (%#)", async (findings, works, sentence) => {
  const { desk: claude, asked, state } = desk(findings);
  expect(claude.view().check).toBeUndefined();
  expect(await claude.check()).toEqual({ kind: "done", value: undefined });
  expect(asked).toEqual([["claude", "access"]]);
  expect(state.changes).toBe(1);
  const { check } = claude.view();
  expect(check).toMatchObject({ at: 1_000, works });
  expect(check?.trouble?.sentence).toBe(sentence);
});

test("what was found out does not hold for other settings", async () => {
  const { desk: claude, state } = desk([finding("ok")]);
  await claude.check();
  expect(claude.view().check?.works).toBe(true);
  state.standing = { ...connected, identity: "other" };
  expect(claude.view().check).toBeUndefined();
});

test("a check that is stopped is cancelled, and says nothing", async () => {
  const { desk: claude } = desk();
  const check = claude.check();
  claude.stopCheck();
  expect(await check).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
  expect(claude.view().check).toBeUndefined();
});

test("what changes is shown before it is written, by the verb", async () => {
  const { desk: claude, ran, state } = desk();
  const wish = { provider: "bedrock", profile: "dev", region: "" } as const;
  expect(await claude.connect(wish, false)).toEqual({
    kind: "done",
    value: { diff: ["--- a", "+ a line"], notes: ["A note."] },
  });
  expect(state.looks).toBe(0);
  await claude.connect(wish, true);
  const words = ["setup", "claude", "--no-verify", "--provider=bedrock", "--profile=dev"];
  expect(ran).toEqual([
    [...words, "--dry-run"],
    [...words, "--yes"],
  ]);
  expect(state.looks).toBe(1);
});

test("each provider has its flags, and an undo is one too", async () => {
  const { desk: claude, ran } = desk();
  await claude.connect(
    { provider: "vertex", account: "google", region: "global", project: "example-claude" },
    false,
  );
  await claude.connect(
    { provider: "gateway", baseUrl: "https://gateway.example.com", key: "litellm" },
    false,
  );
  expect(await claude.disconnect(true)).toMatchObject({
    value: { diff: [], notes: ["Nothing was set up there.", "A note."] },
  });
  expect(ran.map((words) => words.slice(2))).toEqual([
    [
      "--no-verify",
      "--provider=vertex",
      "--account=google",
      "--region=global",
      "--project=example-claude",
      "--dry-run",
    ],
    [
      "--no-verify",
      "--provider=gateway",
      "--base-url=https://gateway.example.com",
      "--key=litellm",
      "--dry-run",
    ],
    ["--undo", "--yes"],
  ]);
});

test("of what comes from the window only what was agreed is taken", () => {
  expect(wishOf({ provider: "bedrock", profile: " dev ", region: 7, scope: "managed" })).toEqual({
    provider: "bedrock",
    profile: "dev",
    region: "",
  });
  for (const value of [undefined, null, "bedrock", {}, { provider: "others" }]) {
    expect(() => wishOf(value)).toThrow(EvercredError);
  }
  expect(newSourceOf({ kind: "google", name: "g", clientFile: "/f", secret: "x" })).toEqual({
    kind: "google",
    name: "g",
    clientFile: "/f",
  });
  expect(() => newSourceOf({ kind: "command", name: "x" })).toThrow(EvercredError);
});
