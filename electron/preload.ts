import { contextBridge, ipcRenderer } from "electron";
import { type Bridge, type Calls, channelOf, type Pushes, type Reply } from "./protocol/ipc.ts";

const call =
  <Name extends keyof Calls>(name: Name) =>
  (...args: Parameters<Calls[Name]>): Promise<Reply<ReturnType<Calls[Name]>>> =>
    ipcRenderer.invoke(channelOf(name), ...args);

const listenTo =
  <Name extends keyof Pushes>(name: Name) =>
  (listener: (pushed: Pushes[Name]) => void): (() => void) => {
    const hear = (_event: unknown, pushed: Pushes[Name]): void => {
      listener(pushed);
    };
    ipcRenderer.on(channelOf(name), hear);
    return () => ipcRenderer.off(channelOf(name), hear);
  };

const bridge: Bridge = {
  picture: call("picture"),
  page: call("page"),
  signIn: call("signIn"),
  openAllTheSame: call("openAllTheSame"),
  useCode: call("useCode"),
  cancelSignIn: call("cancelSignIn"),
  signOut: call("signOut"),
  submitCode: call("submitCode"),
  submitSecret: call("submitSecret"),
  acceptAccount: call("acceptAccount"),
  accounts: call("accounts"),
  roles: call("roles"),
  addOrganisation: call("addOrganisation"),
  addProfile: call("addProfile"),
  addSource: call("addSource"),
  addKey: call("addKey"),
  chooseFile: call("chooseFile"),
  checkClaude: call("checkClaude"),
  stopCheck: call("stopCheck"),
  connectClaude: call("connectClaude"),
  disconnectClaude: call("disconnectClaude"),
  examine: call("examine"),
  stopExamining: call("stopExamining"),
  mend: call("mend"),
  copyDiagnosis: call("copyDiagnosis"),
  saveSupport: call("saveSupport"),
  openLogs: call("openLogs"),
  openLicences: call("openLicences"),
  finishFirstRun: call("finishFirstRun"),
  setUpAgain: call("setUpAgain"),
  differences: call("differences"),
  saveDifference: call("saveDifference"),
  copy: call("copy"),
  answer: call("answer"),
  askAgainAt: call("askAgainAt"),
  setSetting: call("setSetting"),
  unsetSetting: call("unsetSetting"),
  browserOf: call("browserOf"),
  setBrowser: call("setBrowser"),
  openConfig: call("openConfig"),
  testNetwork: call("testNetwork"),
  endBridge: call("endBridge"),
  openContact: call("openContact"),
  activity: call("activity"),
  exportActivity: call("exportActivity"),
  copyCommand: call("copyCommand"),
  openConsole: call("openConsole"),
  testKey: call("testKey"),
  stopErrand: call("stopErrand"),
  dismissHint: call("dismissHint"),
  noteDraft: call("noteDraft"),
  checkForUpdate: call("checkForUpdate"),
  installUpdate: call("installUpdate"),
  quit: call("quit"),
  onPictureChanged: listenTo("pictureChanged"),
  onPageWanted: listenTo("pageWanted"),
  onActivityAdded: listenTo("activityAdded"),
};

contextBridge.exposeInMainWorld("evercred", bridge);
