/**
 * Splits a command line as botocore does on Windows (compat.py, `_windows_shell_split`): a backslash means
 * something only before a double quote. Undefined where a quote stays open.
 */
export const windowsWordsOf = (line: string): readonly string[] | undefined => {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  let backslashes = 0;
  const add = (text: string): void => {
    word = (word ?? "") + text;
  };
  const addBackslashes = (count: number): void => {
    if (count > 0) add("\\".repeat(count));
    backslashes = 0;
  };
  for (const char of line) {
    if (char === "\\") backslashes += 1;
    else if (char === '"') {
      const isEscaped = backslashes % 2 === 1;
      addBackslashes(Math.floor(backslashes / 2));
      if (isEscaped) add('"');
      else {
        isQuoted = !isQuoted;
        add("");
      }
    } else if ((char === " " || char === "\t") && !isQuoted) {
      addBackslashes(backslashes);
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      addBackslashes(backslashes);
      add(char);
    }
  }
  addBackslashes(backslashes);
  if (isQuoted) return undefined;
  return word === undefined ? words : [...words, word];
};
