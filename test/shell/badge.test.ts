import { expect, test } from "vitest";
import { badgeOf } from "../../electron/shell/badge.ts";
import { codeSignIn, failing, question, signedOut, source, viewWith } from "./views.ts";

test("the number on the icon counts what waits for a person, and nothing else", () => {
  const view = viewWith(
    source("well"),
    source("ended", { standing: signedOut("ended") }),
    source("locked", { standing: failing("attention") }),
    source("left", { standing: signedOut("user") }),
    source("offline", { standing: failing("offline") }),
    source("under-way", { standing: signedOut("ended"), signIn: codeSignIn }),
    source("robot", { standing: signedOut("lost"), unattended: true }),
  );
  expect(badgeOf(view)).toBe(2);
  expect(badgeOf({ ...view, questions: [question("7")] })).toBe(3);
  expect(badgeOf(viewWith(source("well")))).toBe(0);
});
