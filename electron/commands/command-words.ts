/**
 * The words of a command line that has no shell syntax; undefined where it has some, or where one word would be another
 * thing to a shell than it is to us.
 */
export const plainWordsOf = (line: string): readonly [string, ...string[]] | undefined => {
  const [first, ...others] = line.trim().split(/[ \t]+/);
  if (first === undefined || first === "" || first.includes("=")) return undefined;
  const words = [first, ...others] as const;
  return words.every((word) => plainWord.test(word)) ? [...words] : undefined;
};

/** A tilde is a path's beginning to both. */
const plainWord = /^(?:~\/)?[\w@%+=:,./-]+$/;
