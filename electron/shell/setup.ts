import { join } from "node:path";
import { app, dialog, shell } from "electron";
import type { ClaudeStanding } from "../protocol/claude-view.ts";
import type { Reply } from "../protocol/ipc.ts";
import { type Adding, addingOf } from "./adding.ts";
import { replyOf } from "./actions.ts";
import { type ClaudeDesk, claudeDeskOf, type VerbRunner } from "./claude.ts";
import { newSourceOf, wishOf } from "./claude-wish.ts";
import { type FirstRun, firstRunFile, firstRunOf, type FirstRunPorts } from "./first-run.ts";
import { type Doctor, type Help, helpOf } from "./help.ts";
import type { Handlers } from "./ipc.ts";

/** What sets things up, and finds out what is wrong with them. */
export interface Setup {
  readonly claude: ClaudeDesk;
  readonly help: Help;
  readonly firstRun: FirstRun;
  readonly adding: Adding;
}

/** What is behind it. */
export interface SetupBehind {
  readonly verbs: VerbRunner;
  readonly claude: { standing(): ClaudeStanding; look(): Promise<void> };
  readonly doctor: Doctor;
  readonly environment: FirstRunPorts["environment"];
  readonly tools: {
    readonly clock: { now(): number };
    readonly configReader: { settings: FirstRunPorts["settings"] };
    readonly daemon: { readonly version: string };
  };
  readonly places: { readonly stateDir: string; readonly logFile: string };
}

export interface SetupPorts {
  readonly behind: SetupBehind;
  /** Where the built app is. */
  readonly folder: string;
  readonly copyText: (text: string) => Promise<void>;
  /** Called after something has changed that the window shows. */
  readonly changed: () => void;
}

export const setupOf = ({ behind, folder, copyText, changed }: SetupPorts): Setup => {
  const { verbs, claude, doctor, environment, tools, places } = behind;
  return {
    claude: claudeDeskOf({ claude, doctor, verbs, changed }),
    help: helpOf({
      doctor,
      logFile: places.logFile,
      folder,
      copyText,
      openPath: (path) => shell.openPath(path),
      showFile: (path) => {
        shell.showItemInFolder(path);
      },
      askWhere: async (name) => {
        const defaultPath = join(app.getPath("home"), name);
        const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath });
        return canceled ? undefined : filePath;
      },
      now: () => tools.clock.now(),
    }),
    firstRun: firstRunOf({
      file: firstRunFile(places.stateDir),
      settings: () => tools.configReader.settings(),
      environment,
      changed,
    }),
    adding: addingOf(verbs, async () => {
      const { filePaths } = await dialog.showOpenDialog({
        properties: ["openFile"],
        filters: [{ name: "JSON", extensions: ["json"] }],
      });
      return filePaths[0];
    }),
  };
};

type SetupCalls =
  | "addKey"
  | "addSource"
  | "checkClaude"
  | "chooseFile"
  | "connectClaude"
  | "copyDiagnosis"
  | "differences"
  | "disconnectClaude"
  | "examine"
  | "finishFirstRun"
  | "mend"
  | "openLicences"
  | "openLogs"
  | "saveDifference"
  | "saveSupport"
  | "setUpAgain"
  | "stopCheck"
  | "stopExamining";

/** How the window's calls come to it. What has crossed is looked at here. */
export const setupHandlers = ({
  claude,
  help,
  firstRun,
  adding,
}: Setup): Pick<Handlers, SetupCalls> => ({
  addKey: (name, expiresAt) => adding.addKey(text(name), text(expiresAt)),
  addSource: (source) => ofValue(newSourceOf, source, (each) => adding.addSource(each)),
  checkClaude: () => claude.check(),
  chooseFile: () => adding.chooseFile(),
  connectClaude: (wish, writes) =>
    ofValue(wishOf, wish, (each) => claude.connect(each, writes === true)),
  copyDiagnosis: () => help.copyDiagnosis(),
  differences: () => firstRun.differences(),
  disconnectClaude: (writes) => claude.disconnect(writes === true),
  examine: () => help.examine(),
  finishFirstRun: () => firstRun.finish(),
  mend: (place) => help.mend(typeof place === "number" ? place : -1),
  openLicences: () => help.openLicences(),
  openLogs: () => help.openLogs(),
  saveDifference: (sentence) =>
    firstRun.saveDifference(typeof sentence === "string" ? sentence : ""),
  saveSupport: () => help.saveSupport(),
  setUpAgain: () => firstRun.again(),
  stopCheck: () => replyOf(() => claude.stopCheck()),
  stopExamining: () => replyOf(() => help.stopExamining()),
});

/** Goes on with what has crossed as `read` takes it; what it throws is the reply. */
const ofValue = async <Value, Result>(
  read: (value: unknown) => Value,
  value: unknown,
  work: (read: Value) => Promise<Reply<Result>>,
): Promise<Reply<Result>> => {
  const taken = await replyOf(() => read(value));
  return taken.kind === "failed" ? taken : work(taken.value);
};

const text = (value: unknown): string => (typeof value === "string" ? value.trim() : "");
