import { join } from "node:path";
import { clipboard, Notification, powerMonitor } from "electron";
import type { Attention } from "../core/attention.ts";
import type { Broker } from "../core/broker.ts";
import type { Consent } from "../core/consent.ts";
import type { DayBook } from "../core/day-book.ts";
import type { Rule } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Quiet } from "../core/quiet.ts";
import type { SignIns } from "../core/sign-ins.ts";
import type { Memo } from "../core/store.ts";
import { instantOf } from "../core/time.ts";
import type { Page } from "../protocol/pages.ts";
import type { Picture } from "../protocol/picture.ts";
import { timelineOf } from "../protocol/timeline-view.ts";
import type { View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";
import { actionsOf } from "./actions.ts";
import { additionsOf, type Writer } from "./additions.ts";
import { chooserOf } from "./chooser.ts";
import { coalesced } from "./coalesced.ts";
import { endWith } from "./ending.ts";
import { errandsOf } from "./errands.ts";
import { answerCalls } from "./ipc.ts";
import { type Ask, Notifications } from "./notifications.ts";
import { pictureOf, type PictureParts } from "./picture.ts";
import { QuestionNotice } from "./question-notice.ts";
import { type RecordsBehind, recordsDeskOf } from "./records-desk.ts";
import { type SettingsBehind, settingsDeskOf } from "./settings-desk.ts";
import { type SetupBehind, setupOf } from "./setup.ts";
import type { StartAtLogin } from "./start-at-login.ts";
import { SignInQueue, turnOf } from "./sign-in-queue.ts";
import { deskViewOf, type Surroundings } from "./surroundings.ts";
import { openTray } from "./tray.ts";
import { type UpdatesBehind, updatesDeskOf } from "./updates/desk.ts";
import type { UpdateWishes } from "./updates/updates.ts";
import { type Theme, Window } from "./window.ts";

/** Times in the tray's words go stale by themselves: it is drawn anew so often, in milliseconds. */
const redrawMs = 60_000;

/** By then the start is over, and there is time to look at other programs, in milliseconds. */
const settledMs = 5_000;

/** What the face shows, and works through. */
export interface Behind extends SetupBehind, UpdatesBehind {
  readonly places: SetupBehind["places"];
  readonly broker: Broker;
  readonly signIns: SignIns;
  readonly attention: Pick<Attention, "mayAsk">;
  readonly quiet: Pick<Quiet, "until" | "set">;
  readonly consent: Pick<Consent, "answer">;
  /** Writes the AWS configuration. */
  readonly aws: Writer;
  view(): View;
  rule(): Rule;
  settings: SettingsBehind["settings"];
  readonly tools: SetupBehind["tools"] & SettingsBehind["tools"] & RecordsBehind["tools"];
  readonly dayBook: Pick<DayBook, "marksOf">;
  readonly log: Log;
  subscribe(listener: () => void): () => void;
  recheck(): void;
  woke(): void;
  noteDraft(isThere: boolean): void;
  /** Resolves once all behind the face has stopped. */
  readonly ended: Promise<void>;
  quit(): Promise<void>;
  close(): Promise<void>;
}

/** What a person has chosen for the face. Asked each time: it may change at any time. */
export interface Preferences {
  theme(): Theme;
  /** What the desktop tells of itself. */
  readonly desktop: Surroundings;
  /** What the face remembers of itself. */
  readonly memo: Memo;
  /** In what words people are spoken to. */
  words(): Words;
  notifications(): boolean;
  readonly startAtLogin: StartAtLogin;
  /** How the app is brought up to date. */
  updates(): UpdateWishes;
  ask(source: string): Ask;
}

/** Puts up the tray icon and everything that it needs. Returns the way to open the window. */
export const openFace = (
  folder: string,
  behind: Behind,
  preferences: Preferences,
): ((page?: Page) => void) => {
  const { broker, signIns, consent } = behind;
  const parts: PictureParts = {
    view: () => behind.view(),
    words: () => preferences.words(),
    rule: () => behind.rule(),
    claude: () => setup.claude.view(),
    firstRun: () => setup.firstRun.view(),
    settings: () => settings.view(),
    timeline: ({ sources, at }) =>
      timelineOf(window.isOpen ? sources : [], (source) => behind.dayBook.marksOf(source), at),
    desk: () => deskViewOf(preferences.desktop, !notifies, process.platform),
    quietUntil: () => behind.quiet.until,
    dismissed: () => errands.dismissed,
    appVersion: behind.tools.daemon.version,
    update: () => updates.view,
  };
  let notifies = Notification.isSupported();
  const picture = (): Picture => pictureOf(parts);
  const copyText = async (text: string): Promise<void> => {
    await clipboard.writeText(text);
  };
  const errands = errandsOf({
    view: () => behind.view(),
    verbs: behind.verbs,
    memo: preferences.memo,
    copyText,
    changed: () => drawSoon(),
  });
  const setup = setupOf({ behind, folder, copyText, changed: () => drawSoon() });
  const { startAtLogin } = preferences;
  const settings = settingsDeskOf(
    behind,
    startAtLogin,
    () => preferences.words(),
    () => drawSoon(),
  );
  const updates = updatesDeskOf(behind, {
    wishes: () => preferences.updates(),
    memo: preferences.memo,
    changed: () => drawSoon(),
  });
  const end = endWith(async () => {
    await behind.close();
    await updates.installAtQuit(true);
  });
  const quit = (): void => {
    end(async () => {
      await behind.quit();
      await updates.installAtQuit(false);
    });
  };
  void behind.ended.then(() => {
    // What has followed may be newer than what was downloaded.
    end(() => Promise.resolve());
  });

  const noteDraft = (isThere: boolean): void => {
    behind.noteDraft(isThere);
  };
  const window = new Window(folder, picture, preferences.memo, () => {
    noteDraft(false);
  });
  const openWindow = (page?: Page): void => {
    window.open(page);
    setup.claude.look();
  };
  const records = recordsDeskOf(
    behind,
    () => preferences.words(),
    (rows) => {
      window.tell("activityAdded", rows);
    },
  );
  const mayAsk = (): boolean => behind.attention.mayAsk();
  const askAgainAt = (at: number | undefined): void => {
    behind.quiet.set(at === undefined ? undefined : instantOf(at));
  };
  const actions = actionsOf({ broker, signIns, consent, copyText, openWindow });
  const notifications = new Notifications({
    words: () => preferences.words(),
    ask: (source) => preferences.ask(source),
    wanted: () => preferences.notifications(),
    mayAsk,
    open: (sources) => {
      openQueue.add(sources);
    },
    signIn: (sources) => {
      signInTo(sources);
    },
    askAgainAt,
    openWindow,
    shown: (could) => {
      if (could === notifies) return;
      notifies = could;
      drawSoon();
    },
  });
  /** A click begins at once, also where a sign-in of another click was left open. */
  const signInTo = (sources: readonly string[]): void => {
    const [first] = sources;
    const queue = new SignInQueue(async (source) => {
      if (!notifications.isNeeded(source)) return "ended";
      const session = broker.session(source);
      // A page that has come up meanwhile does not come up twice.
      if (source === first || session?.signInOpen?.opened !== true) {
        const reply = await actions.signIn(source);
        if (reply.kind === "failed") notifications.tell(reply.trouble);
      }
      return turnOf(session);
    });
    queue.add(sources);
  };
  const openQueue = new SignInQueue(async (source) => {
    if (await actions.ask(source)) return turnOf(broker.session(source));
    notifications.askAloud(source);
    return "ended";
  });
  const notice = new QuestionNotice(() => preferences.notifications(), mayAsk, openWindow);
  const choose = chooserOf({
    actions,
    openWindow,
    openConsole: (profile) => behind.verbs.run(["aws", "console", "--profile", profile]),
    askAgainAt,
    now: () => Date.now(),
    copyText,
    quit,
    failed: (trouble) => {
      notifications.tell(trouble);
    },
  });
  const tray = openTray(join(folder, "icons"), picture(), preferences.words(), choose);
  const additions = additionsOf(broker, behind.aws);
  answerCalls({
    actions,
    additions,
    errands,
    setup,
    settings: settings.actions,
    records,
    updates,
    askAgainAt,
    noteDraft,
    picture,
    page: () => window.page,
    quit,
    trusts: (event) => window.sent(event),
  });

  let loginFailure: string | undefined;
  const draw = (): void => {
    updates.look();
    // It is tried each time, which is no news each time.
    const failure = startAtLogin.follow()?.message;
    if (failure !== undefined && failure !== loginFailure) {
      behind.log.warn("app: start at login", { reason: failure });
    }
    loginFailure = failure;
    const now = picture();
    window.wear(preferences.theme());
    const words = preferences.words();
    tray.show(now, words);
    notifications.show(now);
    notice.show(now, words);
    window.show(now);
  };
  const drawSoon = coalesced(draw);
  draw();
  behind.subscribe(drawSoon);
  preferences.desktop.trayHost.subscribe(drawSoon);
  preferences.desktop.notifications.subscribe(drawSoon);
  setTimeout(() => setup.claude.look(), settledMs);
  setInterval(draw, redrawMs);
  const recheck = (): void => {
    behind.recheck();
  };
  powerMonitor.on("resume", () => {
    behind.woke();
  });
  powerMonitor.on("unlock-screen", recheck);
  return openWindow;
};
