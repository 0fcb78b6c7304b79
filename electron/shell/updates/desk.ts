import type { Agent } from "node:https";
import { join } from "node:path";
import { app, net } from "electron";
import type { Log } from "../../core/log.ts";
import type { Memo } from "../../core/store.ts";
import type { Succession } from "../../protocol/succession.ts";
import type { UpdateView } from "../../protocol/update-view.ts";
import type { View } from "../../protocol/view.ts";
import { replyOf } from "../actions.ts";
import { relaunch } from "../ending.ts";
import type { Handlers } from "../ipc.ts";
import type { ReadSetting } from "../settings-view.ts";
import { deliver } from "./delivery.ts";
import { serverAt } from "./fetching.ts";
import { roadOf } from "./road.ts";
import { Updates, type UpdateWishes } from "./updates.ts";

/** Where releases are, and the key that they are signed with; the build says so. Without a key nothing is looked for. */
declare const EVERCRED_UPDATE_URL: string;
declare const EVERCRED_UPDATE_KEY: string;

/** What an update needs of all that is behind the face. */
export interface UpdatesBehind {
  readonly network: { readonly agent: Agent };
  readonly places: { readonly stateDir: string };
  readonly tools: {
    readonly daemon: { readonly version: string };
    /** What is in force, and by whom. */
    readonly configReader: { settings(): readonly Pick<ReadSetting, "path" | "setBy">[] };
  };
  readonly log: Log;
  view(): Pick<View, "sources">;
  handOver(succession: Succession): void;
}

export interface UpdatesDeskPorts {
  readonly wishes: () => UpdateWishes;
  readonly memo: Memo;
  /** Called after something has changed that the window shows. */
  readonly changed: () => void;
}

/** The app's own update, as the face has it. */
export interface UpdatesDesk {
  readonly view: UpdateView;
  /** Does what is due. */
  look(): void;
  check(): Promise<void>;
  /** Installs what is ready, and goes over to it. */
  install(): Promise<void>;
  /** The last thing that the app does; `isHurried`: it is the system that ends it. Never rejects. */
  installAtQuit(isHurried: boolean): Promise<void>;
}

export const updatesDeskOf = (
  behind: UpdatesBehind,
  { wishes, memo, changed }: UpdatesDeskPorts,
): UpdatesDesk => {
  const { log, network, places, tools } = behind;
  const { version } = tools.daemon;
  const road = roadOf(process);
  const server = serverAt(EVERCRED_UPDATE_URL, network.agent);
  const folder = join(places.stateDir, "updates");
  const updates = new Updates({
    version,
    arch: process.arch,
    publicKey: EVERCRED_UPDATE_KEY === "" ? undefined : EVERCRED_UPDATE_KEY,
    road: road?.kind,
    server,
    wishes,
    isForced: () =>
      tools.configReader
        .settings()
        .some(({ path, setBy }) => path.join(".") === "updates.mode" && setBy === "policy"),
    isGoodMoment: () =>
      net.isOnline() && behind.view().sources.every(({ signIn }) => signIn === undefined),
    deliver: (offer, signal) => {
      if (road === undefined) throw new Error("There is no road.");
      const resources = process.resourcesPath;
      return deliver(offer, signal, { app, version, road, server, resources, folder, log });
    },
    memo,
    now: () => Date.now(),
    random: Math.random,
    changed,
    log,
  });
  return {
    get view() {
      return updates.view;
    },
    look: () => updates.look(),
    check: () => updates.check(),
    install: async () => {
      const taken = await updates.take();
      if (taken === undefined) return;
      const next = relaunch();
      behind.handOver({
        begin: () => next.begin(),
        end: async () => {
          if (taken !== "installed" && (await taken().then(yes, no))) return;
          await next.end();
        },
      });
    },
    installAtQuit: (isHurried) => updates.installAtQuit(isHurried),
  };
};

const yes = (): boolean => true;
const no = (): boolean => false;

/** How the window's calls come to it. */
export const updateHandlers = (
  updates: UpdatesDesk,
): Pick<Handlers, "checkForUpdate" | "installUpdate"> => ({
  checkForUpdate: () => replyOf(() => updates.check()),
  installUpdate: () => replyOf(() => updates.install()),
});
