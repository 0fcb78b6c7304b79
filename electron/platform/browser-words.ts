/**
 * The commands of BROWSER, each as its words: `:` between them (`;` on Windows), words apart by spaces, quotes
 * around a word with spaces. `%s` stands for the address; without one it comes last.
 */
export const browserCommands = (
  text: string,
  platform: NodeJS.Platform,
): readonly (readonly string[])[] =>
  text
    .split(platform === "win32" ? ";" : ":")
    .map(wordsOf)
    .filter((words) => words.length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", "{url}"))
        : [...words, "{url}"],
    );

const wordsOf = (command: string): readonly string[] =>
  Array.from(command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/gu), ([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/gu, "$1$2"),
  );
