import { expect, test } from "vitest";
import type { Reply } from "../../electron/protocol/ipc.ts";
import type { Actions } from "../../electron/shell/actions.ts";
import { chooserOf } from "../../electron/shell/chooser.ts";
import type { Choice } from "../../electron/shell/menu.ts";
import { settle } from "../fakes/clock.ts";

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
    ask: async () => true,
  };
  const choose = chooserOf({
    actions,
    openWindow: () => notes.push("window"),
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
  [{ kind: "sign-in", source: "corp" }, "sign in corp"],
  [{ kind: "cancel-sign-in", source: "corp" }, "cancel corp"],
  [{ kind: "sign-out", source: "corp" }, "sign out corp"],
  [{ kind: "copy", text: "evercred help" }, "clipboard evercred help"],
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
  await settle();
  expect(notes).toEqual(["sign in corp", "failed: No network."]);
});
