import { join } from "node:path";
import {
  app,
  BrowserWindow,
  type IpcMainInvokeEvent,
  nativeTheme,
  type Rectangle,
  screen,
  type Session,
  session,
} from "electron";
import type { Memo } from "../core/store.ts";
import { channelOf, type Pushes } from "../protocol/ipc.ts";
import type { Page } from "../protocol/pages.ts";
import type { Picture } from "../protocol/picture.ts";
import { pageUrl, servePage } from "./page.ts";
import { type Place, placeText, rememberedPlace } from "./window-place.ts";
import { rememberedZoom, zoomAfter } from "./zoom.ts";

export type Theme = "system" | "light" | "dark";

/** Who was served, and when, changes without a word: an open window is told so often, in milliseconds. */
const refreshMs = 5_000;

/** The one window: made when it is wanted, gone when it is closed, so that an idle app has no page. */
export class Window {
  readonly #folder: string;
  readonly #picture: () => Picture;
  readonly #memo: Memo;
  readonly #closed: () => void;
  readonly #session: Session;
  #open: BrowserWindow | undefined;
  #page: Page | undefined;

  /**
   * `folder`: where the built preload script, page and icons are. `memo` keeps where the window was, and its zoom.
   * `closed` is called each time that it has gone, with all that was in it. Call it when the app is ready.
   */
  constructor(folder: string, picture: () => Picture, memo: Memo, closed: () => void) {
    this.#folder = folder;
    this.#picture = picture;
    this.#memo = memo;
    this.#closed = closed;
    // Kept in memory: the page has nothing to store, and leaves nothing on disk.
    this.#session = session.fromPartition("window", { cache: false });
    // Else it fetches a dictionary from Google, whatever the page says of spelling.
    this.#session.setSpellCheckerLanguages([]);
    servePage(this.#session, join(folder, "renderer"));
  }

  /** The page that it was last opened on, where that was a certain one. */
  get page(): Page | undefined {
    return this.#page;
  }

  /** Brings the window to the front, where there is one, else makes it; on a certain page, or as it is. */
  open(page?: Page): void {
    this.#page = page;
    if (this.#open === undefined) {
      this.#open = this.#make();
      return;
    }
    if (this.#open.isMinimized()) this.#open.restore();
    this.#open.show();
    this.#open.focus();
    if (page !== undefined) this.#open.webContents.send(channelOf("pageWanted"), page);
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  show(picture: Picture): void {
    this.tell("pictureChanged", picture);
  }

  /** Tells the page something, where it is open. */
  tell<Name extends keyof Pushes>(name: Name, pushed: Pushes[Name]): void {
    this.#open?.webContents.send(channelOf(name), pushed);
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
    const place = this.#rememberedPlace();
    const window = new BrowserWindow({
      width: 480,
      height: 640,
      ...placed(place),
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
        zoomFactor: rememberedZoom(this.#memo.get("zoom")),
        devTools: !app.isPackaged,
      },
    });
    window.once("ready-to-show", () => {
      if (place?.isMaximized === true) window.maximize();
      window.show();
    });
    this.#remember(window);
    const refresh = setInterval(() => {
      this.show(this.#picture());
    }, refreshMs);
    // What is left of it would stay blank: the next one is made anew.
    window.webContents.on("render-process-gone", () => {
      if (!window.isDestroyed()) window.destroy();
    });
    window.on("closed", () => {
      clearInterval(refresh);
      this.#open = undefined;
      this.#closed();
    });
    void window.loadURL(pageUrl);
    return window;
  }

  #rememberedPlace(): Place | undefined {
    const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
    return rememberedPlace(this.#memo.get("place"), screens);
  }

  #remember(window: BrowserWindow): void {
    const note = (): void => {
      const place = { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
      this.#memo.set("place", placeText(place));
    };
    window.on("resize", note);
    window.on("move", note);
    window.webContents.on("before-input-event", (event, press) => {
      const contents = window.webContents;
      const factor = zoomAfter(contents.zoomFactor, press, process.platform === "darwin");
      if (factor === undefined) return;
      event.preventDefault();
      contents.zoomFactor = factor;
      this.#memo.set("zoom", String(factor));
    });
  }
}

const placed = (place: Place | undefined): Partial<Rectangle> => {
  if (place === undefined) return {};
  const { x, y, width, height } = place;
  return { x, y, width, height };
};
