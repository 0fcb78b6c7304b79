import { expect, test } from "vitest";
import type { Caller } from "../../electron/core/caller.ts";
import * as errors from "../../electron/core/consent-errors.ts";
import { targetOf } from "../../electron/core/source.ts";

const claude: Caller = {
  kind: "program",
  program: { name: "claude", path: "/usr/bin/claude", identity: "/usr/bin/claude", parents: [] },
};

/** What is done about each, in words that its remedy has. */
const remedies: Readonly<Record<keyof typeof errors, string>> = {
  refusedBefore: 'evercred consent forget "claude"',
  refusedNow: "try again",
  unanswered: "Answer",
  faceless: "Run the app",
  turnedOff: "Ask for it again",
  flooded: "Answer",
};

test.each(Object.entries(remedies))(
  "%s says which program wanted what, and what can be done",
  (name, words) => {
    const error = errors[name as keyof typeof errors](claude, targetOf("aws", "dev"));
    expect(error.message).toContain("claude");
    expect(error.message).toContain("aws:dev");
    expect(error.remedy).toContain(words);
  },
);
