import { asked } from "./asked.ts";
import { beforeEach, expect, test } from "vitest";
import type { BrowserView } from "../../electron/protocol/browser-view.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import type { SourceView, Trouble } from "../../electron/protocol/view.ts";
import type { Aside } from "../../renderer/aside.ts";
import { hintOf } from "../../renderer/banner.tsx";
import { BrowserForm } from "../../renderer/browser-form.tsx";
import { DetailsSheet } from "../../renderer/details-sheet.tsx";
import { ForgetSheet } from "../../renderer/forget-sheet.tsx";
import { Home } from "../../renderer/home.tsx";
import type { Deeds } from "../../renderer/use-deeds.ts";
import { activity, pictureWith } from "../screens/pictures.ts";
import {
  at,
  failing,
  hour,
  keyOffer,
  keySource,
  minute,
  offer,
  signedOut,
  source,
} from "../shell/views.ts";
import { buttonsOf, draw, type Element, press } from "./tree.ts";

beforeEach(() => {
  asked.length = 0;
});

const deedsInto = (done: string[], parts: Partial<Deeds> = {}): Deeds => ({
  notices: new Map(),
  busy: new Set(),
  hasCopied: false,
  signIn: (id) => done.push(`sign in ${id}`),
  signOut: (id) => done.push(`sign out ${id}`),
  openAllTheSame: () => undefined,
  useCode: () => undefined,
  cancelSignIn: () => undefined,
  acceptAccount: () => undefined,
  submitCode: () => undefined,
  submitSecret: () => undefined,
  openConsole: (_id, target) => done.push(`console ${target}`),
  opening: new Map(),
  stopConsole: (id) => done.push(`stop console of ${id}`),
  copyCommand: (_id, target) => done.push(`copy ${target}`),
  ...parts,
});

const home = (picture: Picture, parts: Partial<Deeds> = {}) => {
  const done: string[] = [];
  const opened: Aside[] = [];
  const elements = draw(
    <Home
      picture={picture}
      now={picture.at}
      deeds={deedsInto(done, parts)}
      onOpen={(aside) => opened.push(aside)}
    />,
  );
  return { elements, done, opened };
};

const of = (...sources: readonly SourceView[]) => home(pictureWith(sources));

const all = (elements: readonly Element[]): string => elements[0]?.text ?? "";
const primaries = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ props }) => props["class"] === "primary").map(({ text }) => text);
const menuOf = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ props }) => props["role"] === "menuitem").map(({ text }) => text);
const headings = (elements: readonly Element[]): readonly string[] =>
  elements.filter(({ name }) => name === "h2").map(({ text }) => text);
const cardsOf = (elements: readonly Element[]): readonly Element[] =>
  elements.filter(({ props }) => props["class"] === "card source");

test("with everything signed in there is nothing to press first, and the first line says until when", () => {
  const { elements } = of(source("corp"));
  expect(primaries(elements)).toEqual([]);
  expect(elements.find(({ name }) => name === "h1")?.text).toBe("You are signed in.");
  expect(all(elements)).toContain("Nobody is needed before about ");
});

test("a source that needs a person is the one primary action", () => {
  const { elements, done } = of(
    source("a"),
    source("b", { standing: signedOut("ended") }),
    source("c", { standing: signedOut("never") }),
  );
  expect(primaries(elements)).toEqual(["Sign in to b"]);
  press(elements, "Sign in to b");
  press(elements, "Sign out");
  expect(done).toEqual(["sign in b", "sign out a"]);
});

test("what the page asks for already is not asked for again on its card", () => {
  const { elements } = of(
    source("b", { standing: signedOut("ended") }),
    source("c", { standing: signedOut("never") }),
  );
  const signIns = buttonsOf(elements).filter((label) => label === "Sign in");
  // One on the card of c, and one in each menu.
  expect(signIns).toHaveLength(3);
});

test("who has signed out sees no demand, but a way back", () => {
  const { elements } = of(source("corp", { standing: signedOut("user") }));
  expect(primaries(elements)).toEqual([]);
  expect(buttonsOf(elements)).toContain("Sign in");
});

