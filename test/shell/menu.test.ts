import { expect, test } from "vitest";
import { headlineOf } from "../../electron/protocol/headline.ts";
import type { View } from "../../electron/protocol/view.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";
import type { Line } from "../../electron/shell/menu-line.ts";
import { commandOf } from "../../electron/shell/menu-source.ts";
import { menuOf, trayLine, type TrayView } from "../../electron/shell/menu.ts";
import {
  codeSignIn,
  failing,
  keyOffer,
  keySource,
  offer,
  question,
  secretSignIn,
  signedOut,
  at,
  hour,
  source,
  viewWith,
} from "./views.ts";

const inTray = (view: View, quietUntil?: number): TrayView => ({
  ...view,
  desk: { notifies: true, tray: "shown" },
  quietUntil,
});

const linesOf = (view: View, quietUntil?: number): readonly Line[] =>
  menuOf(inTray(view, quietUntil), english);

const labelsOf = (lines: readonly Line[]): string[] =>
  lines.map((line) => (line.kind === "separator" ? "-" : line.label));

const submenu = (lines: readonly Line[], label: RegExp): readonly Line[] => {
  const found = lines.find((line) => line.kind === "submenu" && label.test(line.label));
  if (found?.kind !== "submenu") throw new Error(`No submenu ${label}: ${labelsOf(lines)}`);
  return found.lines;
};

test("with everything signed in there is a headline, a line a source, and nothing to do", () => {
  const view = viewWith(source("corp"), source("client-b"));
  const labels = labelsOf(linesOf(view));
  expect(labels[0]).toBe(headlineOf(view, english));
  expect(labels[1]).toBe("-");
  expect(labels[2]).toMatch(/^corp · until about /);
  expect(labels[3]).toMatch(/^client-b · until about /);
  expect(labels.slice(4)).toEqual(["-", "Do not ask", "-", "Open Evercred", "Settings…", "Quit"]);
});

test("without any source the menu still opens the window and quits", () => {
  expect(labelsOf(linesOf(viewWith()))).toEqual([
    "Nothing to sign in to yet",
    "-",
    "Open Evercred",
    "Settings…",
    "Quit",
  ]);
});

test("one source that needs a person is signed in to by the second line", () => {
  const [, second] = linesOf(viewWith(source("corp", { standing: signedOut("ended") })));
  expect(second).toEqual({
    kind: "choice",
    label: "Sign in to corp",
    choice: { kind: "sign-in", source: "corp" },
  });
});

test("several sources that need a person share one submenu", () => {
  const menu = linesOf(
    viewWith(
      source("a", { standing: signedOut("ended") }),
      source("b", { standing: signedOut("never") }),
      source("c"),
    ),
  );
  expect(labelsOf(submenu(menu, /^Sign in to 2…$/))).toEqual(["Sign in to a", "Sign in to b"]);
});

test("who signed out is not asked to sign in, but can", () => {
  const menu = linesOf(viewWith(source("corp", { standing: signedOut("user") })));
  expect(labelsOf(menu)[1]).toBe("-");
  expect(labelsOf(submenu(menu, /^corp · signed out$/))).toEqual(["Sign in"]);
});

test("an open sign-in can be gone on with or cancelled, and is not offered twice", () => {
  const menu = linesOf(
    viewWith(source("corp", { standing: signedOut("ended"), signIn: codeSignIn })),
  );
  expect(labelsOf(menu)[1]).toBe("-");
  expect(labelsOf(submenu(menu, /^corp · /))).toEqual([
    "Open the sign-in page",
    "Cancel the sign-in",
  ]);
});

test("a source that cannot be reached can still be signed out of", () => {
  const menu = linesOf(viewWith(source("corp", { standing: failing("offline") })));
  expect(submenu(menu, /^corp · the provider cannot be reached/)).toContainEqual({
    kind: "choice",
    label: "Sign out",
    choice: { kind: "sign-out", source: "corp" },
  });
});

test("at most eight sources are shown, those in use first, and the rest is one click away", () => {
  const sources = Array.from({ length: 11 }, (_, index) =>
    source(`s${index}`, { offers: [offer("p", index === 10 ? 1_000 : undefined)] }),
  );
  const labels = labelsOf(linesOf(viewWith(...sources)));
  expect(labels[2]).toMatch(/^s10 · /);
  expect(labels.filter((label) => / · until/.test(label))).toHaveLength(8);
  expect(labels[10]).toBe("3 more…");
});

