import type { Reply } from "../protocol/ipc.ts";
import type { Page } from "../protocol/pages.ts";
import type { Trouble } from "../protocol/view.ts";
import { type Actions, replyOf } from "./actions.ts";
import type { Choice } from "./menu-line.ts";
import { endOf } from "./until.ts";

export interface ChooserPorts {
  readonly actions: Actions;
  readonly openWindow: (page: Page | undefined) => void;
  /** Opens the AWS console with the role of a profile. */
  readonly openConsole: (profile: string) => Promise<unknown>;
  /** Nobody is asked before then; undefined: from now on again. */
  readonly askAgainAt: (at: number | undefined) => void;
  readonly now: () => number;
  readonly copyText: (text: string) => Promise<void>;
  readonly quit: () => void;
  /** Called where what was chosen came to nothing: the menu is closed by then. */
  readonly failed: (trouble: Trouble) => void;
}

/** Does what was chosen in the tray's menu. */
export const chooserOf = (ports: ChooserPorts): ((choice: Choice) => void) => {
  const { actions } = ports;
  const run = (work: Promise<Reply<void>>): void => {
    void work.then((reply) => {
      if (reply.kind === "failed") ports.failed(reply.trouble);
    });
  };
  return (choice) => {
    switch (choice.kind) {
      case "open-window":
        ports.openWindow(choice.page);
        return;
      case "sign-in":
        run(actions.signIn(choice.source));
        return;
      case "cancel-sign-in":
        run(actions.cancelSignIn(choice.source));
        return;
      case "sign-out":
        run(actions.signOut(choice.source));
        return;
      case "open-console":
        run(
          replyOf(async () => {
            await ports.openConsole(choice.profile);
          }),
        );
        return;
      case "copy":
        run(replyOf(() => ports.copyText(choice.text)));
        return;
      case "answer":
        run(actions.answer(choice.question, choice.answer));
        return;
      case "do-not-ask":
        ports.askAgainAt(endOf(choice.until, ports.now()));
        return;
      case "ask-again":
        ports.askAgainAt(undefined);
        return;
      case "quit":
        ports.quit();
    }
  };
};
