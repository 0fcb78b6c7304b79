import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../electron/core/audit.ts";
import { unknownCaller } from "../../electron/core/caller.ts";
import { targetOf } from "../../electron/core/source.ts";
import { instantOf } from "../../electron/core/time.ts";
import { activityView, questionView } from "../../electron/protocol/gate-view.ts";
import { activityLine, answers, answersTo } from "../../electron/protocol/gate-words.ts";
import { headlineOf, iconOf } from "../../electron/protocol/headline.ts";
import { question, source, viewWith } from "../shell/views.ts";
import { english } from "../../electron/protocol/words.ts";

const at = instantOf(1_000);
const dev = targetOf("aws", "dev");

describe("a question", () => {
  const asked = { id: "1", target: dev, since: at, mayRemember: true, isQuiet: false };
  const titleOf = (target: string): string => `title of ${target}`;

  test("names the program, its file and those that started it, in characters that mislead nobody", () => {
    const program = {
      name: "cl\u202eaude",
      path: "/tmp/cl\u202eaude",
      identity: "/tmp/claude",
      parents: ["co\nde"],
    };
    expect(questionView({ ...asked, caller: { kind: "program", program } }, titleOf)).toEqual({
      id: "1",
      program: "cl?aude",
      path: "/tmp/cl?aude",
      parents: ["co?de"],
      target: "aws:dev",
      title: "title of aws:dev",
      since: 1_000,
      mayRemember: true,
      isQuiet: false,
    });
  });

  test("of nobody known says so", () => {
    expect(questionView({ ...asked, caller: unknownCaller }, titleOf)).toMatchObject({
      program: "unknown",
      path: undefined,
      parents: [],
    });
  });

  test("has the answers that it may have", () => {
    const possible = (mayRemember: boolean) =>
      answersTo(question("1", { mayRemember }), english).map(([answer]) => answer);
    expect(possible(true)).toEqual(answers);
    expect(possible(false)).toEqual(["not now", "once"]);
  });

  test("is what tray and window say first", () => {
    const view = { ...viewWith(source("corp")), questions: [question("1")] };
    expect(headlineOf(view, english)).toBe("claude wants aws:dev");
    expect(iconOf(view)).toBe("attention");
    const more = { ...view, questions: [question("1"), question("2"), question("3")] };
    expect(headlineOf(more, english)).toBe("claude wants aws:dev, and 2 more");
  });
});

describe("what has happened", () => {
  const lines: Readonly<Record<AuditEvent, string>> = {
    served: "claude was given aws:dev",
    refused: "claude was not given aws:dev (access denied)",
    "policy-refused": "claude was not given aws:dev: a policy forbids it",
    consent: "claude wanted aws:dev: you said once",
    "consent-on": "You are asked from now on",
    "consent-off": "bash has turned consent off",
    "consent-forgotten": "What you said of cl?aude and aws:dev is forgotten",
    "signed-in": "Signed in to corp",
    "sign-in-failed": "The sign-in to corp came to nothing (timed out)",
    "signed-out": "Signed out of corp",
    "session-ended": "The session of corp has ended",
    renewed: "corp was renewed",
    "renewal-failed": "corp could not be renewed (unreachable)",
    "bridge-added": "bridge box was made for aws:dev",
    "bridge-removed": "bridge box has ended",
  };
  const claude = { program: "claude", target: "aws:dev" };
  const parts: Readonly<Record<AuditEvent, object>> = {
    served: claude,
    refused: { ...claude, code: "access-denied" },
    "policy-refused": { ...claude, code: "policy-refused" },
    consent: { ...claude, answer: "once" },
    "consent-on": {},
    "consent-off": { program: "bash" },
    "consent-forgotten": { of: "cl\u202eaude", target: "aws:dev", answer: "always" },
    "signed-in": { source: "corp" },
    "sign-in-failed": { source: "corp", code: "timed-out" },
    "signed-out": { source: "corp" },
    "session-ended": { source: "corp" },
    renewed: { source: "corp" },
    "renewal-failed": { source: "corp", code: "unreachable" },
    "bridge-added": { bridge: "box", target: "aws:dev" },
    "bridge-removed": { bridge: "box" },
  };

  test.each(Object.keys(lines) as AuditEvent[])("is one line: %s", (event) => {
    const view = activityView({ event, at, ...parts[event] });
    expect(activityLine(view, english)).toBe(lines[event]);
    expect(view).toMatchObject({ at: 1_000, count: 1 });
  });

  test("of nobody known, and of nothing named, is a line too", () => {
    expect(activityLine(activityView({ event: "served", at, count: 7 }), english)).toBe(
      "a program was given something",
    );
    expect(activityLine(activityView({ event: "consent-on", at, program: "bash" }), english)).toBe(
      "bash has turned consent on",
    );
    expect(activityLine(activityView({ event: "consent-off", at }), english)).toBe(
      "Nobody is asked any more",
    );
    expect(activityLine(activityView({ event: "consent-forgotten", at }), english)).toBe(
      "What you said of a program and something is forgotten",
    );
  });
});
