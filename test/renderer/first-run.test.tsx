import { asked } from "./asked.ts";
import { expect, test } from "vitest";
import type { ClaudeStanding } from "../../electron/protocol/claude-view.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import { FirstRun } from "../../renderer/pages/first-run.tsx";
import { FirstRunDesktop } from "../../renderer/pages/first-run-desktop.tsx";
import { pictureWith } from "../screens/pictures.ts";
import { at, offer, signedOut, source } from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

const words = wordsFor("en", "en-GB");

const out = source("corp", {
  standing: signedOut("never"),
  offers: [offer("one"), offer("two")],
});
const signedIn = source("corp", { offers: [offer("one"), offer("two")] });

const unconnected: ClaudeStanding = { kind: "unconnected", version: "2.1.331" };
const connected: ClaudeStanding = {
  ...unconnected,
  kind: "connected",
  provider: "bedrock",
  place: "us-east-1",
  identity: "one",
  scope: "user",
  file: "/home/ann/.claude/settings.json",
};

const first = (
  sources: Parameters<typeof pictureWith>[0],
  standing: ClaudeStanding = unconnected,
  parts: Partial<Picture> = {},
): readonly Element[] => {
  const picture = pictureWith(sources, {
    firstRun: { forced: [] },
    claude: { standing, check: undefined },
    ...parts,
  });
  return draw(<FirstRun picture={picture} now={at} />, words);
};

const current = (elements: readonly Element[]): string =>
  elements.find(({ props }) => props["aria-current"] === "step")?.text ?? "";
const primaries = (elements: readonly Element[]): readonly string[] =>
  elements
    .filter(({ name, props }) => name === "button" && props["class"] === "primary")
    .map(({ text }) => text);

test("first of all there is a sign-in, with what was found", () => {
  const elements = first([out]);
  expect(current(elements)).toContain("corp (2 profiles)");
  expect(primaries(elements)).toEqual(["Sign in to corp"]);
  press(elements, "Sign in to corp");
  expect(asked.at(-1)).toBe("signIn corp");
});

test("where nothing was found, something is added", () => {
  const elements = first([]);
  expect(current(elements)).toContain("Nothing to sign in to was found");
  expect(primaries(elements)).toEqual(["Add…"]);
});

test("once somebody is signed in, it is Claude Code's turn; what changes is asked for first", () => {
  const elements = first([signedIn]);
  expect(current(elements)).toContain("Connect Claude Code");
  expect(primaries(elements)).toEqual([]);
  expect(buttonsOf(elements)).toContain("Another way…");
});

test("where there is no Claude Code, it says how to get it, and one can be done without", () => {
  const elements = first([signedIn], { kind: "absent" });
  expect(elements.map(({ text }) => text)).toContain("npm install -g @anthropic-ai/claude-code");
  expect(primaries(elements)).toEqual(["Done"]);
});

test("with all done, one click ends it and keeps whether the app starts at login", () => {
  const elements = first([signedIn], connected);
  expect(current(elements)).toContain("On this desktop");
  expect(primaries(elements)).toEqual(["Done"]);
  press(elements, "Done");
  expect(asked.at(-1)).toBe("setSetting app.startAtLogin");
});

test("before that one may leave it for later", () => {
  expect(buttonsOf(first([out]))).toContain("Later");
});

const desktop = (isLocked: boolean, forced: readonly string[]) => {
  const done: unknown[] = [];
  const elements = draw(
    <FirstRunDesktop
      picture={pictureWith([signedIn], { firstRun: { forced } })}
      isCurrent
      startsAtLogin
      isLocked={isLocked}
      differences={[
        { variable: "AWS_PROFILE", sentence: "One differs.", remedy: "Do it.", canSave: true },
        {
          variable: "AWS_CONFIG_FILE",
          sentence: "Two differs.",
          remedy: "Restart.",
          canSave: false,
        },
      ]}
      trouble={undefined}
      busy={false}
      onStartsAtLogin={(starts) => done.push(starts)}
      onDone={() => done.push("done")}
    />,
    words,
  );
  return { elements, done };
};

test("what an organisation has fixed is shown as theirs", () => {
  const { elements } = desktop(true, ["network.caFiles"]);
  const box = elements.find(({ props }) => props["type"] === "checkbox");
  expect(box?.props).toMatchObject({ disabled: true, checked: true });
  const [details] = elements.filter(({ name }) => name === "details");
  expect(details?.text).toBe("Set by Example Corpnetwork.caFiles");
  expect(desktop(false, []).elements.filter(({ name }) => name === "details")).toEqual([]);
});

test("what the terminals know is taken over one by one; the rest says what to do", () => {
  const { elements } = desktop(false, []);
  expect(buttonsOf(elements)).toEqual(["Take it over", "Done"]);
  press(elements, "Take it over");
  expect(asked.at(-1)).toBe("saveDifference One differs.");
  expect(elements[0]?.text).toContain("Restart.");
});
