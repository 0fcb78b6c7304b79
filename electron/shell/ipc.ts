import { ipcMain, type IpcMainInvokeEvent } from "electron";
import { EvercredError } from "../core/errors.ts";
import { type Calls, channelOf, type Reply } from "../protocol/ipc.ts";
import { answers } from "../protocol/gate-words.ts";
import type { Page } from "../protocol/pages.ts";
import type { Picture } from "../protocol/picture.ts";
import type { AnswerView } from "../protocol/view.ts";
import { type Actions, replyOf } from "./actions.ts";
import type { Additions } from "./additions.ts";
import type { Errands } from "./errands.ts";
import { errandHandlers } from "./errands-desk.ts";
import type { Records } from "./records.ts";
import { recordsHandlers } from "./records-desk.ts";
import type { SettingsActions } from "./settings.ts";
import { type Setup, setupHandlers } from "./setup.ts";
import { type UpdatesDesk, updateHandlers } from "./updates/desk.ts";
import type { SourceBrowser } from "./source-browser.ts";

export interface CallPorts {
  readonly actions: Actions;
  readonly additions: Additions;
  readonly errands: Errands;
  readonly setup: Setup;
  readonly settings: SettingsActions & SourceBrowser;
  readonly records: Records;
  readonly updates: UpdatesDesk;
  /** Asks for nothing before then; undefined: from now on again. */
  readonly askAgainAt: (at: number | undefined) => void;
  /** Whether something is typed in the window that is not saved yet. */
  readonly noteDraft: (isThere: boolean) => void;
  readonly picture: () => Picture;
  /** The page that the window was last opened on. */
  readonly page: () => Page | undefined;
  readonly quit: () => void;
  /** Whether a call comes from the main frame of our own page in our own window. */
  readonly trusts: (event: IpcMainInvokeEvent) => boolean;
}

/** Answers the window. What comes from anybody else, or is not what was agreed, is refused. */
export const answerCalls = ({
  actions,
  additions,
  errands,
  setup,
  settings,
  records,
  updates,
  askAgainAt,
  noteDraft,
  picture,
  page,
  quit,
  trusts,
}: CallPorts): void => {
  const handlers: Handlers = {
    picture: () => replyOf(picture),
    page: () => replyOf(page),
    signIn: (source) => actions.signIn(text(source)),
    openAllTheSame: (source) => actions.openAllTheSame(text(source)),
    useCode: (source) => actions.useCode(text(source)),
    cancelSignIn: (source) => actions.cancelSignIn(text(source)),
    signOut: (source) => actions.signOut(text(source)),
    copy: (source, what) => actions.copy(text(source), what === "code" ? "code" : "address"),
    submitCode: (source, code) => actions.submitCode(text(source), text(code)),
    submitSecret: (source, secret) => actions.submitSecret(text(source), text(secret)),
    acceptAccount: (source) => actions.acceptAccount(text(source)),
    accounts: (source) => additions.accounts(text(source)),
    roles: (source, account) => additions.roles(text(source), text(account)),
    addOrganisation: (startUrl, region) => additions.addOrganisation(text(startUrl), text(region)),
    addProfile: (source, account, role, name) =>
      additions.addProfile(text(source), text(account), text(role), text(name)),
    askAgainAt: (at) =>
      replyOf(() => {
        askAgainAt(typeof at === "number" && Number.isFinite(at) ? at : undefined);
      }),
    answer: (question, answer) => actions.answer(text(question), answerOf(answer)),
    ...errandHandlers(errands),
    ...setupHandlers(setup),
    ...settings,
    ...recordsHandlers(records),
    ...updateHandlers(updates),
    noteDraft: (isThere) =>
      replyOf(() => {
        noteDraft(isThere === true);
      }),
    quit: () => replyOf(quit),
  };
  const answer = (name: keyof Calls): void => {
    ipcMain.handle(channelOf(name), async (event, ...args: readonly unknown[]) => {
      const refused = await replyOf(() => {
        if (!trusts(event)) throw new EvercredError("policy-refused");
      });
      return refused.kind === "failed"
        ? refused
        : handlers[name](args[0], args[1], args[2], args[3]);
    });
  };
  for (const name of namesOf(handlers)) answer(name);
};

/** One handler a call, so that none is missing; what crossed is `unknown` until it has been looked at. */
export type Handlers = {
  readonly [Name in keyof Calls]: (
    ...args: readonly [unknown, unknown, unknown, unknown]
  ) => Promise<Reply<ReturnType<Calls[Name]>>>;
};

/** What is none of the answers allows nothing. */
const answerOf = (value: unknown): AnswerView =>
  answers.find((answer) => answer === value) ?? "not now";

/** What is no text is an empty one. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

const namesOf = (handlers: Handlers): readonly (keyof Calls)[] =>
  Object.keys(handlers).filter((name): name is keyof Calls => name in handlers);
