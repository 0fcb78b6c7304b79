import { misleadingRun } from "../core/misleading.ts";

/** The longest value that stands in a message as it is, in characters. */
const usualLength = 80;

/** A value as it may stand in a message: short, and without what would disturb a terminal. */
export const shown = (value: string, length = usualLength): string => {
  const plain = value.replace(misleadingRun, " ");
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
};
