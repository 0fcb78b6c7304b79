import type { Trouble } from "../protocol/view.ts";
import type { Reply } from "../protocol/ipc.ts";
import { type Actions, replyOf } from "./actions.ts";
import type { Choice } from "./menu.ts";

export interface ChooserPorts {
  readonly actions: Actions;
  readonly openWindow: () => void;
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
        ports.openWindow();
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
      case "copy":
        run(replyOf(() => ports.copyText(choice.text)));
        return;
      case "quit":
        ports.quit();
    }
  };
};
