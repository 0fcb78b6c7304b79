import { expect, test } from "vitest";
import type { SourceView, Trouble, View } from "../../electron/protocol/view.ts";
import { Home } from "../../renderer/home.tsx";
import { shapeOf } from "../../renderer/mark.tsx";
import { SignInSheet } from "../../renderer/sign-in-sheet.tsx";
import {
  at,
  codeSignIn,
  deviceSignIn,
  failing,
  minute,
  offer,
  signedOut,
  source,
  viewWith,
} from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

const home = (view: View, notices: ReadonlyMap<string, Trouble> = new Map()) => {
  const done: string[] = [];
  const elements = draw(
    <Home
      view={view}
      now={view.at}
      notices={notices}
      onSignIn={(id) => done.push(`sign in ${id}`)}
      onSignOut={(id) => done.push(`sign out ${id}`)}
    />,
  );
  return { elements, done };
};

const sheet = (signIn: NonNullable<SourceView["signIn"]>, of = 1) => {
  const done: string[] = [];
  const elements = draw(
    <SignInSheet
      source={source("corp", { title: "Example Corp" })}
      signIn={signIn}
      place={{ number: 1, of }}
      now={at}
      copied={undefined}
      onOpen={() => done.push("open")}
      onCopy={(what) => done.push(`copy ${what}`)}
      onUseCode={() => done.push("use code")}
      onCancel={() => done.push("cancel")}
    />,
  );
  return { elements, done };
};

const all = (elements: readonly Element[]): string => elements[0]?.text ?? "";
const primaries = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ props }) => props["class"] === "primary").map(({ text }) => text);

test("with everything signed in there is nothing to press first", () => {
  const { elements } = home(viewWith(source("corp")));
  expect(primaries(elements)).toEqual([]);
  expect(buttonsOf(elements)).toEqual(["Sign in again", "Sign out"]);
});

test("a source that needs a person is the one primary action", () => {
  const { elements, done } = home(
    viewWith(
      source("a"),
      source("b", { standing: signedOut("ended") }),
      source("c", { standing: signedOut("never") }),
    ),
  );
  expect(primaries(elements)).toEqual(["Sign in to b"]);
  press(elements, "Sign in to b");
  press(elements, "Sign out");
  expect(done).toEqual(["sign in b", "sign out a"]);
});

test("who has signed out sees no demand, but a way back", () => {
  const { elements } = home(viewWith(source("corp", { standing: signedOut("user") })));
  expect(buttonsOf(elements)).toEqual(["Sign in"]);
});

test("only the gravest problem is shown above all, with its remedy", () => {
  const problem = (code: string): Trouble => ({
    code,
    sentence: `${code}.`,
    remedy: `Mend ${code}.`,
  });
  const { elements } = home({
    ...viewWith(source("corp")),
    problems: [problem("a"), problem("b")],
  });
  expect(all(elements)).toContain("a. Mend a.");
  expect(all(elements)).not.toContain("b.");
});

test("a failing source shows what is wrong and what to do, once", () => {
  const { elements } = home(viewWith(source("corp", { standing: failing("offline") })));
  const words = all(elements);
  expect(words).toContain("The provider cannot be reached. Check the network.");
  expect(words.split("cannot be reached")).toHaveLength(2);
});

test("what went wrong with a click is said on that source's own card", () => {
  const notice = { code: "x", sentence: "No.", remedy: "Do it again." };
  const { elements } = home(
    viewWith(source("a"), source("b")),
    new Map<string, Trouble>([["b", notice]]),
  );
  const cards = elements.filter(({ props }) => props["class"] === "card");
  expect(cards.map(({ text }) => text.includes("No. Do it again."))).toEqual([false, true]);
});

test("a card names at most three uses and says how many more there are", () => {
  const offers = ["a", "b", "c", "d", "e"].map((name, index) => offer(name, index * minute));
  const { elements } = home(viewWith(source("corp", { offers })));
  const uses = elements.find(({ props }) => props["class"] === "uses");
  expect(uses?.text).toContain("c 2 min ago");
  expect(uses?.text).not.toContain("3 min ago");
  expect(uses?.text).toContain("and 2 more");
});

test("a refused role says so in the details", () => {
  const refused = { code: "access-denied", sentence: "corp refuses the role.", remedy: "Ask." };
  const { elements } = home(viewWith(source("corp", { offers: [{ ...offer("p"), refused }] })));
  const details = elements.find(({ name }) => name === "details");
  expect(details?.text).toContain("corp refuses the role. Ask.");
});

test("without any source the page says what adds one", () => {
  const { elements } = home(viewWith());
  expect(all(elements)).toContain("aws configure sso");
  expect(all(elements)).toContain("config.json");
});

test("the code flow names the host, and can go over to a code", () => {
  const { elements, done } = sheet(codeSignIn);
  expect(all(elements)).toContain(
    "Evercred opened oidc.eu-central-1.amazonaws.com for Example Corp.",
  );
  expect(primaries(elements)).toEqual(["Open the page again"]);
  for (const words of ["Open the page again", "Copy address", "Use a code instead", "Cancel"]) {
    press(elements, words);
  }
  expect(done).toEqual(["open", "copy address", "use code", "cancel"]);
});

test("the device flow shows the code, the host and the time that is left", () => {
  const { elements, done } = sheet(deviceSignIn);
  expect(elements.find(({ props }) => props["class"] === "code")?.text).toBe("ABCD-EFGH");
  expect(all(elements)).toContain("device.sso.eu-central-1.amazonaws.com");
  expect(all(elements)).toContain("The code lapses in 9:40");
  expect(buttonsOf(elements)).not.toContain("Use a code instead");
  press(elements, "Copy code");
  expect(done).toEqual(["copy code"]);
});

test("a page that was not opened here is not said to have been", () => {
  const { elements } = sheet({ ...codeSignIn, opened: false });
  expect(all(elements)).not.toContain("Evercred opened");
  expect(primaries(elements)).toEqual(["Open the page"]);
});

test("before the provider has answered, the sign-in can only be cancelled", () => {
  const { elements } = sheet({ ...codeSignIn, url: undefined, host: undefined, opened: false });
  expect(buttonsOf(elements)).toEqual(["Cancel"]);
});

test("of several open sign-ins the sheet says which one it is", () => {
  expect(all(sheet(codeSignIn, 2).elements)).toContain("1 of 2");
  expect(all(sheet(codeSignIn).elements)).not.toContain("1 of 1");
});

test.each([
  ["signed-in", {}],
  ["signing-in", { signIn: codeSignIn }],
  ["attention", { standing: signedOut("ended") }],
  ["attention", { standing: failing("attention") }],
  ["offline", { standing: failing("offline") }],
  ["idle", { standing: signedOut("user") }],
] as const)("a source is marked %s by shape", (shape, parts) => {
  expect(shapeOf(source("corp", parts))).toBe(shape);
});
