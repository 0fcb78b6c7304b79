import { describe, expect, test } from "vitest";
import type { AuditLine } from "../../electron/core/audit.ts";
import { instantOf } from "../../electron/core/time.ts";
import {
  type ActivityQuery,
  type ActivityRow,
  activityRow,
  isLookedFor,
} from "../../electron/protocol/activity.ts";
import { english, wordsFor } from "../../electron/protocol/words.ts";
import { at } from "../shell/views.ts";

const served: AuditLine = {
  event: "served",
  at: instantOf(at),
  program: "claude",
  path: "/opt/claude/bin/claude",
  target: "aws:dev",
  verb: "aws export",
  expiresAt: at + 1,
};

const row = (parts: Partial<AuditLine> = {}, source = "corp"): ActivityRow =>
  activityRow({ ...served, ...parts }, source);

const all: ActivityQuery = { text: "", source: "", program: "" };

const fits = (query: Partial<ActivityQuery>, of = row(), words = english): boolean =>
  isLookedFor(of, { ...all, ...query }, words);

describe("a row", () => {
  test("has the whole line, and the source that it leads to", () => {
    expect(row()).toEqual({
      event: "served",
      at,
      count: 1,
      program: "claude",
      subject: "aws:dev",
      detail: undefined,
      source: "corp",
      path: "/opt/claude/bin/claude",
      verb: "aws export",
      expiresAt: at + 1,
    });
  });

  test("has no end of what was not served, and no characters that mislead", () => {
    expect(row({ event: "renewed", path: "/tmp/a\u202eb" })).toMatchObject({
      expiresAt: undefined,
      path: "/tmp/a?b",
    });
  });
});

describe("what is looked for", () => {
  test("is all where nothing is said", () => {
    expect(fits({})).toBe(true);
    expect(fits({ text: "   " })).toBe(true);
  });

  test.each(["claude", "CLAUDE was", "given aws:dev", "export", "/opt bin", "corp", "served"])(
    "is found by what is shown and what is recorded: %s",
    (text) => {
      expect(fits({ text })).toBe(true);
    },
  );

  test("has every word", () => {
    expect(fits({ text: "claude gcp" })).toBe(false);
    expect(fits({ text: "denied" }, row({ event: "refused", code: "access-denied" }))).toBe(true);
  });

  test("is found in the reader's language", () => {
    const german = wordsFor("de", "de-DE");
    const line = row({ event: "renewed", source: "corp" });
    expect(fits({ text: "erneuert" }, line, german)).toBe(true);
    expect(fits({ text: "erneuert" }, line)).toBe(false);
  });

  test("is of one source, of one program or bridge, or of both", () => {
    expect(fits({ source: "corp", program: "claude" })).toBe(true);
    expect(fits({ source: "other" })).toBe(false);
    expect(fits({ program: "clau" })).toBe(false);
    const bridge = activityRow({ event: "bridge-added", at: instantOf(at), bridge: "box" }, "");
    expect(fits({ program: "bridge box" }, bridge)).toBe(true);
    expect(fits({ text: "box" }, bridge)).toBe(true);
  });
});
