import "./asked.ts";
import { expect, test } from "vitest";
import type {
  ClaudeStanding,
  ClaudeView,
  ClaudeWish,
} from "../../electron/protocol/claude-view.ts";
import type { SourceView } from "../../electron/protocol/view.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import { ClaudeCard } from "../../renderer/claude-card.tsx";
import { claudeLine, namesOf, usualWish } from "../../renderer/claude-words.ts";
import { ConnectSheet, type ConnectSheetProps } from "../../renderer/connect-sheet.tsx";
import { at, keyOffer, minute, offer, source } from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

const words = wordsFor("en", "en-GB");

const connected: ClaudeStanding = {
  kind: "connected",
  version: "2.1.331",
  provider: "bedrock",
  place: "us-east-1",
  identity: "dev",
  scope: "user",
  file: "/home/ann/.claude/settings.json",
};

const trouble = { code: "access.refused", sentence: "It is refused.", remedy: "Ask for it." };

const line = (view: ClaudeView, checking = false): string => claudeLine(view, checking, at, words);
const checked = (works: boolean | "partly" | undefined): ClaudeView => ({
  standing: connected,
  check: { at: at - minute, works, trouble: works === true ? undefined : trouble },
});

test.each([
  [{ standing: { kind: "unknown" }, check: undefined }, "Looking for Claude Code…"],
  [
    { standing: { kind: "absent" }, check: undefined },
    "Claude Code is not found on this computer.",
  ],
  [
    { standing: { kind: "unconnected", version: "2.1.331" }, check: undefined },
    "Version 2.1.331 is here, and does not ask Evercred yet.",
  ],
  [{ standing: connected, check: undefined }, "Bedrock · us-east-1"],
  [checked(true), "Bedrock · us-east-1 · works (checked 13:59)"],
  [checked(false), "Bedrock · us-east-1 · does not work (checked 13:59)"],
  [checked("partly"), "Bedrock · us-east-1 · no fault found (checked 13:59)"],
  [checked(undefined), "Bedrock · us-east-1 · could not be checked (13:59)"],
] as const)("what is said of it (%#)", (view, expected) => {
  expect(line(view)).toBe(expected);
});

test("while it is checked, it says so", () => {
  expect(line(checked(false), true)).toBe("Bedrock · us-east-1 · checking…");
});

const card = (view: ClaudeView, checking = false) => {
  const done: string[] = [];
  const elements = draw(
    <ClaudeCard
      claude={view}
      now={at}
      checking={checking}
      trouble={undefined}
      onCheck={() => done.push("check")}
      onStop={() => done.push("stop")}
      onConnect={() => done.push("connect")}
      onDisconnect={() => done.push("disconnect")}
    />,
    words,
  );
  return { elements, done };
};

const all = (elements: readonly Element[]): string => elements[0]?.text ?? "";

test("what can be done is what makes sense there", () => {
  const buttons = (standing: ClaudeStanding, checking = false): readonly string[] =>
    buttonsOf(card({ standing, check: undefined }, checking).elements);
  expect(buttons({ kind: "unknown" })).toEqual([]);
  expect(buttons({ kind: "absent" })).toEqual(["Look again", "Connect…"]);
  expect(buttons({ kind: "unconnected", version: undefined })).toEqual(["Connect…"]);
  expect(buttons(connected)).toEqual(["Check", "Change…", "Disconnect…"]);
  expect(buttons(connected, true)).toEqual(["Stop", "Change…", "Disconnect…"]);
  const { elements, done } = card({ standing: connected, check: undefined });
  for (const words of ["Check", "Change…", "Disconnect…"]) press(elements, words);
  expect(done).toEqual(["check", "connect", "disconnect"]);
});

