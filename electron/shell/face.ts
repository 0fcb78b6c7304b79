import { join } from "node:path";
import { clipboard, powerMonitor } from "electron";
import type { Broker } from "../core/broker.ts";
import type { SignIns } from "../core/sign-ins.ts";
import type { View } from "../protocol/view.ts";
import { actionsOf } from "./actions.ts";
import { additionsOf, type Writer } from "./additions.ts";
import { chooserOf } from "./chooser.ts";
import { coalesced } from "./coalesced.ts";
import { endWith } from "./ending.ts";
import { answerCalls } from "./ipc.ts";
import { type Ask, Notifications } from "./notifications.ts";
import { openTray } from "./tray.ts";
import { type Theme, Window } from "./window.ts";

/** Times in the tray's words go stale by themselves: it is drawn anew so often, in milliseconds. */
const redrawMs = 60_000;

/** What the face shows, and works through. */
export interface Behind {
  readonly broker: Broker;
  readonly signIns: SignIns;
  /** Writes the AWS configuration. */
  readonly aws: Writer;
  view(): View;
  subscribe(listener: () => void): () => void;
  recheck(): void;
  /** Resolves once all behind the face has stopped. */
  readonly ended: Promise<void>;
  quit(): Promise<void>;
  close(): Promise<void>;
}

/** What a person has chosen for the face. Asked each time: it may change at any time. */
export interface Preferences {
  theme(): Theme;
  notifications(): boolean;
  ask(source: string): Ask;
}

/** Puts up the tray icon and everything that it needs. Returns the way to open the window. */
export const openFace = (
  folder: string,
  behind: Behind,
  preferences: Preferences,
): (() => void) => {
  const { broker, signIns } = behind;
  const view = (): View => behind.view();
  const copyText = async (text: string): Promise<void> => {
    await clipboard.writeText(text);
  };
  const end = endWith(() => behind.close());
  const quit = (): void => {
    end(() => behind.quit());
  };
  void behind.ended.then(() => {
    end();
  });

  const window = new Window(folder, view);
  const openWindow = (): void => {
    window.open();
  };
  const actions = actionsOf({ broker, signIns, copyText, openWindow });
  const notifications = new Notifications({
    ask: (source) => preferences.ask(source),
    wanted: () => preferences.notifications(),
    open: (source) => actions.ask(source),
    signIn: (source) => {
      choose({ kind: "sign-in", source });
    },
    openWindow,
  });
  const choose = chooserOf({
    actions,
    openWindow,
    copyText,
    quit,
    failed: (trouble) => {
      notifications.tell(trouble);
    },
  });
  const tray = openTray(join(folder, "icons"), view(), choose);
  const additions = additionsOf(broker, behind.aws);
  answerCalls({ actions, additions, view, quit, trusts: (event) => window.sent(event) });

  const draw = (): void => {
    const picture = view();
    window.wear(preferences.theme());
    tray.show(picture);
    notifications.show(picture);
    window.show(picture);
  };
  draw();
  behind.subscribe(coalesced(draw));
  setInterval(draw, redrawMs);
  const recheck = (): void => {
    behind.recheck();
  };
  powerMonitor.on("resume", recheck);
  powerMonitor.on("unlock-screen", recheck);
  return openWindow;
};
