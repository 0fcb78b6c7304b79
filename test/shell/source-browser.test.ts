import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { ReadSetting } from "../../electron/shell/settings-view.ts";
import { sourceBrowserOf } from "../../electron/shell/source-browser.ts";
import { keySource, source, viewWith } from "./views.ts";

const firefox = ["firefox", "-P", "work", "{url}"];

const configured = (id: string, command?: readonly string[]): readonly ReadSetting[] => [
  { path: ["sources", id, "kind"], value: "aws-sso", setBy: "config" },
  {
    path: ["sources", id, "browser"],
    value: command,
    setBy: command === undefined ? "built-in" : "config",
  },
];

const open = (values: readonly ReadSetting[] = [], refusal?: EvercredError) => {
  const ran: (readonly string[])[] = [];
  const browser = sourceBrowserOf({
    view: () =>
      viewWith(
        source("corp"),
        source("adc", { kind: "google-adc" }),
        source("build", { unattended: true }),
        source("ops", { kind: "aws-profile" }),
        keySource("litellm"),
      ),
    run: (args) => {
      ran.push(args);
      return refusal === undefined ? Promise.resolve() : Promise.reject(refusal);
    },
    values: () => values,
    isLocked: (path) => path.join(".") === "sources.adc.browser",
  });
  return { browser, ran };
};

test("the command of a source is read with who has set it, and whether it may be changed", async () => {
  const { browser } = open(configured("corp", firefox));
  expect(await browser.browserOf("corp")).toEqual({
    kind: "done",
    value: { command: firefox, setBy: "config", isLocked: false },
  });
  expect(await browser.browserOf("adc")).toEqual({
    kind: "done",
    value: { command: undefined, setBy: "built-in", isLocked: true },
  });
});

test("a command is set as in a terminal; of what was found by itself with its kind", async () => {
  const named = open(configured("corp"));
  expect(await named.browser.setBrowser("corp", firefox)).toMatchObject({ kind: "done" });
  expect(named.ran).toEqual([["config", "set", "sources.corp.browser", JSON.stringify(firefox)]]);
  const found = open(configured("other"));
  await found.browser.setBrowser("adc", firefox);
  const entry = JSON.stringify({ kind: "google-adc", browser: firefox });
  expect(found.ran).toEqual([["config", "set", "sources.adc", entry]]);
});

test("an empty command is taken out, where there is an entry to take it out of", async () => {
  const named = open(configured("corp", firefox));
  await named.browser.setBrowser("corp", []);
  expect(named.ran).toEqual([["config", "unset", "sources.corp.browser"]]);
  const found = open();
  expect(await found.browser.setBrowser("corp", [])).toMatchObject({ kind: "done" });
  expect(found.ran).toEqual([]);
});

test("what an organisation has set stays, and the reply says so", async () => {
  const refusal = new EvercredError("policy-refused", "Example Corp has set signIn.browser.");
  const { browser } = open(configured("corp"), refusal);
  expect(await browser.setBrowser("corp", firefox)).toMatchObject({
    kind: "failed",
    trouble: { code: "policy-refused", sentence: "Example Corp has set signIn.browser." },
  });
});

test.each(["build", "ops", "litellm", "nobody", "--help", 7, undefined])(
  "nothing is set for what has no sign-in pages of its own: %s",
  async (id) => {
    const { browser, ran } = open();
    expect(await browser.browserOf(id)).toMatchObject({ kind: "failed" });
    expect(await browser.setBrowser(id, firefox)).toMatchObject({
      kind: "failed",
      trouble: { code: "unknown-name" },
    });
    expect(ran).toEqual([]);
  },
);

test.each(["firefox {url}", [7], undefined])("%j is no command", async (command) => {
  const { browser, ran } = open(configured("corp"));
  expect(await browser.setBrowser("corp", command)).toMatchObject({
    kind: "failed",
    trouble: { code: "usage" },
  });
  expect(ran).toEqual([]);
});
