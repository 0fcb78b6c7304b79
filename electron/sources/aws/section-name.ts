/**
 * Splits a section header into words as botocore does (Python's shlex, POSIX rules): quotes group,
 * a backslash takes the next character as it is. Undefined where a quote or a backslash stays open.
 */
export const wordsOf = (header: string): readonly string[] | undefined => {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < header.length; i++) {
    const char = header.charAt(i);
    if (quote === "'") {
      if (char === quote) quote = undefined;
      else word = (word ?? "") + char;
    } else if (char === "\\") {
      const next = header.charAt(++i);
      if (next === "") return undefined;
      // Inside double quotes only these two lose the backslash.
      const kept = quote === '"' && next !== '"' && next !== "\\" ? "\\" : "";
      word = (word ?? "") + kept + next;
    } else if (quote === '"') {
      if (char === quote) quote = undefined;
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
};