test("the command of a profile is copied as it is typed, the last used first", () => {
  const menu = linesOf(
    viewWith(source("corp", { offers: [offer("old", 5_000), offer("dev", 1_000)] })),
  );
  expect(submenu(submenu(menu, /^corp/), /^Copy command for$/)).toEqual([
    copyLine("dev", "evercred aws export --profile dev"),
    copyLine("old", "evercred aws export --profile old"),
  ]);
});

test("a single profile's command needs no submenu", () => {
  const menu = linesOf(viewWith(source("corp", { offers: [offer("dev")] })));
  expect(submenu(menu, /^corp/)).toContainEqual(
    copyLine("Copy command for dev", "evercred aws export --profile dev"),
  );
});

test("a key is entered and forgotten, and its command is copied", () => {
  const missing = linesOf(viewWith(keySource("litellm", { standing: signedOut("never") })));
  expect(missing[1]).toEqual({
    kind: "choice",
    label: "Enter the key of litellm…",
    choice: { kind: "sign-in", source: "litellm" },
  });
  const copy = "Copy command for litellm";
  expect(labelsOf(submenu(missing, /^litellm · no key yet$/))).toEqual(["Enter the key…", copy]);
  const there = submenu(linesOf(viewWith(keySource("litellm"))), /^litellm · the key is there$/);
  expect(there).toEqual([
    { kind: "choice", label: "Enter a new key…", choice: { kind: "sign-in", source: "litellm" } },
    { kind: "choice", label: "Forget the key", choice: { kind: "sign-out", source: "litellm" } },
    copyLine(copy, "evercred api-key litellm"),
  ]);
  const signIn = secretSignIn("the key of litellm");
  const open = linesOf(viewWith(keySource("litellm", { standing: signedOut("never"), signIn })));
  expect(labelsOf(submenu(open, /^litellm · /))).toEqual(["Enter the key…", "Cancel", copy]);
});

test.each([
  ["Enter 2 keys…", [keySource("a"), keySource("b")]],
  ["Sign in, or enter a key…", [source("a"), keySource("b")]],
])("several keys that are needed share a submenu: %s", (label, sources) => {
  const needy = sources.map((each) => ({ ...each, standing: signedOut("ended") }));
  expect(labelsOf(linesOf(viewWith(...needy)))[1]).toBe(label);
});

test("the keys of a sign-in stand beside what else it gives", () => {
  const offers = [offer("dev", 1), keyOffer("gateway", 2), { ...offer("g", 3), target: "gcp:g" }];
  const menu = linesOf(viewWith(source("company", { offers })));
  expect(submenu(submenu(menu, /^company/), /^Copy command for$/)).toEqual([
    copyLine("dev", "evercred aws export --profile dev"),
    copyLine("gateway", "evercred api-key gateway"),
    copyLine("g", "evercred gcp token --account g"),
  ]);
});

test("a profile's name cannot become a second command in a shell", () => {
  expect(commandOf("a b; rm -rf '~'")).toBe(
    `evercred aws export --profile 'a b; rm -rf '\\''~'\\'''`,
  );
});

test("equal pictures give equal menus", () => {
  const picture = (): string => JSON.stringify(linesOf(viewWith(source("corp"))));
  expect(picture()).toBe(picture());
});

const copyLine = (label: string, text: string): Line => ({
  kind: "choice",
  label,
  choice: { kind: "copy", text },
});

test("a source that needs nobody has no sign-in in its menu", () => {
  const menu = linesOf(viewWith(source("build", { unattended: true, offers: [offer("build")] })));
  expect(labelsOf(submenu(menu, /^build · /))).toEqual([
    "Open console of build",
    "Copy command for build",
  ]);
});

test("what a program wants is above all else, with the answers, the least powerful first", () => {
  const view = { ...viewWith(source("corp", { standing: signedOut("ended") })) };
  const menu = linesOf({ ...view, questions: [question("7"), question("8", { program: "boto" })] });
  expect(labelsOf(menu).slice(0, 4)).toEqual([
    "claude wants aws:dev, and 1 more",
    "claude wants aws:dev",
    "boto wants aws:dev",
    "Sign in to corp",
  ]);
  const answers = submenu(menu, /^claude/);
  expect(labelsOf(answers)).toEqual([
    "Look at it…",
    "-",
    "Not now",
    "Allow once",
    "Allow for today",
    "Always allow",
    "Never allow",
  ]);
  expect(answers.at(3)).toMatchObject({
    choice: { kind: "answer", question: "7", answer: "once" },
  });
});

