/** What could move, hide or turn around the words about it: steering and formatting characters, what ends a line, what has no form of its own. */
export const misleading = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Several of them in a row. */
export const misleadingRun = /[\p{C}\p{Zl}\p{Zp}]+/gu;
