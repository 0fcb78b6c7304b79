import { needsPerson } from "../protocol/headline.ts";
import type { View } from "../protocol/view.ts";

/** How many things wait for a person to begin with them: the number on the icon. */
export const badgeOf = ({ sources, questions }: View): number =>
  questions.length +
  sources.filter((source) => needsPerson(source) && source.signIn === undefined).length;