test("what is wrong stands there with its remedy, and whose credentials it gets", () => {
  const text = all(card(checked(false)).elements);
  expect(text).toContain("It is refused. Ask for it.");
  expect(text).toContain("as dev, in your own settings");
  expect(all(card(checked(false), true).elements)).not.toContain("It is refused.");
  const boxes = (works: boolean | "partly"): number =>
    card(checked(works)).elements.filter(({ props }) => props["class"] === "trouble").length;
  expect([boxes(false), boxes("partly"), boxes(true)]).toEqual([1, 0, 0]);
  expect(all(card(checked("partly")).elements)).toContain("It is refused. Ask for it.");
  expect(all(card({ standing: { kind: "absent" }, check: undefined }).elements)).toContain(
    "npm install -g @anthropic-ai/claude-code",
  );
});

const signedIn: readonly SourceView[] = [
  source("corp", {
    offers: [offer("one"), offer("two", minute)],
  }),
  source("google", { offers: [{ ...offer("google"), target: "gcp:google" }] }),
];

test("it is connected with what is in use, and with what there is", () => {
  expect(namesOf("aws", signedIn)).toEqual(["two", "one"]);
  expect(usualWish(signedIn)).toEqual({ provider: "bedrock", profile: "two", region: "" });
  expect(usualWish(signedIn.slice(1))).toMatchObject({ provider: "vertex", account: "google" });
  expect(usualWish([source("key", { offers: [keyOffer("key")] })])).toBeUndefined();
});

const sheet = (parts: Partial<ConnectSheetProps> = {}) => {
  const done: unknown[] = [];
  const elements = draw(
    <ConnectSheet
      task="connect"
      sources={signedIn}
      provider="bedrock"
      change={undefined}
      busy={false}
      trouble={undefined}
      onProvider={(provider) => done.push(provider)}
      onShow={(wish: ClaudeWish) => done.push(wish)}
      onWrite={() => done.push("write")}
      onBack={() => done.push("back")}
      onCancel={() => done.push("cancel")}
      {...parts}
    />,
    words,
  );
  return { elements, done };
};

const fields = (elements: readonly Element[]): readonly unknown[] =>
  elements
    .filter(({ name }) => name === "label")
    .map(({ props }) => props["for"])
    .filter((name) => name !== undefined);

test("each provider asks for what it needs, of what there is", () => {
  expect(fields(sheet().elements)).toEqual(["connect-identity", "connect-region"]);
  expect(fields(sheet({ provider: "vertex" }).elements)).toEqual([
    "connect-identity",
    "connect-region",
    "connect-project",
  ]);
  const { elements } = sheet({ provider: "gateway" });
  expect(fields(elements)).toEqual([]);
  expect(all(elements)).toContain("There is no key yet. Add one first.");
  const options = sheet().elements.filter(({ name }) => name === "option");
  expect(options.map(({ text }) => text)).toEqual(["two", "one"]);
});

const change = {
  diff: [
    "--- /home/ann/.claude/settings.json",
    "+++ /home/ann/.claude/settings.json",
    "@@ -1,2 +1,3 @@",
    " {",
    '-  "old": "…"',
    '+  "new": "<b>1</b>"',
    " }",
  ],
  notes: ["A note."],
};

test("what changes is seen before it is written", () => {
  const { elements, done } = sheet({ change });
  const [diff] = elements.filter(({ props }) => props["class"] === "diff");
  expect(diff?.text).toBe(' {\n-  "old": "…"\n+  "new": "<b>1</b>"\n }\n');
  expect(all(elements)).toContain("What changes in /home/ann/.claude/settings.json");
  expect(all(elements)).toContain("A note.");
  expect(buttonsOf(elements)).toEqual(["Connect", "Back", "Cancel"]);
  press(elements, "Connect");
  press(elements, "Back");
  expect(done).toEqual(["write", "back"]);
});

test("where nothing changes, nothing is written; an undo says that it takes out", () => {
  const { elements } = sheet({ change: { diff: [], notes: [] } });
  const [first] = elements.filter(({ name }) => name === "button");
  expect(first?.props["disabled"]).toBe(true);
  expect(buttonsOf(sheet({ task: "disconnect", change }).elements)).toEqual([
    "Take it out",
    "Cancel",
  ]);
});

test("why it does not work is said", () => {
  const { elements } = sheet({ trouble });
  const [alert] = elements.filter(({ props }) => props["role"] === "alert");
  expect(alert?.text).toBe("It is refused. Ask for it.");
});
