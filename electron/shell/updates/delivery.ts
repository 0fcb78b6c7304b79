import { chmod, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type {
  AppImageUpdater,
  MacUpdater,
  NsisUpdater,
  Provider as AnyProvider,
  UpdateInfo,
} from "electron-updater";
import type { ProviderRuntimeOptions } from "electron-updater/out/providers/Provider.js";
import type { Log } from "../../core/log.ts";
import type { UpdateServer } from "./fetching.ts";
import type { Offer } from "./offer.ts";
import type { Road } from "./road.ts";
import { putSound, readSound, writeSound } from "./sound-file.ts";

/** An update that is here, and was what had been offered. */
export interface Delivered {
  readonly offer: Offer;
  /** Whether it can be put in place while the app runs; else only once all behind it has stopped. */
  readonly whileRunning: boolean;
  /**
   * Compares it once more and installs it. `starts`: whether it is to come up then; what was installed while the app runs
   * is not started. Rejects with an UpdateError, and everything is as it was.
   */
  install(starts: boolean): Promise<void>;
}

/** Electron's app, as far as an update needs it. */
export interface HostApp {
  getName(): string;
  whenReady(): Promise<void>;
  relaunch(): void;
  quit(): void;
  once(event: "before-quit", listener: () => void): unknown;
}

export interface DeliveryPorts {
  readonly app: HostApp;
  /** Of the running app. */
  readonly version: string;
  readonly road: Road;
  readonly server: UpdateServer;
  /** Where the app's own `app-update.yml` is. */
  readonly resources: string;
  /** A folder for downloads, of nobody else. */
  readonly folder: string;
  readonly log: Log;
}

type Updater = AppImageUpdater | MacUpdater | NsisUpdater;

/** How long macOS has to take over, in milliseconds. */
const takeOverMs = 5_000;

/** Downloads what was offered, into a folder that is emptied of all else. Rejects with an UpdateError; nothing is left then. */
export const deliver = async (
  offer: Offer,
  signal: AbortSignal,
  ports: DeliveryPorts,
): Promise<Delivered> => {
  const { app, folder, road } = ports;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const updater = await updaterFor(offer, signal, ports);
    await updater.checkForUpdates();
    const [file = ""] = await updater.downloadUpdate();
    await readSound(file, offer);
    return deliveredBy(updater, app, file, offer, road);
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw thrown;
  }
};

/**
 * electron-updater with our own way out, our own judgement of what is offered, and our own folder. It is loaded here, by
 * the first update there is.
 */
const updaterFor = async (
  offer: Offer,
  signal: AbortSignal,
  { app, version, road, server, resources, folder, log }: DeliveryPorts,
): Promise<Updater> => {
  const { AppImageUpdater, MacUpdater, NsisUpdater, Provider } = await import("electron-updater");
  const of = { appimage: AppImageUpdater, mac: MacUpdater, nsis: NsisUpdater }[road.kind];
  const own = {
    version,
    name: app.getName(),
    isPackaged: true,
    appUpdateConfigPath: join(resources, "app-update.yml"),
    userDataPath: folder,
    baseCachePath: dirname(folder),
    whenReady: () => app.whenReady(),
    relaunch: () => app.relaunch(),
    quit: () => app.quit(),
    onQuit: () => undefined,
  };
  const updater = new of({ provider: "custom", updateProvider: providerOf(offer, Provider) }, own);
  updater.logger = loggerOver(log);
  updater.autoDownload = false;
  // Squirrel takes it over at once, and waits for the app's end; elsewhere we say when.
  updater.autoInstallOnAppQuit = road.kind === "mac";
  updater.disableDifferentialDownload = true;
  updater.disableWebInstaller = true;
  updater.allowDowngrade = false;
  /** It sends by Chromium, draws a number for this computer, and keeps its files where it likes: none of that is set from outside. */
  const config = { updaterCacheDirName: basename(folder) };
  const replaced = {
    httpExecutor: {
      download: async (_url: URL, file: string): Promise<string> => {
        await writeSound(await server.large(offer.file, signal), file, offer);
        return file;
      },
    },
    stagingUserIdPromise: { value: Promise.resolve("") },
    // Windows compares who has signed with the name in the app's own file.
    ...(road.kind === "nsis" ? {} : { configOnDisk: { value: Promise.resolve(config) } }),
  };
  Object.assign(updater, replaced);
  return updater;
};

/** Offers what has been judged already. */
const providerOf = (offer: Offer, Provider: typeof AnyProvider) =>
  class extends Provider<UpdateInfo> {
    constructor(_options: unknown, _updater: unknown, runtime: ProviderRuntimeOptions) {
      super(runtime);
    }

    override getLatestVersion(): Promise<UpdateInfo> {
      const { version, file: url, sha512, size } = offer;
      return Promise.resolve({
        version,
        files: [{ url, sha512, size }],
        path: url,
        sha512,
        releaseDate: "",
      });
    }

    override resolveFiles({ files }: UpdateInfo) {
      // Its host is never asked: the file is fetched by its name.
      return files.map((info) => ({ url: new URL(info.url, "https://localhost/"), info }));
    }
  };

const deliveredBy = (
  updater: Updater,
  app: HostApp,
  file: string,
  offer: Offer,
  road: Road,
): Delivered => {
  if (road.kind === "appimage") {
    return {
      offer,
      whileRunning: true,
      // electron-updater's own way takes the old one away first, and gives the new one another name.
      install: () => putSound(file, offer, road.program),
    };
  }
  return {
    offer,
    whileRunning: false,
    install: async (starts) => {
      await readSound(file, offer);
      if ("install" in updater) {
        updater.install(true, starts);
      } else if (starts) {
        await new Promise<void>((resolve) => {
          // Squirrel has the app quit as soon as it is ready to start the new one.
          app.once("before-quit", () => resolve());
          setTimeout(resolve, takeOverMs);
          updater.quitAndInstall();
        });
      }
    },
  };
};

const loggerOver = (log: Log) => ({
  info: () => undefined,
  warn: (said: unknown) => log.warn("updates: electron-updater", { said: kindOf(said) }),
  error: (said: unknown) => log.warn("updates: electron-updater failed", { said: kindOf(said) }),
});

/** Its texts may hold anything. */
const kindOf = (said: unknown): string =>
  typeof said === "string" ? said.replace(/[:(].*/su, "").slice(0, 80) : typeof said;
