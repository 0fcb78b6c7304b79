import "./asked.ts";
import { expect, test, vi } from "vitest";
import { shapeOf } from "../../electron/protocol/headline.ts";
import type { QuestionView, SourceView, Trouble } from "../../electron/protocol/view.ts";
import { AddProfileSheet, type AddProfileSheetProps } from "../../renderer/add-profile-sheet.tsx";
import { QuestionSheet } from "../../renderer/question-sheet.tsx";
import { SignInSheet } from "../../renderer/sign-in-sheet.tsx";
import {
  at,
  codeSignIn,
  deviceSignIn,
  failing,
  keySource,
  question,
  secretSignIn,
  signedOut,
  source,
} from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

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
      step={{ kind: "open", signIn }}
      place={{ number: 1, of }}
      now={at}
      copied={undefined}
      refusal={refusal}
      onOpen={() => done.push("open")}
      onOpenAllTheSame={() => done.push("open all the same")}
      onCopy={(what) => done.push(`copy ${what}`)}
      onUseCode={() => done.push("use code")}
      onSubmit={(code) => done.push(`submit ${code}`)}
      onEnter={(secret) => done.push(`enter ${secret}`)}
      onAccept={() => done.push("accept")}
      onCancel={() => done.push("cancel")}
      onAgain={() => done.push("again")}
      onClose={() => done.push("close")}
    />,
  );
  return { elements, done };
};

const all = (elements: readonly Element[]): string => elements[0]?.text ?? "";
const primaries = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ props }) => props["class"] === "primary").map(({ text }) => text);

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
    "Evercred opened oidc.eu-central-1.amazonaws.com for Example Corp (you asked, ",
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

const asking = (asked: QuestionView, isReady = true, of = 1) => {
  const done: string[] = [];
  const elements = draw(
    <QuestionSheet
      question={asked}
      place={{ number: 1, of }}
      isReady={isReady}
      onAnswer={(answer) => done.push(answer)}
    />,
  );
  return { elements, done };
};

test("a question says which program wants what, and has every answer, none of them first", () => {
  const { elements, done } = asking(question("1"), true, 3);
  const words = all(elements);
  for (const part of [
    "Allow claude to have aws:dev?",
    "/usr/bin/claude",
    "code ← gnome-shell",
    "Developer in 111122223333",
    "1 of 3",
  ]) {
    expect(words).toContain(part);
  }
  expect(primaries(elements)).toEqual([]);
  const labels = ["Not now", "Allow once", "Allow for today", "Always allow", "Never allow"];
  expect(buttonsOf(elements)).toEqual(labels);
  for (const label of labels) press(elements, label);
  expect(done).toEqual(["not now", "once", "today", "always", "never"]);
});

test("a question that has just come up takes no answer", () => {
  const { elements } = asking(question("1"), false);
  const buttons = elements.filter(({ name }) => name === "button");
  expect(buttons.map(({ props }) => props["disabled"])).toEqual([true, true, true, true, true]);
});

test("what nothing tells from others is allowed once, or not, and that is said", () => {
  const { elements } = asking(
    question("1", { program: "unknown", path: undefined, parents: [], mayRemember: false }),
  );
  expect(buttonsOf(elements)).toEqual(["Not now", "Allow once"]);
  expect(all(elements)).toContain("nobody knows which");
  expect(all(elements)).toContain("your answer is not kept");
  expect(all(elements)).not.toContain("Started by");
});
