import type {
  ActivityFound,
  ActivityQuery,
  ActivityRow,
  ActivityWish,
  ExportedView,
} from "./activity.ts";
import type { BrowserView } from "./browser-view.ts";
import type { ClaudeChangeView, ClaudeWish } from "./claude-view.ts";
import type { DifferenceView } from "./first-run-view.ts";
import type { DiagnosisView } from "./help-view.ts";
import type { Hint } from "./hints.ts";
import type { Page } from "./pages.ts";
import type { Picture } from "./picture.ts";
import type { NetworkTest, SettingName, SettingValue } from "./settings-view.ts";
import type { AnswerView, Trouble } from "./view.ts";

/** What the window may ask of the main process. Ids are checked there; no secret crosses but what is entered in it. */
export interface Calls {
  /** The present picture. */
  picture(): Picture;
  /** The page that the window was last opened on, where that was a certain one. */
  page(): Page | undefined;
  /** Signs in, or opens the page of the open sign-in again. The reply comes when the sign-in has ended. */
  signIn(source: string): void;
  /** Opens the page of the open sign-in, though its address is doubtful. */
  openAllTheSame(source: string): void;
  /** Goes over to the code that can be entered on another machine. */
  useCode(source: string): void;
  cancelSignIn(source: string): void;
  signOut(source: string): void;
  /** Hands over the one-time code that the open sign-in asks for. */
  submitCode(source: string, code: string): void;
  /** Hands over the secret that the open sign-in asks for. The reply comes when the sign-in has ended. */
  submitSecret(source: string, secret: string): void;
  /** Goes on as whoever has signed in, though it was somebody else before. */
  acceptAccount(source: string): void;
  /** The accounts that whoever is signed in may enter. */
  accounts(source: string): readonly AccountView[];
  /** The roles that they may have in one of them. */
  roles(source: string, account: string): readonly string[];
  /** Writes an organisation into the AWS configuration, and gives its source's id. */
  addOrganisation(startUrl: string, region: string): string;
  /** Writes a profile into the AWS configuration. */
  addProfile(source: string, account: string, role: string, name: string): void;
  /** Adds a source to the configuration, and gives its id. */
  addSource(source: NewSource): string;
  /** Adds a key whose secret is entered afterwards. `expiresAt`: its last day as `2027-03-31`, or empty. */
  addKey(name: string, expiresAt: string): void;
  /** Has the person choose a file; undefined where they choose none. */
  chooseFile(): string | undefined;
  /** Finds out whether Claude Code works, and shows what it came to. */
  checkClaude(): void;
  stopCheck(): void;
  /** What connecting Claude Code so would change; where it `writes`, it is done. */
  connectClaude(wish: ClaudeWish, writes: boolean): ClaudeChangeView;
  /** The same of taking back what was set up. */
  disconnectClaude(writes: boolean): ClaudeChangeView;
  /** Examines everything. */
  examine(): DiagnosisView;
  /** Cuts the examination off: it fails as `cancelled`. */
  stopExamining(): void;
  /** Does what one click can do about the finding at this place of the last diagnosis. */
  mend(place: number): void;
  /** Puts the last diagnosis on the clipboard. */
  copyDiagnosis(): void;
  /** Writes an archive for support where the person says; false where they say nowhere. */
  saveSupport(): boolean;
  openLogs(): void;
  openLicences(): void;
  /** Asks no more of what the first start asks. */
  finishFirstRun(): void;
  /** Asks all of it anew. */
  setUpAgain(): void;
  /** Where the user's terminals work otherwise than Evercred. */
  differences(): readonly DifferenceView[];
  /** Has Evercred work as the one of these words says. */
  saveDifference(sentence: string): void;
  /** Puts the address or the code of the open sign-in on the clipboard. */
  copy(source: string, what: "address" | "code"): void;
  /** A person says whether a program may have what it wants. */
  answer(question: string, answer: AnswerView): void;
  /** Asks for nothing before then; undefined: from now on again. */
  askAgainAt(at: number | undefined): void;
  /** Sets one setting of the configuration; a text says why it cannot be so. The reply comes when it is in force. */
  setSetting(name: SettingName, value: SettingValue): void;
  /** Takes one setting out of the configuration. */
  unsetSetting(name: SettingName): void;
  /** What opens the sign-in pages of a source. */
  browserOf(source: string): BrowserView;
  /** Has this command open them; an empty one: what opens all others. The reply comes when it is in force. */
  setBrowser(source: string, command: readonly string[]): void;
  /** Opens the file of the configuration. */
  openConfig(): void;
  /** Asks each provider in use. */
  testNetwork(): NetworkTest;
  /** Cuts a bridge at once. */
  endBridge(name: string): void;
  /** Opens the page on which an organisation gives help. */
  openContact(): void;
  /** The newest of the record that is looked for. It fails as `cancelled` where something else is meanwhile. */
  activity(wish: ActivityWish): ActivityFound;
  /** Writes all of it into a file that the person chooses; undefined where they choose none. */
  exportActivity(query: ActivityQuery): ExportedView | undefined;
  /** Puts the command that prints a target's credential on the clipboard. */
  copyCommand(target: string): void;
  /** Opens the AWS console with the role of a target. */
  openConsole(target: string): void;
  /** Asks a gateway whether it takes a key, and gives its answer in words. */
  testKey(name: string, url: string): string;
  /** Cuts off what is under way for a target, the test of its key or the opening of its console: it fails as `cancelled`. */
  stopErrand(target: string): void;
  /** Says no more what has been understood. */
  dismissHint(hint: Hint): void;
  /** Whether something is typed in a sheet that is not saved yet: the app does not start itself anew meanwhile. */
  noteDraft(isThere: boolean): void;
  /** Looks for an update of the app now. The picture says what came of it. */
  checkForUpdate(): void;
  /** Installs the update that is ready, and goes over to it once nothing is under way. */
  installUpdate(): void;
  quit(): void;
}

