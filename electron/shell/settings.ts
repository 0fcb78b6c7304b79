import { writeFileSync } from "node:fs";
import { EvercredError } from "../core/errors.ts";
import type { Reply } from "../protocol/ipc.ts";
import { isSettingName, type NetworkTest, type SettingName } from "../protocol/settings-view.ts";
import { replyOf } from "./actions.ts";
import { isValueOf } from "./settings-view.ts";

/** What a person can do on the page of settings. None rejects; what has come from the window is looked at here. */
export interface SettingsActions {
  /** Sets one setting, as `evercred config set` does. The reply comes when it is in force. */
  setSetting(name: unknown, value: unknown): Promise<Reply<void>>;
  /** Takes one setting out of the configuration: what is built in, or usual in the organisation, counts again. */
  unsetSetting(name: unknown): Promise<Reply<void>>;
  /** Opens the configuration's file with the program that the system has for it. */
  openConfig(): Promise<Reply<void>>;
  /** Asks each provider in use. */
  testNetwork(): Promise<Reply<NetworkTest>>;
  /** Cuts a bridge at once. */
  endBridge(name: unknown): Promise<Reply<void>>;
  /** Opens the page on which an organisation gives help. */
  openContact(): Promise<Reply<void>>;
}

export interface SettingsPorts {
  /** Runs a verb for the person at the window. */
  readonly run: (args: readonly string[]) => Promise<unknown>;
  readonly file: string;
  /** Opens a file; resolves to why that failed, or to an empty text. */
  readonly openFile: (file: string) => Promise<string>;
  readonly openPage: (url: string) => Promise<void>;
  readonly contactUrl: () => string | undefined;
  readonly bridges: () => readonly { readonly name: string }[];
  readonly testNetwork: () => Promise<NetworkTest>;
  /** Has the system start the app at login as the configuration says now. Rejects with why it cannot. */
  readonly followStartAtLogin: () => Promise<void>;
  /** Called after each change: also of who has set a value that is still the same. */
  readonly changed: () => void;
}

export const settingsActionsOf = (ports: SettingsPorts): SettingsActions => {
  const changed = async (name: SettingName, args: readonly string[]): Promise<void> => {
    try {
      await ports.run(args);
    } finally {
      ports.changed();
    }
    if (name === "app.startAtLogin") await ports.followStartAtLogin();
  };
  return {
    setSetting: (name, value) =>
      replyOf(() => {
        if (!isSettingName(name)) throw unknown();
        if (!isValueOf(name, value)) {
          throw new EvercredError("usage", `That is no value of ${name}.`, {
            remedy: "Give another one.",
          });
        }
        return changed(name, ["config", "set", name, JSON.stringify(value)]);
      }),
    unsetSetting: (name) =>
      replyOf(() => {
        if (!isSettingName(name)) throw unknown();
        return changed(name, ["config", "unset", name]);
      }),
    openConfig: () =>
      replyOf(async () => {
        create(ports.file);
        const failure = await ports.openFile(ports.file);
        if (failure === "") return;
        throw new EvercredError("program-missing", `No program opens ${ports.file} here.`, {
          remedy: "Run: evercred config edit",
        });
      }),
    testNetwork: () => replyOf(() => ports.testNetwork()),
    endBridge: (name) =>
      replyOf(async () => {
        const bridge = ports.bridges().find((each) => each.name === name);
        if (bridge === undefined) throw new EvercredError("unknown-name", "That bridge is gone.");
        await ports.run(["bridge", "rm", bridge.name]);
      }),
    openContact: () =>
      replyOf(async () => {
        const url = ports.contactUrl();
        if (url === undefined) throw new EvercredError("unknown-name");
        await ports.openPage(url);
      }),
  };
};

const unknown = (): EvercredError =>
  new EvercredError("unknown-name", "There is no setting of that name.");

/** What a new file begins with: an editor finds the names there by its schema. */
const emptyText = `{\n  "$schema": "./config.schema.json"\n}\n`;

/** A file that is there stays as it is. */
const create = (file: string): void => {
  try {
    writeFileSync(file, emptyText, { mode: 0o600, flag: "wx" });
  } catch (thrown) {
    const isThere = thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST";
    if (isThere) return;
    throw new EvercredError("config-invalid", `${file} cannot be written.`, {
      remedy: "Make its folder writable for yourself.",
      cause: thrown,
    });
  }
};
