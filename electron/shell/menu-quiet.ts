import { clockTime, hourLine } from "../protocol/times.ts";
import type { Words } from "../protocol/words.ts";
import { atMost, choice, type Line } from "./menu-line.ts";
import { endOf, nextHours } from "./until.ts";

/** How somebody has themselves left alone for a while; and while they are, how they end that. */
export const quietLine = (
  { at, quietUntil }: { readonly at: number; readonly quietUntil: number | undefined },
  words: Words,
): Line => {
  const { menu } = words.texts;
  if (quietUntil !== undefined) return choice(menu.askAgain, { kind: "ask-again" });
  const tomorrow = hourLine(endOf("tomorrow", at), words);
  return {
    kind: "submenu",
    label: menu.doNotAsk,
    lines: [
      choice(menu.forAnHour, { kind: "do-not-ask", until: "hour" }),
      ...nextHours(at, atMost).map((until) =>
        choice(menu.until({ time: clockTime(until, at, words) }), { kind: "do-not-ask", until }),
      ),
      choice(menu.untilTomorrow({ time: tomorrow }), { kind: "do-not-ask", until: "tomorrow" }),
    ],
  };
};