/** An account by its number and by the name that its owner gave it. */
export interface AccountView {
  readonly id: string;
  readonly name: string;
}

/** A source as it is entered in the window. */
export type NewSource =
  | { readonly kind: "google"; readonly name: string; readonly clientFile: string }
  | {
      readonly kind: "oidc";
      readonly name: string;
      readonly issuer: string;
      readonly clientId: string;
    };

/** What the main process tells the window. */
export interface Pushes {
  pictureChanged: Picture;
  /** The window is open, and was opened again on a certain page. */
  pageWanted: Page;
  /** What has been recorded meanwhile; the newest last. */
  activityAdded: readonly ActivityRow[];
}

/** The names of all calls: the type makes sure that none is missing. */
export const calls: Readonly<Record<keyof Calls, true>> = {
  picture: true,
  page: true,
  signIn: true,
  openAllTheSame: true,
  useCode: true,
  cancelSignIn: true,
  signOut: true,
  submitCode: true,
  submitSecret: true,
  acceptAccount: true,
  accounts: true,
  roles: true,
  addOrganisation: true,
  addProfile: true,
  addSource: true,
  addKey: true,
  chooseFile: true,
  checkClaude: true,
  stopCheck: true,
  connectClaude: true,
  disconnectClaude: true,
  examine: true,
  stopExamining: true,
  mend: true,
  copyDiagnosis: true,
  saveSupport: true,
  openLogs: true,
  openLicences: true,
  finishFirstRun: true,
  setUpAgain: true,
  differences: true,
  saveDifference: true,
  copy: true,
  answer: true,
  askAgainAt: true,
  setSetting: true,
  unsetSetting: true,
  browserOf: true,
  setBrowser: true,
  openConfig: true,
  testNetwork: true,
  endBridge: true,
  openContact: true,
  activity: true,
  exportActivity: true,
  copyCommand: true,
  openConsole: true,
  testKey: true,
  stopErrand: true,
  dismissHint: true,
  noteDraft: true,
  checkForUpdate: true,
  installUpdate: true,
  quit: true,
};

/** The channel of a call or a push. */
export const channelOf = (name: keyof Calls | keyof Pushes): string => `evercred:${name}`;

/** What comes back from a call. A failure is a value: of an Error only the message would cross. */
export type Reply<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "failed"; readonly trouble: Trouble };

/** What the preload script hands to the page. */
export type Bridge = {
  readonly [Name in keyof Calls]: (
    ...args: Parameters<Calls[Name]>
  ) => Promise<Reply<ReturnType<Calls[Name]>>>;
} & {
  /** Calls `listener` with each new picture, until the returned function is called. */
  onPictureChanged(listener: (picture: Picture) => void): () => void;
  /** Calls `listener` with each page that is wanted, likewise. */
  onPageWanted(listener: (page: Page) => void): () => void;
  /** Calls `listener` with what has been recorded, likewise. */
  onActivityAdded(listener: (rows: readonly ActivityRow[]) => void): () => void;
};