test("what nothing tells from others can be allowed once, or not", () => {
  const menu = linesOf({ ...viewWith(), questions: [question("7", { mayRemember: false })] });
  expect(labelsOf(submenu(menu, /^claude wants/))).toEqual([
    "Look at it…",
    "-",
    "Not now",
    "Allow once",
  ]);
});

test("the console of a role is opened by its profile's name, the last used first", () => {
  const offers = [
    offer("old", 5_000),
    offer("dev", 1_000),
    { ...offer("gone"), refused: { code: "access-denied", sentence: "No.", remedy: "Ask." } },
    { ...offer("g"), target: "gcp:g" },
    keyOffer("gateway"),
  ];
  const menu = linesOf(viewWith(source("corp", { offers })));
  expect(submenu(submenu(menu, /^corp/), /^Open console of$/)).toEqual([
    { kind: "choice", label: "dev", choice: { kind: "open-console", profile: "dev" } },
    { kind: "choice", label: "old", choice: { kind: "open-console", profile: "old" } },
  ]);
});

test("a single role's console needs no submenu, and without a session there is none", () => {
  const offers = [offer("dev")];
  expect(submenu(linesOf(viewWith(source("corp", { offers }))), /^corp/)).toContainEqual({
    kind: "choice",
    label: "Open console of dev",
    choice: { kind: "open-console", profile: "dev" },
  });
  const out = linesOf(viewWith(source("corp", { offers, standing: signedOut("ended") })));
  expect(labelsOf(submenu(out, /^corp/))).toEqual(["Sign in", "Copy command for dev"]);
});

test("of many profiles eight are shown, and the rest is one click away", () => {
  const offers = Array.from({ length: 200 }, (_, index) => offer(`p${index}`, index));
  const [, , consoles, commands] = submenu(linesOf(viewWith(source("corp", { offers }))), /^corp/);
  for (const each of [consoles, commands]) {
    expect(each).toMatchObject({ kind: "submenu" });
    const lines = each?.kind === "submenu" ? each.lines : [];
    expect(lines).toHaveLength(9);
    expect(lines.at(-1)).toEqual({
      kind: "choice",
      label: "192 more…",
      choice: { kind: "open-window", page: "home" },
    });
  }
});

test("the head of the menu leads to the window's first page, and settings to theirs", () => {
  const menu = linesOf(viewWith(source("corp")));
  expect(menu[0]).toMatchObject({ choice: { kind: "open-window", page: "home" } });
  expect(menu.slice(-3)).toEqual([
    { kind: "choice", label: "Open Evercred", choice: { kind: "open-window" } },
    { kind: "choice", label: "Settings…", choice: { kind: "open-window", page: "settings" } },
    { kind: "choice", label: "Quit", choice: { kind: "quit" } },
  ]);
});

test("nobody is asked for an hour, until one of the next full hours, or until tomorrow", () => {
  const lines = submenu(linesOf(viewWith(source("corp"))), /^Do not ask$/);
  expect(labelsOf(lines)).toEqual([
    "For an hour",
    ...[15, 16, 17, 18, 19, 20, 21, 22].map((full) => `Until ${full}:00`),
    "Until tomorrow at 08:00",
  ]);
  expect(lines[1]).toMatchObject({ choice: { kind: "do-not-ask", until: at + hour } });
  expect(lines[0]).toMatchObject({ choice: { kind: "do-not-ask", until: "hour" } });
  expect(lines.at(-1)).toMatchObject({ choice: { kind: "do-not-ask", until: "tomorrow" } });
});

test("who is not to be asked reads until when, and can be asked again", () => {
  const view = viewWith(source("corp", { standing: signedOut("ended") }));
  const menu = linesOf(view, at + hour);
  expect(labelsOf(menu)[0]).toBe("corp: sign-in needed · not asking until 15:00");
  expect(labelsOf(menu)[0]).toBe(trayLine(inTray(view, at + hour), english));
  expect(labelsOf(menu)).not.toContain("Do not ask");
  expect(menu).toContainEqual({
    kind: "choice",
    label: "Ask again now",
    choice: { kind: "ask-again" },
  });
  expect(labelsOf(menu)).toContain("Sign in to corp");
});

test("the menu speaks the person's language, and writes times as they do", () => {
  const lines = menuOf(inTray(viewWith(source("corp"))), wordsFor("de", "de-DE"));
  expect(labelsOf(lines)).toEqual([
    expect.stringMatching(/^Überall angemeldet/),
    "-",
    expect.stringMatching(/^corp · /),
    "-",
    "Nicht fragen",
    "-",
    "Evercred öffnen",
    "Einstellungen…",
    "Beenden",
  ]);
});
