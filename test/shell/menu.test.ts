import { expect, test } from "vitest";
import { headlineOf } from "../../electron/protocol/headline.ts";
import { commandOf, type Line, menuOf } from "../../electron/shell/menu.ts";
import {
  codeSignIn,
  failing,
  keyOffer,
  keySource,
  offer,
  secretSignIn,
  signedOut,
  source,
  viewWith,
} from "./views.ts";

const labelsOf = (lines: readonly Line[]): string[] =>
  lines.map((line) => (line.kind === "separator" ? "-" : line.label));

const submenu = (lines: readonly Line[], label: RegExp): readonly Line[] => {
  const found = lines.find((line) => line.kind === "submenu" && label.test(line.label));
  if (found?.kind !== "submenu") throw new Error(`No submenu ${label}: ${labelsOf(lines)}`);
  return found.lines;
};

test("with everything signed in there is a headline, a line a source, and nothing to do", () => {
  const view = viewWith(source("corp"), source("client-b"));
  const labels = labelsOf(menuOf(view));
  expect(labels[0]).toBe(headlineOf(view));
  expect(labels[1]).toBe("-");
  expect(labels[2]).toMatch(/^corp · until about /);
  expect(labels[3]).toMatch(/^client-b · until about /);
  expect(labels.slice(4)).toEqual(["-", "Open Evercred", "Quit"]);
});

test("without any source the menu still opens the window and quits", () => {
  expect(labelsOf(menuOf(viewWith()))).toEqual([
    "Nothing to sign in to yet",
    "-",
    "Open Evercred",
    "Quit",
  ]);
});

test("one source that needs a person is signed in to by the second line", () => {
  const [, second] = menuOf(viewWith(source("corp", { standing: signedOut("ended") })));
  expect(second).toEqual({
    kind: "choice",
    label: "Sign in to corp",
    choice: { kind: "sign-in", source: "corp" },
  });
});

test("several sources that need a person share one submenu", () => {
  const menu = menuOf(
    viewWith(
      source("a", { standing: signedOut("ended") }),
      source("b", { standing: signedOut("never") }),
      source("c"),
    ),
  );
  expect(labelsOf(submenu(menu, /^Sign in to 2…$/))).toEqual(["Sign in to a", "Sign in to b"]);
});

test("who signed out is not asked to sign in, but can", () => {
  const menu = menuOf(viewWith(source("corp", { standing: signedOut("user") })));
  expect(labelsOf(menu)[1]).toBe("-");
  expect(labelsOf(submenu(menu, /^corp · signed out$/))).toEqual(["Sign in"]);
});

test("an open sign-in can be gone on with or cancelled, and is not offered twice", () => {
  const menu = menuOf(
    viewWith(source("corp", { standing: signedOut("ended"), signIn: codeSignIn })),
  );
  expect(labelsOf(menu)[1]).toBe("-");
  expect(labelsOf(submenu(menu, /^corp · /))).toEqual([
    "Open the sign-in page",
    "Cancel the sign-in",
  ]);
});

test("a source that cannot be reached can still be signed out of", () => {
  const menu = menuOf(viewWith(source("corp", { standing: failing("offline") })));
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
  const labels = labelsOf(menuOf(viewWith(...sources)));
  expect(labels[2]).toMatch(/^s10 · /);
  expect(labels.filter((label) => / · until/.test(label))).toHaveLength(8);
  expect(labels[10]).toBe("3 more…");
});

test("the command of a profile is copied as it is typed, the last used first", () => {
  const menu = menuOf(
    viewWith(source("corp", { offers: [offer("old", 5_000), offer("dev", 1_000)] })),
  );
  expect(submenu(submenu(menu, /^corp/), /^Copy command for$/)).toEqual([
    copyLine("dev", "evercred aws export --profile dev"),
    copyLine("old", "evercred aws export --profile old"),
  ]);
});

test("a single profile's command needs no submenu", () => {
  const menu = menuOf(viewWith(source("corp", { offers: [offer("dev")] })));
  expect(submenu(menu, /^corp/)).toContainEqual(
    copyLine("Copy command for dev", "evercred aws export --profile dev"),
  );
});

test("a key is entered and forgotten, and its command is copied", () => {
  const missing = menuOf(viewWith(keySource("litellm", { standing: signedOut("never") })));
  expect(missing[1]).toEqual({
    kind: "choice",
    label: "Enter the key of litellm…",
    choice: { kind: "sign-in", source: "litellm" },
  });
  const copy = "Copy command for litellm";
  expect(labelsOf(submenu(missing, /^litellm · no key yet$/))).toEqual(["Enter the key…", copy]);
  const there = submenu(menuOf(viewWith(keySource("litellm"))), /^litellm · the key is there$/);
  expect(there).toEqual([
    { kind: "choice", label: "Enter a new key…", choice: { kind: "sign-in", source: "litellm" } },
    { kind: "choice", label: "Forget the key", choice: { kind: "sign-out", source: "litellm" } },
    copyLine(copy, "evercred api-key litellm"),
  ]);
  const signIn = secretSignIn("the key of litellm");
  const open = menuOf(viewWith(keySource("litellm", { standing: signedOut("never"), signIn })));
  expect(labelsOf(submenu(open, /^litellm · /))).toEqual(["Enter the key…", "Cancel", copy]);
});

test.each([
  ["Enter 2 keys…", [keySource("a"), keySource("b")]],
  ["Sign in, or enter a key…", [source("a"), keySource("b")]],
])("several keys that are needed share a submenu: %s", (label, sources) => {
  const needy = sources.map((each) => ({ ...each, standing: signedOut("ended") }));
  expect(labelsOf(menuOf(viewWith(...needy)))[1]).toBe(label);
});

test("the keys of a sign-in stand beside what else it gives", () => {
  const offers = [offer("dev", 1), keyOffer("gateway", 2), { ...offer("g", 3), target: "gcp:g" }];
  const menu = menuOf(viewWith(source("company", { offers })));
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
  const picture = (): string => JSON.stringify(menuOf(viewWith(source("corp"))));
  expect(picture()).toBe(picture());
});

const copyLine = (label: string, text: string): Line => ({
  kind: "choice",
  label,
  choice: { kind: "copy", text },
});

test("a source that needs nobody has no sign-in in its menu", () => {
  const menu = menuOf(viewWith(source("build", { unattended: true, offers: [offer("build")] })));
  expect(labelsOf(submenu(menu, /^build · /))).toEqual(["Copy command for build"]);
});
