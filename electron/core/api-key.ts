/** The longest key that Claude Code takes from its `apiKeyHelper`, in characters (2.1.331). */
const longest = 16_384;

/**
 * Why Claude Code would not take this text as an API key, as the end of a sentence; undefined where it would. It takes
 * one word of printable ASCII.
 */
export const keyFaultOf = (key: string): string | undefined => {
  if (key === "") return "is empty";
  if (key.length > longest) return `is longer than ${longest.toLocaleString("en")} characters`;
  if (/[\r\n]/.test(key)) return "has more than one line";
  if (/\s/.test(key)) return "has a space in it";
  if (!/^[!-~]+$/.test(key)) return "has characters in it that no header can carry";
  return undefined;
};
