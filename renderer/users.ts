import type { ActivityView, OfferView } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";

/** So many programs are named; who wants to know of all looks at the record. */
const atMost = 3;

/** The programs that were last given what is handed out under an offer's name, the latest first. */
export const programsOf = (
  { target }: Pick<OfferView, "target">,
  activity: readonly ActivityView[],
): readonly string[] => {
  const served = activity.filter(({ event, subject }) => event === "served" && subject === target);
  return [...new Set(served.flatMap(({ program }) => program ?? []))].slice(0, atMost);
};

/** Names in a row, as the language has it. */
export const listLine = (names: readonly string[], { language, locale }: Words): string =>
  new Intl.ListFormat(locale ?? language, { style: "short", type: "unit" }).format(names);
