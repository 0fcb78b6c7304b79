import { expect, test, vi } from "vitest";
import type { SourceView, Trouble, View } from "../../electron/protocol/view.ts";
import { AddProfileSheet, type AddProfileSheetProps } from "../../renderer/add-profile-sheet.tsx";
import { Home } from "../../renderer/home.tsx";
import { shapeOf } from "../../renderer/mark.tsx";
import { SignInSheet } from "../../renderer/sign-in-sheet.tsx";
import {
  at,
  codeSignIn,
  deviceSignIn,
  failing,
  keyOffer,
  keySource,
  minute,
  offer,
  secretSignIn,
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
      onAddProfile={(id) => done.push(`add profile of ${id}`)}
      onAddOrganisation={() => done.push("add organisation")}
    />,
  );
  return { elements, done };
};

const sheet = (
  signIn: NonNullable<SourceView["signIn"]>,
  of = 1,
  subject = source("corp", { title: "Example Corp" }),
  refusal?: Trouble,
) => {
  const done: string[] = [];
  const elements = draw(
    <SignInSheet
      source={subject}
      signIn={signIn}
      place={{ number: 1, of }}
      now={at}
      copied={undefined}
      refusal={refusal}
      onOpen={() => done.push("open")}
      onCopy={(what) => done.push(`copy ${what}`)}
      onUseCode={() => done.push("use code")}
      onSubmit={(code) => done.push(`submit ${code}`)}
      onEnter={(secret) => done.push(`enter ${secret}`)}
      onAccept={() => done.push("accept")}
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
  expect(buttonsOf(elements)).toEqual([
    "Sign in again",
    "Add profile…",
    "Sign out",
    "Add an AWS organisation…",
  ]);
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
  expect(buttonsOf(elements)).toEqual(["Sign in", "Add an AWS organisation…"]);
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

test("without any source the one thing to do is to add one", () => {
  const { elements, done } = home(viewWith());
  expect(primaries(elements)).toEqual(["Add an AWS organisation…"]);
  press(elements, "Add an AWS organisation…");
  expect(done).toEqual(["add organisation"]);
});

test("a source that needs nobody offers no sign-in", () => {
  const { elements } = home(
    viewWith(source("build", { unattended: true, hasDirectory: false, neededAt: undefined })),
  );
  expect(buttonsOf(elements)).toEqual(["Add an AWS organisation…"]);
});

test("a profile is added of a source that is signed in and lists its accounts", () => {
  const { elements, done } = home(viewWith(source("corp")));
  press(elements, "Add profile…");
  expect(done).toEqual(["add profile of corp"]);
  const out = home(viewWith(source("corp", { standing: signedOut("ended") })));
  expect(buttonsOf(out.elements)).not.toContain("Add profile…");
});

test("who is signed in stands on the card", () => {
  const { elements } = home(viewWith(source("corp", { account: "dev@example.com" })));
  expect(all(elements)).toContain("dev@example.com");
});

test("the code of a device is asked for by the device's name", () => {
  const { elements, done } = sheet({
    ...codeSignIn,
    flow: "mfa",
    url: undefined,
    host: undefined,
    device: "arn:aws:iam::111122223333:mfa/dev",
  });
  expect(all(elements)).toContain("arn:aws:iam::111122223333:mfa/dev");
  expect(primaries(elements)).toEqual(["Sign in"]);
  expect(elements.find(({ name }) => name === "input")?.props).toMatchObject({
    autocomplete: "one-time-code",
    autofocus: true,
  });
  press(elements, "Cancel");
  expect(done).toEqual(["cancel"]);
});

/** A field of one line, with the text that stands in it. */
class Line {
  value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** A field of several lines. */
class Lines {
  value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** Submits the form of a sheet in which this field is the only one. */
const submit = (elements: readonly Element[], name: string, field: Line | Lines): void => {
  vi.stubGlobal("HTMLInputElement", Line);
  vi.stubGlobal("HTMLTextAreaElement", Lines);
  const form = elements.find((element) => element.name === "form");
  const fields = { namedItem: (wanted: string) => (wanted === name ? field : null) };
  (form?.props["onSubmit"] as (event: unknown) => void)({
    preventDefault: () => undefined,
    currentTarget: { elements: fields },
  });
  vi.unstubAllGlobals();
};

test("a key is entered unseen, by whoever knows nothing of keys, and leaves its field at once", () => {
  const { elements, done } = sheet(
    secretSignIn("the key of litellm"),
    1,
    keySource("litellm", { standing: signedOut("never") }),
  );
  expect(elements.find(({ name }) => name === "h2")?.text).toBe("Enter the key of litellm");
  expect(elements.find(({ name }) => name === "input")?.props).toMatchObject({
    type: "password",
    name: "secret",
    autocomplete: "off",
    spellcheck: false,
    required: true,
  });
  expect(all(elements)).toContain("Waiting for you for another 9:40");
  expect(primaries(elements)).toEqual(["Keep it in the keychain"]);
  const field = new Line("sk-1234");
  submit(elements, "secret", field);
  expect(field.value).toBe("");
  press(elements, "Cancel");
  expect(done).toEqual(["enter sk-1234", "cancel"]);
});

test("a key of several lines is pasted from its file, and cannot be read on the screen", () => {
  const { elements, done } = sheet(
    secretSignIn("the private key of minted", true),
    1,
    keySource("minted"),
  );
  expect(elements.find(({ name }) => name === "h2")?.text).toBe("Enter the private key of minted");
  expect(elements.find(({ name }) => name === "textarea")?.props).toMatchObject({
    name: "secret",
    class: "unreadable",
    autocomplete: "off",
    spellcheck: false,
    required: true,
  });
  for (const words of ["whole text of the key's file", "-----BEGIN …", "-----END …"]) {
    expect(all(elements)).toContain(words);
  }
  const field = new Lines("-----BEGIN\n-----END\n");
  submit(elements, "secret", field);
  expect({ left: field.value, done }).toEqual({
    left: "",
    done: ["enter -----BEGIN\n-----END\n"],
  });
});

test("before a key is asked for, there is nothing to enter it in", () => {
  const { elements } = sheet({ ...codeSignIn, url: undefined }, 1, keySource("litellm"));
  expect(elements.find(({ name }) => name === "h2")?.text).toBe("Enter the key of litellm");
  expect(buttonsOf(elements)).toEqual(["Cancel"]);
  expect(all(elements)).toContain("One moment…");
});

test("why the last key was refused stands above the next", () => {
  const refusal = { code: "usage", sentence: "That is a certificate.", remedy: "Find the key." };
  const signIn = secretSignIn("the private key of minted", true);
  const { elements } = sheet(signIn, 1, keySource("minted"), refusal);
  expect(elements.find(({ props }) => props["role"] === "alert")?.text).toBe(
    "That is a certificate. Find the key.",
  );
  const first = sheet(signIn, 1, keySource("minted"));
  expect(first.elements.some(({ props }) => props["role"] === "alert")).toBe(false);
});

test("a key that is missing is the one primary action, and stands apart from the sources", () => {
  const { elements, done } = home(
    viewWith(source("corp"), keySource("litellm", { standing: signedOut("never") })),
  );
  expect(primaries(elements)).toEqual(["Enter the key of litellm…"]);
  expect(elements.filter(({ name }) => name === "h2").map(({ text }) => text)).toEqual([
    "Sources",
    "Keys",
  ]);
  press(elements, "Enter the key of litellm…");
  press(elements, "Enter the key…");
  expect(done).toEqual(["sign in litellm", "sign in litellm"]);
});

test("a key that is there can be replaced or forgotten", () => {
  const { elements, done } = home(viewWith(keySource("litellm")));
  expect(elements.filter(({ name }) => name === "h2").map(({ text }) => text)).toEqual(["Keys"]);
  expect(buttonsOf(elements)).toEqual([
    "Enter a new key…",
    "Forget the key",
    "Add an AWS organisation…",
  ]);
  press(elements, "Enter a new key…");
  press(elements, "Forget the key");
  expect(done).toEqual(["sign in litellm", "sign out litellm"]);
});

test("the keys of a company sign-in are told from profiles", () => {
  const offers = [
    keyOffer("gateway", minute),
    keyOffer("embeddings", 2 * minute),
    keyOffer("evals"),
  ];
  const { elements } = home(viewWith(source("company", { offers })));
  const uses = elements.find(({ props }) => props["class"] === "uses");
  expect(uses?.text).toBe("key gateway 1 min agokey embeddings 2 min ago");
  const list = elements.find(({ props }) => props["class"] === "offers");
  expect(list?.props["aria-label"]).toBe("Keys");
  expect(list?.text).toContain("key evals API key");
  expect(elements.filter(({ name }) => name === "h2").map(({ text }) => text)).toEqual(["Sources"]);
});

test("somebody else than before is named, and has to be accepted", () => {
  const { elements, done } = sheet({
    ...codeSignIn,
    other: { before: "dev@example.com", now: "ops@example.com" },
  });
  expect(primaries(elements)).toEqual(["Go on as ops@example.com"]);
  expect(buttonsOf(elements)).toEqual(["Go on as ops@example.com", "Stay dev@example.com"]);
  press(elements, "Go on as ops@example.com");
  press(elements, "Stay dev@example.com");
  expect(done).toEqual(["accept", "cancel"]);
});

const adding = (parts: Partial<AddProfileSheetProps>) => {
  const done: string[] = [];
  const elements = draw(
    <AddProfileSheet
      source={source("corp")}
      accounts={undefined}
      filter=""
      account={undefined}
      roles={undefined}
      role={undefined}
      busy={false}
      trouble={undefined}
      onFilter={(words) => done.push(`filter ${words}`)}
      onAccount={({ id }) => done.push(`account ${id}`)}
      onRole={(role) => done.push(`role ${role}`)}
      onAdd={(name) => done.push(`add ${name}`)}
      onCancel={() => done.push("cancel")}
      {...parts}
    />,
  );
  const change = (label: string, value: string): void => {
    const field = elements.find(
      ({ props }) => props["aria-label"] === label || props["id"] === label,
    );
    (field?.props["onChange"] as (event: unknown) => void)({ currentTarget: { value } });
  };
  return { elements, done, change };
};

const accounts = [
  { id: "111122223333", name: "Payments" },
  { id: "444455556666", name: "Search" },
];

test("a profile is added by an account, a role in it, and a name that is proposed", () => {
  expect(all(adding({}).elements)).toContain("Asking for your accounts…");
  const first = adding({ accounts });
  expect(first.elements.filter(({ name }) => name === "option").map(({ text }) => text)).toEqual([
    "Payments · 111122223333",
    "Search · 444455556666",
  ]);
  first.change("Account", "444455556666");
  const second = adding({ accounts, account: accounts[1], roles: ["Admin", "Reader"] });
  second.change("role", "Reader");
  expect([...first.done, ...second.done]).toEqual(["account 444455556666", "role Reader"]);
  const third = adding({ accounts, account: accounts[1], roles: ["Reader"], role: "Reader" });
  const name = third.elements.find(({ props }) => props["id"] === "name");
  expect(name?.props["defaultValue"]).toBe("search-reader");
});

test("nothing can be added before there is a role", () => {
  const submit = (parts: Partial<AddProfileSheetProps>) =>
    adding(parts).elements.find(({ props }) => props["type"] === "submit")?.props["disabled"];
  expect(submit({ accounts })).toBe(true);
  expect(submit({ accounts, account: accounts[0], roles: ["A"] })).toBe(true);
  expect(submit({ accounts, account: accounts[0], roles: ["A"], role: "A" })).toBe(false);
  expect(submit({ accounts, account: accounts[0], roles: ["A"], role: "A", busy: true })).toBe(
    true,
  );
});

test("an account without a role for the reader says so", () => {
  const { elements } = adding({ accounts, account: accounts[0], roles: [] });
  expect(all(elements)).toContain("You have no role in this account.");
});

test("what went wrong with an addition stands in its sheet", () => {
  const trouble = { code: "throttled", sentence: "corp asks us to wait.", remedy: "Wait." };
  const { elements } = adding({ trouble });
  expect(all(elements)).toContain("corp asks us to wait. Wait.");
  expect(all(elements)).not.toContain("Asking for your accounts…");
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

test("where there is no code for another machine, none is offered", () => {
  const { elements } = sheet({ ...codeSignIn, mayUseCode: false });
  expect(buttonsOf(elements)).not.toContain("Use a code instead");
});

test("what the program that signs in prints can be read", () => {
  const lines = ["Your browser has been opened.", "Waiting…"];
  const { elements } = sheet({ ...codeSignIn, flow: "program", mayUseCode: false, lines });
  expect(elements.find(({ props }) => props["class"] === "lines")?.text).toBe(lines.join("\n"));
  expect(primaries(elements)).toEqual(["Open the page again"]);
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
  ["attention", { unattended: true, standing: signedOut("ended") }],
  ["offline", { standing: failing("offline") }],
  ["idle", { standing: signedOut("user") }],
] as const)("a source is marked %s by shape", (shape, parts) => {
  expect(shapeOf(source("corp", parts))).toBe(shape);
});