test("only the gravest problem is shown above all, with its remedy", () => {
  const problem = (code: string): Trouble => ({
    code,
    sentence: `${code}.`,
    remedy: `Mend ${code}.`,
  });
  const { elements } = home(
    pictureWith([source("corp")], {
      problems: [problem("first"), problem("second")],
      desk: { notifies: true, tray: "absent" },
    }),
  );
  expect(all(elements)).toContain("first. Mend first.");
  expect(all(elements)).not.toContain("second.");
  expect(all(elements)).not.toContain("tray icon");
});

test("that there is no tray here is said until it has been understood", () => {
  const desk = { notifies: true, tray: "absent" } as const;
  const { elements } = home(pictureWith([source("corp")], { desk }));
  expect(all(elements)).toContain("no place for a tray icon");
  press(elements, "Understood");
  expect(asked).toEqual(["dismissHint no-tray"]);
});

test.each([
  ["absent", false, [], "no-tray"],
  ["absent", false, ["no-tray"], "no-notifications"],
  ["shown", false, [], "no-notifications"],
  ["unknown", true, [], undefined],
  ["absent", true, ["no-tray"], undefined],
] as const)("tray %s, notifications %s, understood %j: said is %s", (...row) => {
  const [tray, notifies, dismissed, hint] = row;
  expect(hintOf({ desk: { tray, notifies }, dismissed })).toBe(hint);
});

test("who does not want to be asked sees until when, and can take it back", () => {
  const { elements } = home(pictureWith([source("corp")], { quietUntil: at + hour }));
  expect(all(elements)).toContain("You are not asked before ");
  press(elements, "Ask again now");
  expect(asked).toEqual(["askAgainAt undefined"]);
});

test("a failing source shows what is wrong and what to do, once", () => {
  const { elements } = of(source("corp", { standing: failing("offline") }));
  const [card] = cardsOf(elements);
  expect(card?.text).toContain("The provider cannot be reached. Check the network.");
  expect(all(elements).split("cannot be reached")).toHaveLength(2);
});

test("what went wrong with a click is said on that source's own card", () => {
  const notice = { code: "x", sentence: "No.", remedy: "Do it again." };
  const { elements } = home(pictureWith([source("a"), source("b")]), {
    notices: new Map([["b", notice]]),
  });
  expect(cardsOf(elements).map(({ text }) => text.includes("No. Do it again."))).toEqual([
    false,
    true,
  ]);
});

test("a card at which something is being done says so, and takes no second click", () => {
  const out = source("b", { standing: signedOut("ended") });
  const { elements } = home(pictureWith([source("a"), out]), { busy: new Set(["b"]) });
  expect(cardsOf(elements).map(({ props }) => props["aria-busy"])).toEqual([false, true]);
  expect(elements.find(({ props }) => props["class"] === "primary")?.props["disabled"]).toBe(true);
});

test("a card names at most three uses, and says how many more there are", () => {
  const offers = ["a", "b", "c", "d", "e"].map((name, index) => offer(name, index * minute));
  const { elements } = of(source("corp", { offers }));
  const uses = elements.find(({ props }) => props["class"] === "uses");
  expect(uses?.text).toContain("c2 min ago");
  expect(uses?.text).not.toContain("3 min ago");
  expect(uses?.text).toContain("and 2 more");
});

test("a use names the programs that were served last, each once", () => {
  const served = [...activity, ...activity];
  const corp = source("corp", { offers: [offer("bedrock", 2 * minute), offer("dev", hour)] });
  const { elements } = home(pictureWith([corp], { activity: served }));
  const uses = elements.find(({ props }) => props["class"] === "uses");
  expect(uses?.text).toBe("bedrockclaude, aws · 2 min agodev1 h ago");
});

test("without any source the one thing to do is to add one", () => {
  const { elements, opened } = of();
  expect(primaries(elements)).toEqual(["Add…"]);
  press(elements, "Add…");
  expect(opened).toEqual([{ kind: "add" }]);
});

test("a source that needs nobody offers no sign-in", () => {
  const { elements } = of(
    source("build", { unattended: true, hasDirectory: false, neededAt: undefined }),
  );
  expect(menuOf(elements)).toEqual(["Details"]);
});

