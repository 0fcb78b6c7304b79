import { expect, test } from "vitest";
import { noticeOf } from "../../electron/shell/question.ts";
import { question } from "./views.ts";
import { english } from "../../electron/protocol/words.ts";

const loud = question("1");
const quiet = question("2", { isQuiet: true });

test("a notification says which program wants what", () => {
  expect(noticeOf([loud], undefined, english)).toEqual({
    question: "1",
    title: "claude wants aws:dev",
    body: "It is /usr/bin/claude. Click to say whether it may have that.",
  });
  expect(
    noticeOf([question("3", { program: "unknown", path: undefined })], undefined, english)?.body,
  ).toBe("Click to say whether it may have that.");
});

test("there is one at a time, for as long as its question is open", () => {
  const first = noticeOf([loud, question("3")], undefined, english);
  expect(noticeOf([loud, question("3")], first, english)).toBe(first);
  expect(noticeOf([question("3")], first, english)?.question).toBe("3");
  expect(noticeOf([], first, english)).toBeUndefined();
});

test("what is to be shown quietly calls for nobody", () => {
  expect(noticeOf([quiet], undefined, english)).toBeUndefined();
  expect(noticeOf([quiet, loud], undefined, english)?.question).toBe("1");
});
