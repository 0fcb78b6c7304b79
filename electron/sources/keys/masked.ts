/** What a secret is named by, right before it. */
const namesSecret =
  /(?:pass(?:word|phrase|wd|code)?|secret|token|key|bearer|basic|credentials?)["']?[:=]?$/i;

/** How long a word may be, by what it is made of: plain letters, as languages have them, and all else. */
const longest = { small: 22, capitals: 11, others: 8, mixed: 5 };

/**
 * A line of text without what may be a secret: of each word that is not plainly one of a language nothing is left. It
 * is better to lose a name or a path than to keep a password.
 */
export const withoutSecrets = (line: string): string => {
  let before = "";
  return line.replace(/\S+/g, (word) => {
    const [, opening = "", core = "", closing = ""] =
      /^(["'`([{<]*)(.*?)(["'`)\]}>.,;:!?]*)$/s.exec(word) ?? [];
    const isNamed = namesSecret.test(before);
    before = word;
    return isNamed || !isPlain(core) ? `${opening}…${closing}` : word;
  });
};

const isPlain = (word: string): boolean => {
  if (/[=@]/.test(word)) return false;
  return word.length <= longest[kindOf(word)];
};

const kindOf = (word: string): keyof typeof longest => {
  if (/^[A-Z]?[a-z]+$/.test(word)) return "small";
  if (/^[A-Z_]+$/.test(word)) return "capitals";
  return /[a-z]/i.test(word) && /\d/.test(word) ? "mixed" : "others";
};