test("the menu of a source has what can be done about it now", () => {
  const offers = [offer("dev", hour), offer("ops", minute)];
  const { elements, done, opened } = of(source("corp", { offers }));
  expect(menuOf(elements)).toEqual([
    "Sign in again",
    "Open console for ops",
    "Copy command for ops",
    "Add profile…",
    "Sign out",
    "Browser…",
    "Details",
  ]);
  for (const label of menuOf(elements)) press(elements, label);
  expect(done).toEqual(["sign in corp", "console aws:ops", "copy aws:ops", "sign out corp"]);
  expect(opened.map(({ kind }) => kind)).toEqual(["profile", "browser", "details"]);
  const out = of(source("corp", { offers, standing: signedOut("ended") }));
  expect(menuOf(out.elements)).toEqual(["Sign in", "Copy command for ops", "Browser…", "Details"]);
});

test.each(["aws-profile", "static-key", "command-key", "jwt-key"] as const)(
  "a source of the kind %s, which the configuration has no name for, has no browser of its own",
  (kind) => {
    expect(menuOf(of(source("ops", { kind })).elements)).not.toContain("Browser…");
  },
);

test("a console that is being opened is said on its card, with a way out", () => {
  const { elements, done } = home(pictureWith([source("a"), source("b")]), {
    opening: new Map([["b", "aws:dev"]]),
    busy: new Set(["b"]),
  });
  expect(cardsOf(elements).map(({ text }) => text.includes("Opening the console…"))).toEqual([
    false,
    true,
  ]);
  press(elements, "Cancel");
  expect(done).toEqual(["stop console of b"]);
});

test("a key that is missing is the one primary action, and stands apart from the sources", () => {
  const { elements, done } = of(
    source("corp"),
    keySource("litellm", { standing: signedOut("never") }),
  );
  expect(primaries(elements)).toEqual(["Enter the key of litellm…"]);
  expect(headings(elements).slice(0, 2)).toEqual(["Sources", "Keys"]);
  press(elements, "Enter the key of litellm…");
  expect(done).toEqual(["sign in litellm"]);
});

test("a key that is there can be tested and replaced, and is forgotten only once that is confirmed", () => {
  const { elements, done, opened } = of(keySource("litellm"));
  expect(menuOf(elements)).toEqual([
    "Enter a new key…",
    "Test…",
    "Copy command for litellm",
    "Forget the key",
    "Details",
  ]);
  press(elements, "Test…");
  press(elements, "Forget the key");
  expect(done).toEqual([]);
  expect(opened.map(({ kind }) => kind)).toEqual(["test-key", "forget"]);

  const said: string[] = [];
  const sheet = draw(
    <ForgetSheet
      source={keySource("litellm")}
      onForget={() => said.push("forget")}
      onClose={() => said.push("close")}
    />,
  );
  const focused = sheet.find(({ props }) => props["autofocus"] === true);
  expect(focused?.text).toBe("Cancel");
  press(sheet, "Forget the key");
  expect(said).toEqual(["forget"]);
});

test("keys have their own way to add one", () => {
  const { elements, opened } = of(source("corp"), keySource("litellm"));
  press(elements, "Add…");
  expect(opened).toEqual([{ kind: "add", what: "key" }]);
});

const details = (subject: SourceView, parts: Partial<Deeds> = {}) => {
  const done: string[] = [];
  const elements = draw(
    <DetailsSheet
      source={subject}
      now={at}
      deeds={deedsInto(done, parts)}
      onClose={() => done.push("close")}
    />,
  );
  return { elements, done };
};

test("the details have a way out of opening a console, which is not opened twice", () => {
  const { elements, done } = details(source("corp", { offers: [offer("dev"), offer("ops")] }), {
    opening: new Map([["corp", "aws:ops"]]),
  });
  const consoles = elements.filter(
    ({ name, text }) => name === "button" && text === "Open console",
  );
  expect(consoles.map(({ props }) => props["disabled"])).toEqual([false, true]);
  press(elements, "Cancel");
  expect(done).toEqual(["stop console of corp"]);
});

test("the details tell what a sign-in is good for, and until when AWS knows Evercred, where there is that", () => {
  const { elements } = details(
    source("corp", {
      scopes: ["openid", "sso:account:access"],
      registeredUntil: Date.UTC(2027, 2, 12, 12),
    }),
  );
  expect(all(elements)).toContain("Scopesopenid, sso:account:access");
  expect(all(elements)).toMatch(/Registeredwith AWS until (12 March|March 12)/);
  expect(all(details(source("corp")).elements)).not.toMatch(/Scopes|Registered/);
});

