import { asked } from "./asked.ts";
import { beforeEach, expect, test } from "vitest";
import type { Picture } from "../../electron/protocol/picture.ts";
import { en } from "../../electron/protocol/texts/en.ts";
import type { UpdateFault, UpdateView } from "../../electron/protocol/update-view.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { Banner } from "../../renderer/banner.tsx";
import { pictureWith } from "../screens/pictures.ts";
import { source } from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

beforeEach(() => {
  asked.length = 0;
});

const version = "1.2.4";

const banner = (update: UpdateView, parts: Partial<Picture> = {}): readonly Element[] =>
  draw(<Banner picture={pictureWith([source("corp")], { ...parts, update })} />);
const said = (...shown: Parameters<typeof banner>): string => banner(...shown)[0]?.text ?? "";

test("an update that is ready is installed by a click, and by nothing else", () => {
  const elements = banner({ kind: "ready", version });
  expect(elements[0]?.text).toContain("Evercred 1.2.4 is ready.");
  expect(asked).toEqual([]);
  press(elements, "Install it now");
  expect(asked).toEqual(["installUpdate undefined"]);
});

test.each([
  ["found", "Evercred 1.2.4 is out."],
  ["installed", "Evercred 1.2.4 is installed."],
] as const)("one that is %s is said, and there is nothing to press", (kind, says) => {
  const elements = banner({ kind, version });
  expect(elements[0]?.text).toContain(says);
  expect(buttonsOf(elements)).toEqual([]);
});

test.each<UpdateView>([
  { kind: "off", why: "package" },
  { kind: "current", checkedAt: 0 },
  { kind: "checking" },
  { kind: "downloading", version },
])("nobody is disturbed where it is $kind", (update) => {
  expect(banner(update)).toEqual([]);
});

const faults = Object.keys(en.updates.faults) as readonly Exclude<UpdateFault, "network">[];
/** By the next day they may be over. */
const passing = ["refused", "web-page", "truncated"];

test.each(faults)("of what comes to nothing, what needs a person is said: %s", (fault) => {
  const [sentence, remedy] = en.updates.faults[fault];
  const shown = said({ kind: "failed", fault });
  expect(shown).toBe(passing.includes(fault) ? "" : `${sentence} ${remedy}`);
});

test("a network that leads nowhere is no news of an update", () => {
  expect(banner({ kind: "failed", fault: "network" })).toEqual([]);
});

test("an update comes after a problem and the missing tray, and before a clock that is wrong", () => {
  const problem = (code: string): Trouble => ({ code, sentence: `${code}.`, remedy: "Mend it." });
  const ready: UpdateView = { kind: "ready", version };
  const desk = { notifies: true, tray: "absent" } as const;
  expect(said(ready, { problems: [problem("keychain-locked")] })).toContain("keychain-locked.");
  expect(said(ready, { desk })).toContain("no place for a tray icon");
  expect(said(ready, { desk, dismissed: ["no-tray"] })).toContain("is ready.");
  expect(said(ready, { problems: [problem("clock-wrong")] })).toContain("is ready.");
});
