import "./asked.ts";
import { expect, test } from "vitest";
import { hourLine } from "../../electron/protocol/times.ts";
import type { SignInView, SourceView, Trouble } from "../../electron/protocol/view.ts";
import { english, wordsFor, type Words } from "../../electron/protocol/words.ts";
import { SignInSheet, type SignInStep } from "../../renderer/sign-in-sheet.tsx";
import { shownSignIn } from "../../renderer/use-sign-ins.ts";
import { at, codeSignIn, deviceSignIn, hour, keySource, source } from "../shell/views.ts";
import { buttonsOf, draw, press } from "./tree.ts";

const corp = source("corp", { title: "Example Corp", organisation: "example.awsapps.com" });

interface Parts {
  readonly subject?: SourceView;
  readonly refusal?: Trouble;
  readonly words?: Words;
}

const drawn = (step: SignInStep, { subject = corp, refusal, words = english }: Parts = {}) => {
  const done: string[] = [];
  const does = (what: string) => () => {
    done.push(what);
  };
  const elements = draw(
    <SignInSheet
      source={subject}
      step={step}
      place={{ number: 1, of: 1 }}
      now={at}
      copied={undefined}
      refusal={refusal}
      onOpen={does("open")}
      onOpenAllTheSame={does("open all the same")}
      onCopy={(what) => done.push(`copy ${what}`)}
      onUseCode={does("use code")}
      onSubmit={does("submit")}
      onEnter={does("enter")}
      onAccept={does("accept")}
      onCancel={does("cancel")}
      onAgain={does("again")}
      onClose={does("close")}
    />,
    words,
  );
  const text = elements[0]?.text ?? "";
  const primary = elements.find(({ props }) => props["class"] === "primary")?.text;
  const role = (wanted: string) => elements.find(({ props }) => props["role"] === wanted)?.text;
  const escape = (): void => {
    const cancel = elements[0]?.props["onCancel"] as (event: unknown) => void;
    cancel({ preventDefault: () => undefined });
  };
  return { elements, done, text, primary, role, escape };
};

const open = (signIn: SignInView, parts?: Parts) => drawn({ kind: "open", signIn }, parts);
const ended = (trouble: Trouble | undefined, parts?: Parts) =>
  drawn({ kind: "ended", end: { startedAt: at, trouble } }, parts);

const time = hourLine(codeSignIn.startedAt, english);

test.each([
  [{ kind: "person" }, `you asked, ${time}`],
  [{ kind: "terminal" }, `you asked in a terminal, ${time}`],
  [{ kind: "program", name: "claude" }, `claude asked, ${time}`],
  [{ kind: "due" }, `it was due, ${time}`],
] as const)("says who asked for the page, and when: %o", (startedBy, asked) => {
  expect(open({ ...codeSignIn, startedBy }).text).toContain(
    `Evercred opened oidc.eu-central-1.amazonaws.com for Example Corp (${asked}). Go on`,
  );
  expect(open({ ...codeSignIn, startedBy, opened: false }).text).toContain(`(${asked})`);
});

test("the device flow says what a victim of phishing has to know, and draws the address for a phone", () => {
  const url = "https://device.sso.eu-central-1.amazonaws.com/?user_code=ABCD-EFGH";
  const { elements, text } = open({ ...deviceSignIn, url });
  expect(text).toContain(
    `Evercred on this computer made this code at ${time}, to sign you in to example.awsapps.com. Never enter a code that somebody has sent you.`,
  );
  const qr = elements.find(({ name }) => name === "svg");
  expect(qr?.props).toMatchObject({
    role: "img",
    "aria-label": "QR code of the address, to open it on a phone",
  });
  expect(elements.some(({ props }) => "style" in props)).toBe(false);
  const other = open({ ...deviceSignIn, url: `${url}2` });
  const pathOf = (of: typeof elements) => of.find(({ name }) => name === "path")?.props["d"];
  expect(pathOf(elements)).toMatch(/^M4 4h1v1h-1zM5 4/);
  expect(pathOf(other.elements)).not.toBe(pathOf(elements));
});

test("only the device flow has a QR code, and only of an address that fits in one", () => {
  const hasQr = ({ elements }: ReturnType<typeof open>) =>
    elements.some(({ name }) => name === "svg");
  expect(hasQr(open(codeSignIn))).toBe(false);
  const url = `https://device.sso.eu-central-1.amazonaws.com/?${"x".repeat(5_000)}`;
  expect(hasQr(open({ ...deviceSignIn, url }))).toBe(false);
});

test("what counts down is no live region", () => {
  const { elements } = open(deviceSignIn);
  const live = elements.filter(({ props }) => "role" in props || "aria-live" in props);
  expect(live.some(({ text }) => /\d:\d\d/.test(text))).toBe(false);
  expect(elements.some(({ text }) => text === "9:40")).toBe(true);
});

test("before there is a page something is seen to go on, for each way that it is asked for", () => {
  const asking = { ...codeSignIn, url: undefined, host: undefined, opened: false };
  const { elements, text } = open(asking);
  expect(text).toContain("Asking example.awsapps.com for a sign-in page…");
  expect(elements.some(({ props }) => props["class"] === "spinner")).toBe(true);
  const subject = source("adc", { title: "ADC", keptBy: "gcloud" });
  expect(open({ ...asking, flow: "program" }, { subject }).text).toContain(
    "gcloud signs in to ADC…",
  );
});