test("the details tell why the last sign-in came to nothing, also while the one before it goes on", () => {
  const trouble = { code: "sign-in-denied", sentence: "You said no.", remedy: "Sign in again." };
  const { elements } = details(source("corp", { signInEnd: { startedAt: at - minute, trouble } }));
  expect(all(elements)).toContain("Last problemYou said no. Sign in again.");
});

const browserForm = (browser: Partial<BrowserView>, usual?: readonly string[]) => {
  const saved: (readonly string[])[] = [];
  const { settings } = pictureWith([]);
  const shared = { ...settings.settings["signIn.browser"], value: usual };
  const elements = draw(
    <BrowserForm
      browser={{ command: undefined, setBy: "built-in", isLocked: false, ...browser }}
      picture={{
        settings: { ...settings, settings: { ...settings.settings, "signIn.browser": shared } },
        organization: { name: "Example Corp", contact: undefined },
      }}
      isBusy={false}
      trouble={undefined}
      onSave={(command) => saved.push(command)}
      onClose={() => undefined}
    />,
  );
  const field = elements.find(({ name }) => name === "textarea");
  const form = elements.find(({ name }) => name === "form");
  const submit = form?.props["onSubmit"] as (event: object) => void;
  submit({ preventDefault: () => undefined });
  return { elements, field, saved };
};

test("the browser of a source is a command, a word a line", () => {
  const { field, saved } = browserForm({ command: ["firefox", "-P", "work", "{url}"] });
  expect(field?.props).toMatchObject({ value: "firefox\n-P\nwork\n{url}", readOnly: false });
  expect(saved).toEqual([["firefox", "-P", "work", "{url}"]]);
});

test("without a browser of its own a source has the system's, or the one that is set for all", () => {
  const { elements, field, saved } = browserForm({});
  expect(field?.props["value"]).toBe("");
  expect(all(elements)).toContain("Empty: the browser of your system.");
  expect(saved).toEqual([[]]);
  const usual = browserForm({}, ["chromium", "{url}"]);
  expect(all(usual.elements)).toContain("Empty: chromium {url}, as for all other sign-ins.");
});

test("a browser that an organisation has set can be read and not changed", () => {
  const { elements, field } = browserForm({ isLocked: true, setBy: "policy" }, ["edge", "{url}"]);
  expect(field?.props).toMatchObject({ value: "edge\n{url}", readOnly: true });
  expect(all(elements)).toContain("Set by Example Corp");
  expect(buttonsOf(elements)).toEqual(["Close"]);
});

test("the details have every profile, each with its command and its console", () => {
  const { elements, done } = details(source("corp", { offers: [offer("dev"), offer("ops")] }));
  press(elements, "Copy command");
  press(elements, "Open console");
  press(elements, "Close");
  expect(done).toEqual(["copy aws:dev", "console aws:dev", "close"]);
  expect(buttonsOf(elements).filter((label) => label === "Open console")).toHaveLength(2);
  expect(all(elements)).toContain("evercred login corp");
  const out = details(source("corp", { offers: [offer("dev")], standing: signedOut("ended") }));
  expect(buttonsOf(out.elements)).toEqual(["Copy command", "Close"]);
});

test("the details tell the last problem, of the source and of a role, with its remedy", () => {
  const refused = { code: "access-denied", sentence: "corp refuses the role.", remedy: "Ask." };
  const { elements } = details(
    source("corp", { standing: failing("offline"), offers: [{ ...offer("p"), refused }] }),
  );
  expect(all(elements)).toContain("Last problemThe provider cannot be reached. Check the network.");
  expect(all(elements)).toContain("corp refuses the role. Ask.");
});

test("the keys of a company sign-in are told from profiles", () => {
  const offers = [keyOffer("gateway", minute), keyOffer("evals")];
  const subject = source("company", { offers });
  const { elements } = of(subject);
  const uses = elements.find(({ props }) => props["class"] === "uses");
  expect(uses?.text).toBe("key gateway1 min ago");
  expect(headings(elements)).not.toContain("Keys");
  const sheet = details(subject).elements;
  expect(all(sheet)).toContain("Keyskey gateway API key");
  expect(buttonsOf(sheet)).not.toContain("Open console");
});

test("of thousands of profiles the details draw as many as are looked at", () => {
  const offers = Array.from({ length: 5_000 }, (_, index) => offer(`p${String(index)}`));
  const buttons = buttonsOf(details(source("corp", { offers })).elements);
  expect(buttons.filter((words) => words === "Copy command")).toHaveLength(100);
});
