import { BrowserWindow, dialog } from "electron";
import type { Words } from "../protocol/words.ts";
import type { AskProgram } from "./program-settings.ts";

/** Asks in a dialog of the system's, which no page can answer. */
export const programQuestion =
  (words: () => Words): AskProgram =>
  async (command) => {
    const { settings, labels } = words().texts;
    const question = {
      type: "question" as const,
      message: settings.mayRun,
      detail: command,
      buttons: [settings.letRun, labels.cancel],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    };
    const window = BrowserWindow.getFocusedWindow();
    const { response } = await (window === null
      ? dialog.showMessageBox(question)
      : dialog.showMessageBox(window, question));
    return response === 0;
  };
