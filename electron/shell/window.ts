import { join } from "node:path";
import {
  app,
  BrowserWindow,
  type IpcMainInvokeEvent,
  nativeTheme,
  type Session,
  session,
} from "electron";
import { channelOf } from "../protocol/ipc.ts";
import type { View } from "../protocol/view.ts";
import { pageUrl, servePage } from "./page.ts";

export type Theme = "system" | "light" | "dark";

/** Who was served, and when, changes without a word: an open window is told so often, in milliseconds. */
const refreshMs = 5_000;

/** The one window: made when it is wanted, gone when it is closed, so that an idle app has no page. */
export class Window {
  readonly #folder: string;
  readonly #view: () => View;
  readonly #session: Session;
  #open: BrowserWindow | undefined;

  /** `folder`: where the built preload script, page and icons are. Call it when the app is ready. */
  constructor(folder: string, view: () => View) {
    this.#folder = folder;
    this.#view = view;
    // Kept in memory: the page has nothing to store, and leaves nothing on disk.
    this.#session = session.fromPartition("window", { cache: false });
    servePage(this.#session, join(folder, "renderer"));
  }

  /** Brings the window to the front, where there is one, else makes it. */
  open(): void {
    if (this.#open === undefined) {
      this.#open = this.#make();
      return;
    }
    if (this.#open.isMinimized()) this.#open.restore();
    this.#open.show();
    this.#open.focus();
  }

  show(view: View): void {
    this.#open?.webContents.send(channelOf("viewChanged"), view);
  }

  wear(theme: Theme): void {
    if (nativeTheme.themeSource !== theme) nativeTheme.themeSource = theme;
  }

  /** Whether an event comes from our page itself: not from a frame in it, nor from another page. */
  sent({ senderFrame }: IpcMainInvokeEvent): boolean {
    const page = this.#open?.webContents.mainFrame;
    return page !== undefined && senderFrame === page && senderFrame.url === pageUrl;
  }

  #make(): BrowserWindow {
    const window = new BrowserWindow({
      width: 480,
      height: 640,
      minWidth: 360,
      minHeight: 400,
      show: false,
      title: "Evercred",
      icon: join(this.#folder, "icons", "app-256.png"),
      autoHideMenuBar: true,
      fullscreenable: false,
      backgroundColor: nativeTheme.shouldUseDarkColors ? "#16191d" : "#f6f7f8",
      webPreferences: {
        session: this.#session,
        preload: join(this.#folder, "preload.cjs"),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    });
    window.once("ready-to-show", () => {
      window.show();
    });
    const refresh = setInterval(() => {
      this.show(this.#view());
    }, refreshMs);
    window.on("closed", () => {
      clearInterval(refresh);
      this.#open = undefined;
    });
    void window.loadURL(pageUrl);
    return window;
  }
}
