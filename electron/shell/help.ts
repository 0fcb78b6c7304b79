import { dirname, join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import type { DiagnosisView } from "../protocol/help-view.ts";
import type { Reply } from "../protocol/ipc.ts";
import { replyOf } from "./actions.ts";

/** What the page Help does. None rejects. */
export interface Help {
  /** Examines everything. Cut off, it fails as `cancelled`. */
  examine(): Promise<Reply<DiagnosisView>>;
  stopExamining(): void;
  /** Does what one click can do here about the finding at this place of the last diagnosis. */
  mend(place: number): Promise<Reply<void>>;
  /** Puts the last diagnosis on the clipboard, as `evercred doctor` prints it. */
  copyDiagnosis(): Promise<Reply<void>>;
  /** Writes an archive for support where the person says; false where they say nowhere. */
  saveSupport(): Promise<Reply<boolean>>;
  openLogs(): Promise<Reply<void>>;
  openLicences(): Promise<Reply<void>>;
}

/** The doctor. */
export interface Doctor {
  examine(checks: readonly string[], signal: AbortSignal): Promise<DiagnosisView>;
  /** The lines that it prints in a terminal, of the last examination. */
  report(): readonly string[];
  mend(command: string): Promise<void>;
  bundle(file: string): Promise<void>;
}

export interface HelpPorts {
  readonly doctor: Doctor;
  readonly logFile: string;
  /** Where the built app is, with the licences of what is in it. */
  readonly folder: string;
  readonly copyText: (text: string) => Promise<void>;
  /** Has the desktop show a file or a folder. Resolves to what kept it from that, or to an empty text. */
  readonly openPath: (path: string) => Promise<string>;
  /** Shows a file in its folder. */
  readonly showFile: (path: string) => void;
  /** Asks where a file is to be written; undefined where nowhere. */
  readonly askWhere: (name: string) => Promise<string | undefined>;
  readonly now: () => number;
}

export const helpOf = (ports: HelpPorts): Help => {
  const { doctor, copyText } = ports;
  let diagnosis: DiagnosisView | undefined;
  let running: AbortController | undefined;
  const open = async (path: string): Promise<void> => {
    if ((await ports.openPath(path)) === "") return;
    throw new EvercredError("program-missing", `Nothing opens ${path}.`, {
      remedy: "Open it yourself.",
    });
  };
  /** Settings are opened in an editor; what might be run is only shown. */
  const openFile = async (file: string): Promise<void> => {
    if (file.endsWith(".json")) await open(file);
    else ports.showFile(file);
  };
  return {
    examine: () =>
      replyOf(async () => {
        running?.abort();
        const own = new AbortController();
        running = own;
        try {
          return (diagnosis = await doctor.examine([], own.signal));
        } catch (thrown) {
          throw own.signal.aborted ? new EvercredError("cancelled") : thrown;
        }
      }),
    stopExamining: () => running?.abort(),
    mend: (place) =>
      replyOf(async () => {
        const action = diagnosis?.findings[place]?.action;
        switch (action?.kind) {
          case "mend":
            return doctor.mend(action.command);
          case "open":
            return openFile(action.file);
          case "copy":
            return copyText(action.command);
          default:
            throw new EvercredError("unknown-name");
        }
      }),
    copyDiagnosis: () => replyOf(() => copyText(`${doctor.report().join("\n")}\n`)),
    saveSupport: () =>
      replyOf(async () => {
        const day = new Date(ports.now()).toISOString().slice(0, 10);
        const file = await ports.askWhere(`evercred-support-${day}.tar.gz`);
        if (file === undefined) return false;
        await doctor.bundle(file);
        ports.showFile(file);
        return true;
      }),
    openLogs: () => replyOf(() => open(dirname(ports.logFile))),
    openLicences: () => replyOf(() => open(join(besideArchive(ports.folder), "third-party.txt"))),
  };
};

/** Where what other programs have to read stands: nobody but us looks into an archive. */
const besideArchive = (folder: string): string =>
  folder.replace(/(?<=[/\\]app\.asar)(?=[/\\])/u, ".unpacked");
