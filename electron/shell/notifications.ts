import { Notification } from "electron";
import type { Picture } from "../protocol/picture.ts";
import type { Trouble, View } from "../protocol/view.ts";
import { troubleWords } from "../protocol/trouble-words.ts";
import type { Words } from "../protocol/words.ts";
import { mayOpen, type Need, needsOf, noticeOf, toldAfter, type Told } from "./need.ts";

/** How a person is asked to sign in: a notification, the tray icon alone, or the page itself. */
export type Ask = "notify" | "tray" | "open";

/** For how long "remind me later" is, in milliseconds. */
const reminderMs = 60 * 60_000;

export interface NotificationPorts {
  readonly words: () => Words;
  /** Whether somebody is there who may be asked. Where not, it is drawn again as soon as somebody is. */
  readonly mayAsk: () => boolean;
  readonly ask: (source: string) => Ask;
  /** Whether the person wants notifications at all. */
  readonly wanted: () => boolean;
  /** Signs in to one after the other. */
  readonly signIn: (sources: readonly string[]) => void;
  /** Opens their pages as a program may, one after the other; of those that only a person can open `askAloud` is called. */
  readonly open: (sources: readonly string[]) => void;
  /** Asks for nothing until then. */
  readonly askAgainAt: (at: number) => void;
  readonly openWindow: () => void;
  /** Called after each notification: whether it could be shown. */
  readonly shown: (could: boolean) => void;
}

/** Asks a person where one is needed: once an occasion, and for all that they are needed for at once. */
export class Notifications {
  readonly #ports: NotificationPorts;
  /** Kept until it is over: a notification that is collected loses its click. */
  #asking: Notification | undefined;
  /** What it asks for. */
  readonly #asked = new Map<string, Need>();
  /** What is asked for by its page. */
  readonly #opening = new Map<string, Need>();
  #saying: Notification | undefined;
  #told: Told = new Map();
  /** For what a person is needed, whether they were told or not, and what waits for them already. */
  #needed: ReadonlySet<string> = new Set();

  constructor(ports: NotificationPorts) {
    this.#ports = ports;
  }

  show(view: View & Pick<Picture, "quietUntil">): void {
    const { needs, told } = needsOf(view, this.#told);
    // Whoever asks that waits for a return: not where there is nothing to say.
    const mayAsk = needs.length === 0 || this.#ports.mayAsk();
    const isQuiet = view.quietUntil !== undefined;
    this.#told = toldAfter(this.#told, told, { mayAsk, isQuiet });
    const open = view.sources.filter(({ signIn }) => signIn !== undefined);
    this.#needed = new Set([...told.keys(), ...open.map(({ id }) => id)]);
    for (const source of this.#asked.keys()) {
      if (!told.has(source)) this.#asked.delete(source);
    }
    if (this.#asked.size === 0) this.#withdraw();
    if (!mayAsk) return;
    const loud = needs.filter(({ source }) => this.#ports.ask(source.id) !== "tray");
    const isOpened = (need: Need): boolean =>
      this.#ports.ask(need.source.id) === "open" && mayOpen(need);
    const opened = loud.filter(isOpened);
    for (const need of opened) this.#opening.set(need.source.id, need);
    if (opened.length > 0) this.#ports.open(opened.map(({ source }) => source.id));
    this.#notify(loud.filter((need) => !isOpened(need)));
  }

  /** Whether a person is still needed for it. */
  isNeeded(source: string): boolean {
    return this.#needed.has(source);
  }

  /** Asks by a notification, since the page of this source could not be opened by itself: now, or once somebody may be asked. */
  askAloud(source: string): void {
    const need = this.#opening.get(source);
    if (need === undefined || !this.isNeeded(source)) return;
    if (this.#ports.mayAsk()) this.#notify([need]);
    else this.#told = new Map([...this.#told].filter(([told]) => told !== source));
  }

  /** Says what came of something that the person has chosen in the tray. */
  tell(trouble: Trouble): void {
    const { sentence, remedy } = troubleWords(trouble, this.#ports.words());
    this.#saying?.close();
    this.#saying = new Notification({ title: "Evercred", body: `${sentence} ${remedy}` });
    this.#saying.on("click", () => {
      this.#ports.openWindow();
    });
    this.#saying.show();
  }

  /** One notification for these, and for what the one before asks for still. */
  #notify(needs: readonly Need[]): void {
    if (needs.length === 0) return;
    for (const need of needs) this.#asked.set(need.source.id, need);
    this.#asking?.close();
    this.#asking = undefined;
    if (!this.#ports.wanted()) return;
    const words = this.#ports.words();
    const notification = new Notification({
      ...noticeOf([...this.#asked.values()], Date.now(), words),
      // Only macOS has buttons that reach an app as it runs; elsewhere the tray's menu has it.
      ...(process.platform === "darwin" && {
        actions: [{ type: "button", text: words.texts.notices.remindLater }],
      }),
    });
    this.#asking = notification;
    notification.on("click", () => {
      const sources = [...this.#asked.keys()];
      this.#asked.clear();
      this.#withdraw();
      this.#ports.signIn(sources);
    });
    notification.on("action", () => {
      this.#ports.askAgainAt(Date.now() + reminderMs);
    });
    notification.on("show", () => {
      this.#ports.shown(true);
    });
    notification.on("failed", () => {
      this.#ports.shown(false);
    });
    notification.show();
  }

  #withdraw(): void {
    this.#asking?.close();
    this.#asking = undefined;
  }
}
