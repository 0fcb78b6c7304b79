import { Notification } from "electron";
import { type Noticed, noticeOf } from "./question.ts";
import type { View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";

/** Calls for attention where a program wants something: one notification at a time, which opens the window. */
export class QuestionNotice {
  readonly #wanted: () => boolean;
  readonly #mayAsk: () => boolean;
  readonly #openWindow: () => void;
  #noticed: Noticed | undefined;
  #shown: Notification | undefined;

  /** `wanted`: whether the person wants notifications at all. `mayAsk`: whether they may be asked just now. */
  constructor(wanted: () => boolean, mayAsk: () => boolean, openWindow: () => void) {
    this.#wanted = wanted;
    this.#mayAsk = mayAsk;
    this.#openWindow = openWindow;
  }

  show({ questions }: View, words: Words): void {
    const found = noticeOf(questions, this.#noticed, words);
    if (found?.question === this.#noticed?.question) return;
    const noticed = found !== undefined && this.#mayAsk() ? found : undefined;
    this.#noticed = noticed;
    this.#shown?.close();
    this.#shown = undefined;
    if (noticed === undefined || !this.#wanted()) return;
    this.#shown = new Notification({ title: noticed.title, body: noticed.body });
    this.#shown.on("click", () => {
      this.#openWindow();
    });
    this.#shown.show();
  }
}
