import { misleadingRun } from "../core/misleading.ts";

/** What somebody else says, as it may stand in a sentence: short, and without what would steer a terminal. */
export const printable = (text: string): string => {
  const plain = text.replace(misleadingRun, " ").replace(/\s+/gu, " ").trim();
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
};
