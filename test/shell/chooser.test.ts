import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import type { Reply } from "../../electron/protocol/ipc.ts";
import type { Actions } from "../../electron/shell/actions.ts";
import { chooserOf } from "../../electron/shell/chooser.ts";
import type { Choice } from "../../electron/shell/menu-line.ts";
import { settle } from "../fakes/clock.ts";
import { at, hour } from "./views.ts";

/** A chooser whose every action is noted; all of them give `reply`. */
const notedChooser = (reply: Reply<void>) => {
  const notes: string[] = [];
  const noted =
    (name: string) =>
    async (...words: readonly string[]): Promise<Reply<void>> => {
      notes.push([name, ...words].join(" "));
      return reply;
    };
  const actions: Actions = {
    signIn: noted("sign in"),
    useCode: noted("use code"),
    cancelSignIn: noted("cancel"),
    signOut: noted("sign out"),
    submitCode: noted("code"),
    submitSecret: noted("secret"),
    acceptAccount: noted("accept"),
    copy: noted("copy"),
    answer: noted("answer"),
    openAllTheSame: noted("open all the same"),
    ask: async () => true,
  };
  const choose = chooserOf({
    actions,
    openWindow: (page) => notes.push(page === undefined ? "window" : `window ${page}`),
    openConsole: async (profile) => {
      notes.push(`console ${profile}`);
      if (reply.kind === "failed") throw new EvercredError("access-denied", reply.trouble.sentence);
    },
    askAgainAt: (instant) => notes.push(`ask ${instant === undefined ? "now" : `at ${instant}`}`),
    now: () => at,
    copyText: async (text) => {
      notes.push(`clipboard ${text}`);
    },
    quit: () => notes.push("quit"),
    failed: ({ sentence }) => notes.push(`failed: ${sentence}`),
  });
  return { choose, notes };
};

test.each<[Choice, string]>([
  [{ kind: "open-window" }, "window"],
  [{ kind: "open-window", page: "settings" }, "window settings"],
  [{ kind: "open-console", profile: "dev" }, "console dev"],
  [{ kind: "do-not-ask", until: "hour" }, `ask at ${at + hour}`],
  [{ kind: "do-not-ask", until: at + 5 }, `ask at ${at + 5}`],
  [{ kind: "ask-again" }, "ask now"],
  [{ kind: "sign-in", source: "corp" }, "sign in corp"],
  [{ kind: "cancel-sign-in", source: "corp" }, "cancel corp"],
  [{ kind: "sign-out", source: "corp" }, "sign out corp"],
  [{ kind: "copy", text: "evercred help" }, "clipboard evercred help"],
  [{ kind: "answer", question: "7", answer: "not now" }, "answer 7 not now"],
  [{ kind: "quit" }, "quit"],
])("the menu's choice %o is done", async (choice, note) => {
  const { choose, notes } = notedChooser({ kind: "done", value: undefined });
  choose(choice);
  await settle();
  expect(notes).toEqual([note]);
});

test("a choice that comes to nothing is said: the menu is closed by then", async () => {
  const trouble = { code: "unreachable", sentence: "No network.", remedy: "Check it." };
  const { choose, notes } = notedChooser({ kind: "failed", trouble });
  choose({ kind: "sign-in", source: "corp" });
  choose({ kind: "open-console", profile: "dev" });
  await settle();
  expect(notes).toEqual([
    "sign in corp",
    "console dev",
    "failed: No network.",
    "failed: No network.",
  ]);
});
