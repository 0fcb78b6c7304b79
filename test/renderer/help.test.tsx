import { expect, test } from "vitest";
import type { FindingView, RemedyView } from "../../electron/protocol/help-view.ts";
import { wordsFor } from "../../electron/protocol/words.ts";
import { HelpAbout } from "../../renderer/pages/help-about.tsx";
import { Diagnosis } from "../../renderer/pages/help-diagnosis.tsx";
import { at, minute } from "../shell/views.ts";
import { buttonsOf, draw, press } from "./tree.ts";

const words = wordsFor("en", "en-GB");

const finding = (
  verdict: FindingView["verdict"],
  action?: RemedyView,
  sentence = `It is ${verdict}.`,
): FindingView => ({
  id: "x.y",
  title: "Network",
  verdict,
  sentence,
  evidence: ["a fact"],
  remedy: action === undefined ? undefined : "Do it.",
  action,
});

const diagnosed = (findings: readonly FindingView[], isExamining = false, isBusy = false) => {
  const done: unknown[] = [];
  const elements = draw(
    <Diagnosis
      diagnosis={{ at: at - minute, findings }}
      now={at}
      isExamining={isExamining}
      isBusy={isBusy}
      onAct={(action, place) => done.push([action.kind, place])}
    />,
    words,
  );
  return { elements, done, text: elements[0]?.text ?? "" };
};

const actions: readonly RemedyView[] = [
  { kind: "sign-in", source: "corp" },
  { kind: "page", page: "settings" },
  { kind: "connect" },
  { kind: "mend", command: "evercred config unset network.proxy" },
  { kind: "open", file: "/home/ann/.claude/settings.json" },
  { kind: "copy", command: "chmod 600 x" },
];

test("each finding has its one click, and says which finding it is", () => {
  const { elements, done } = diagnosed([
    finding("failure"),
    ...actions.map((action) => finding("warning", action)),
  ]);
  const buttons = buttonsOf(elements);
  expect(buttons).toEqual([
    "Sign in to corp",
    "Open the settings",
    "Connect Claude Code…",
    "Mend it",
    "Open the file",
    "Copy command",
  ]);
  for (const button of buttons) press(elements, button);
  expect(done).toEqual(actions.map(({ kind }, index) => [kind, index + 1]));
});

test("what is run is seen before", () => {
  const { elements } = diagnosed(actions.map((action) => finding("failure", action)));
  const titles = elements.flatMap(({ name, props }) =>
    name === "button" && props["title"] !== undefined ? [props["title"]] : [],
  );
  expect(titles).toEqual(["Runs: evercred config unset network.proxy"]);
});

test("how bad it is stands above, what is fine is folded away", () => {
  expect(diagnosed([finding("ok"), finding("note")]).text).toContain("Nothing is wrong.");
  const { elements, text } = diagnosed([
    finding("failure"),
    finding("warning"),
    finding("warning"),
    finding("ok"),
  ]);
  expect(text).toContain("1 failure, 2 warnings");
  expect(text).toContain("Examined at 13:59");
  expect(elements.filter(({ props }) => props["class"] === "card finding")).toHaveLength(4);
  const [folded] = elements.filter(({ name }) => name === "details");
  expect(folded?.text).toContain("1 fine");
  expect(folded?.text).toContain("It is ok.");
  expect(folded?.text).not.toContain("It is failure.");
});

test("while it is examined, or mended, nothing is pressed", () => {
  for (const flags of [
    [true, false],
    [false, true],
  ] as const) {
    const { elements } = diagnosed([finding("failure", actions[0])], ...flags);
    const [button] = elements.filter(({ name }) => name === "button");
    expect(button?.props["disabled"]).toBe(true);
  }
  expect(diagnosed([], true).text).toContain("Examining…");
});

test("what a provider says is text, whatever is in it", () => {
  const hostile = `<img src=x onerror=alert(1)>\u202e${"x".repeat(10_000)}`;
  expect(diagnosed([finding("failure", undefined, hostile)]).text).toContain(hostile);
});

test.each([
  ["build", "Off: this build knows no key that it could trust."],
  ["package", "They come from where Evercred was installed from."],
  ["policy", "Off: your organisation has decided so."],
  ["settings", "Off in the settings."],
] as const)("updates that are off by the %s say so, and cannot be looked for", (why, says) => {
  const elements = draw(
    <HelpAbout
      version="1.2.3"
      organization={undefined}
      update={{ kind: "off", why }}
      now={at}
      onLicences={() => undefined}
      onCheck={() => undefined}
    />,
  );
  expect(elements[0]?.text).toContain(`Updates${says}`);
  expect(buttonsOf(elements)).toEqual(["Licences of its parts"]);
});

test("who answers for it here is named, where that is somebody", () => {
  const about = (
    organization: { name: string | undefined; contact: string | undefined } | undefined,
  ) =>
    draw(
      <HelpAbout
        version="1.2.3"
        organization={organization}
        update={{ kind: "off", why: "build" }}
        now={at}
        onLicences={() => undefined}
        onCheck={() => undefined}
      />,
    )[0]?.text;
  expect(about(undefined)).toBe(
    "AboutVersionEvercred 1.2.3UpdatesOff: this build knows no key that it could trust.LicenceApache-2.0Licences of its parts",
  );
  expect(about({ name: "Example Corp", contact: "it@example.com" })).toContain(
    "Set up byExample CorpHelpit@example.com",
  );
});
