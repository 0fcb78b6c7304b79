import { Notification } from "electron";
import type { Trouble, View } from "../protocol/view.ts";
import { mayOpen, type Need, needsOf, noticeOf, type Told } from "./need.ts";

/** How a person is asked to sign in: a notification, the tray icon alone, or the page itself. */
export type Ask = "notify" | "tray" | "open";

export interface NotificationPorts {
  readonly ask: (source: string) => Ask;
  /** Whether the person wants notifications at all. */
  readonly wanted: () => boolean;
  readonly signIn: (source: string) => void;
  /** Opens the page as a program may. False where only a person can go on. */
  readonly open: (source: string) => Promise<boolean>;
  readonly openWindow: () => void;
}

/** Asks a person where one is needed: once an occasion. */
export class Notifications {
  readonly #ports: NotificationPorts;
  /** Kept until they are over: a notification that is collected loses its click. */
  readonly #asking = new Map<string, Notification>();
  #saying: Notification | undefined;
  #told: Told = new Map();

  constructor(ports: NotificationPorts) {
    this.#ports = ports;
  }

  show(view: View): void {
    const { needs, told } = needsOf(view, this.#told);
    this.#told = told;
    for (const source of this.#asking.keys()) {
      if (!told.has(source)) this.#withdraw(source);
    }
    for (const need of needs) void this.#ask(need, view.at);
  }

  /** Says what came of something that the person has chosen in the tray. */
  tell({ sentence, remedy }: Trouble): void {
    this.#saying?.close();
    this.#saying = new Notification({ title: "Evercred", body: `${sentence} ${remedy}` });
    this.#saying.on("click", () => {
      this.#ports.openWindow();
    });
    this.#saying.show();
  }

  async #ask(need: Need, now: number): Promise<void> {
    const source = need.source.id;
    const ask = this.#ports.ask(source);
    if (ask === "tray") return;
    const opens = ask === "open" && mayOpen(need);
    if (opens && (await this.#ports.open(source))) return;
    if (!this.#ports.wanted()) return;
    this.#withdraw(source);
    const notification = new Notification(noticeOf(need, now));
    this.#asking.set(source, notification);
    notification.on("click", () => {
      this.#withdraw(source);
      this.#ports.signIn(source);
    });
    notification.show();
  }

  #withdraw(source: string): void {
    this.#asking.get(source)?.close();
    this.#asking.delete(source);
  }
}