test("a page that is not the provider's is not open: what is next is to leave it, or to go on knowingly", () => {
  const foreign = { ...deviceSignIn, doubt: "foreign", host: "xn--mazon-3ve.example" } as const;
  const { role, primary, text, elements, done, escape } = open({ ...foreign, opened: false });
  expect(role("alert")).toContain(
    "The page is on xn--mazon-3ve.example, which is not one of the hosts of example.awsapps.com.",
  );
  expect(text).not.toContain("ABCD-EFGH");
  expect(primary).toBe("Cancel");
  expect(buttonsOf(elements)).toEqual(["Cancel", "Open it all the same"]);
  press(elements, "Open it all the same");
  press(elements, "Cancel");
  escape();
  expect(done).toEqual(["open all the same", "cancel", "cancel"]);
});

test("once a person goes on, a page that is not the provider's is one like others", () => {
  const { role, primary } = open({ ...deviceSignIn, doubt: "foreign", trusted: true });
  expect(role("alert")).toBeUndefined();
  expect(primary).toBe("Open the page again");
});

test("a page that is not encrypted can only be left, or copied", () => {
  const { role, elements, done } = open({ ...deviceSignIn, doubt: "insecure" });
  expect(role("alert")).toContain("is not encrypted");
  expect(buttonsOf(elements)).toEqual(["Cancel", "Copy address"]);
  press(elements, "Copy address");
  expect(done).toEqual(["copy address"]);
});

test("where the browser does not open, that is said in the sheet; what is old news is not", () => {
  const trouble = (code: string) => ({ code, sentence: `${code}.`, remedy: "Mend it." });
  expect(open(codeSignIn, { refusal: trouble("browser-unavailable") }).role("alert")).toContain(
    "browser",
  );
  expect(open(codeSignIn, { refusal: trouble("sign-in-denied") }).role("alert")).toBeUndefined();
});

test("a sign-in that has ended well says as whom and until when, politely, and can be left at once", () => {
  const subject = source("corp", {
    account: "dev@example.com",
    neededAt: { at: at + 3 * hour, exact: false },
  });
  const line = `Signed in as dev@example.com until about ${hourLine(at + 3 * hour, english)}.`;
  const { elements, role, done, escape } = ended(undefined, { subject });
  expect(elements.find(({ props }) => props["class"] === "done")?.text).toBe(line);
  expect(role("status")).toBe(line);
  press(elements, "Close");
  escape();
  expect(done).toEqual(["close", "close"]);
});

test("of a sign-in that has ended well only what is known is said", () => {
  const subject = source("corp", { account: undefined, neededAt: undefined });
  expect(ended(undefined, { subject }).role("status")).toBe("Signed in.");
  const exact = source("corp", { neededAt: { at: at + hour, exact: true } });
  expect(ended(undefined, { subject: exact }).role("status")).toBe(
    `Signed in until ${hourLine(at + hour, english)}.`,
  );
});

test("a sign-in that came to nothing says why and what to do, and is tried again with Enter", () => {
  const trouble = { code: "sign-in-denied", sentence: "No.", remedy: "Ask them." };
  const { elements, primary, role, done, escape } = ended(trouble);
  expect(role("alert")).toContain("No.");
  expect(role("status")).toBe("");
  expect(primary).toBe("Try again");
  press(elements, "Try again");
  press(elements, "Close");
  escape();
  expect(done).toEqual(["again", "close", "close"]);
});

test.each(["de", "ja"] as const)("all of it is said in %s", (language) => {
  const words = wordsFor(language, language);
  const trouble = { code: "x", sentence: "", remedy: "" };
  for (const { text } of [
    open(deviceSignIn, { words }),
    open({ ...codeSignIn, startedBy: { kind: "due" } }, { words }),
    open({ ...deviceSignIn, doubt: "foreign" }, { words }),
    open({ ...deviceSignIn, doubt: "insecure" }, { words }),
    ended(undefined, { words }),
    ended(trouble, { words }),
  ]) {
    expect(text).not.toMatch(/\b(?:the|you|page|code|Signed|again)\b/);
  }
});

const signIn = { ...codeSignIn, startedAt: 1 };
const seen = { id: "b", startedAt: 1 };
const end = { startedAt: 1, trouble: undefined };

test("of several open sign-ins the one that is seen goes on being shown, to its end", () => {
  const a = source("a", { signIn });
  const b = source("b", { signIn });
  expect(shownSignIn([a, b], undefined)?.source).toBe(a);
  expect(shownSignIn([a, b], seen)).toEqual({ source: b, step: { kind: "open", signIn } });
  const over = source("b", { signInEnd: end });
  expect(shownSignIn([a, over], seen)).toEqual({ source: over, step: { kind: "ended", end } });
  expect(shownSignIn([a, over], undefined)?.source).toBe(a);
});

test("one that was tried again, and has ended at once, is shown in the place of the one before", () => {
  const again = { startedAt: 2, trouble: { code: "x", sentence: "No.", remedy: "Wait." } };
  expect(shownSignIn([source("b", { signInEnd: again })], seen)?.step).toEqual({
    kind: "ended",
    end: again,
  });
});

test("an end that nobody has seen the beginning of is not shown, nor one that is followed by another sign-in", () => {
  const over = source("b", { signInEnd: end });
  expect(shownSignIn([over], undefined)).toBeUndefined();
  expect(shownSignIn([over], { id: "b", startedAt: 2 })).toBeUndefined();
  expect(shownSignIn([source("b")], seen)).toBeUndefined();
  const again = source("b", { signIn, signInEnd: end });
  expect(shownSignIn([again], seen)?.step.kind).toBe("open");
});

test("a key that was entered is there without more words", () => {
  expect(shownSignIn([keySource("b", { signInEnd: end })], seen)).toBeUndefined();
});
