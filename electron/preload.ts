import { contextBridge, ipcRenderer } from "electron";
import { type Bridge, type Calls, channelOf, type Reply } from "./protocol/ipc.ts";
import type { View } from "./protocol/view.ts";

const call =
  <Name extends keyof Calls>(name: Name) =>
  (...args: Parameters<Calls[Name]>): Promise<Reply<ReturnType<Calls[Name]>>> =>
    ipcRenderer.invoke(channelOf(name), ...args);

const bridge: Bridge = {
  view: call("view"),
  signIn: call("signIn"),
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
  copy: call("copy"),
  quit: call("quit"),
  onViewChanged: (listener) => {
    const hear = (_event: unknown, view: View): void => {
      listener(view);
    };
    ipcRenderer.on(channelOf("viewChanged"), hear);
    return () => ipcRenderer.off(channelOf("viewChanged"), hear);
  },
};

contextBridge.exposeInMainWorld("evercred", bridge);
