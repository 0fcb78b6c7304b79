import { app } from "electron";
import { languages, wordsFor } from "../protocol/words.ts";
import { ownImage } from "./app-image.ts";

/** Whether the system starts the app at login, and the way to change that. */
export interface LoginItem {
  isOn(): boolean;
  /** Throws an EvercredError where the system does not let us. */
  set(isWanted: boolean): void;
}

/** Tells the app who has started it. */
const atLogin = "--at-login";

/** The command line that starts this app at login. */
export const loginCommand = (): readonly [string, ...string[]] => {
  const image = ownImage(process);
  // What it mounts for this run is gone at the next login.
  if (image !== undefined) return [image, atLogin];
  if (app.isPackaged) return [process.execPath, atLogin];
  const switches = app.commandLine.hasSwitch("no-sandbox") ? ["--no-sandbox"] : [];
  return [process.execPath, ...switches, app.getAppPath(), atLogin];
};

/** That of macOS and of Windows. */
export const systemLoginItem = (): LoginItem => {
  const [path, ...args] = loginCommand();
  return {
    isOn: () => app.getLoginItemSettings({ path, args }).openAtLogin,
    set: (openAtLogin) => {
      app.setLoginItemSettings({ openAtLogin, path, args });
    },
  };
};

/** What the app does, in each language. */
export const comments = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    languages.map(([language]) => [language, wordsFor(language, language).texts.launcher.comment]),
  );
