import { shell } from "electron";
import type { Rule } from "../core/limits.ts";
import type { NetworkTest, SettingsView } from "../protocol/settings-view.ts";
import type { Trouble, View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";
import { type NetworkTestPorts, testNetwork } from "./network-test.ts";
import { programQuestion } from "./program-question.ts";
import { askingForPrograms } from "./program-settings.ts";
import { type SettingsActions, settingsActionsOf, type SettingsPorts } from "./settings.ts";
import { type SettingsParts, settingsViewsOf } from "./settings-view.ts";
import { type SourceBrowser, sourceBrowserOf } from "./source-browser.ts";
import type { StartAtLogin } from "./start-at-login.ts";

/** What is behind the page of settings. */
export interface SettingsBehind {
  readonly verbs: { run(args: readonly string[]): Promise<unknown> };
  readonly tools: {
    readonly configReader: {
      settings: SettingsParts["values"];
      isLocked: SettingsParts["isLocked"];
    };
    readonly bridges: { list: SettingsParts["bridges"] };
    readonly daemon: { readonly configFile: string };
    readonly inspector: {
      providers: NetworkTestPorts["providers"];
      networkProblems(): readonly Omit<Trouble, "code">[];
    };
    readonly networkProbe: { probe: NetworkTestPorts["probe"] };
  };
  view(): Pick<View, "sources">;
  /** The configuration in force. */
  settings(): unknown;
  rule(): Rule;
}

/** The page of settings: what it shows, and what it does. */
export interface SettingsDesk {
  readonly view: () => SettingsView;
  readonly actions: SettingsActions & SourceBrowser;
}

/** `changed` is called after something has changed that the window shows. */
export const settingsDeskOf = (
  behind: SettingsBehind,
  startAtLogin: StartAtLogin,
  words: () => Words,
  changed: SettingsPorts["changed"],
): SettingsDesk => {
  const { verbs, tools } = behind;
  const { configReader, bridges, daemon, inspector, networkProbe } = tools;
  const run = askingForPrograms((args) => verbs.run(args), programQuestion(words));
  const view = settingsViewsOf({
    config: () => behind.settings(),
    values: () => configReader.settings(),
    isLocked: (path) => configReader.isLocked(path),
    rule: () => behind.rule(),
    environment: process.env,
    bridges: () => bridges.list(),
    file: daemon.configFile,
    startsAtLogin: () => startAtLogin.isOn,
  });
  const test = (): Promise<NetworkTest> =>
    testNetwork({
      providers: () => inspector.providers(),
      probe: (url, signal) => networkProbe.probe(url, signal),
      problems: () =>
        inspector.networkProblems().map((each) => ({ code: "config-invalid", ...each })),
    });
  return {
    view,
    actions: {
      ...settingsActionsOf({
        run,
        file: daemon.configFile,
        openFile: (file) => shell.openPath(file),
        openPage: (url) => shell.openExternal(url),
        contactUrl: () => view().contactUrl,
        bridges: () => bridges.list(),
        testNetwork: test,
        followStartAtLogin: () => {
          const failure = startAtLogin.follow();
          return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        },
        changed,
      }),
      ...sourceBrowserOf({
        view: () => behind.view(),
        run,
        values: () => configReader.settings(),
        isLocked: (path) => configReader.isLocked(path),
      }),
    },
  };
};
