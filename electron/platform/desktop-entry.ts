/** A desktop entry, as far as it says what is started at login. */
export interface DesktopEntry {
  readonly isEnabled: boolean;
  /** The program that it starts; undefined where it names none. */
  readonly program: string | undefined;
  /** Whether we have written it. */
  readonly isOurs: boolean;
}

/** What a new entry starts. */
export interface NewEntry {
  /** The absolute path of the program, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Variables that it needs, by name. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it does, by the language's code; `en` for all others. */
  readonly comments: Readonly<Record<string, string>>;
}

const group = "[Desktop Entry]";

const mark = "X-Evercred-Written";

const lines = (those: readonly string[]): string => `${[group, ...those].join("\n")}\n`;

/** Reads an entry of the Desktop Entry Specification 1.5. What it does not understand is not there. */
export const readEntry = (text: string): DesktopEntry => {
  const values = new Map(
    mainLines(text).flatMap((line): [string, string][] => {
      const [, key, value] = /^([A-Za-z0-9-]+)\s*=\s*(.*)$/u.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, unescaped(value.trim())]];
    }),
  );
  const isHidden =
    values.get("Hidden") === "true" || values.get("X-GNOME-Autostart-enabled") === "false";
  const [program] = [values.get("TryExec"), programOf(values.get("Exec") ?? "")].filter(
    (each) => each !== undefined,
  );
  return { isEnabled: !isHidden, program, isOurs: values.get(mark) === "true" };
};

/** The text of an entry that starts this. Throws a RangeError where no entry can name it. */
export const entryText = ({ command, environment, comments }: NewEntry): string => {
  const [program] = command;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const words = variables.length === 0 ? command : ["/usr/bin/env", ...variables, ...command];
  const { en, ...others } = comments;
  return lines([
    "Type=Application",
    "Name=Evercred",
    ...(en === undefined ? [] : [`Comment=${escaped(en)}`]),
    ...Object.entries(others).map(([code, comment]) => `Comment[${code}]=${escaped(comment)}`),
    `TryExec=${escaped(program)}`,
    `Exec=${execOf(words)}`,
    "Terminal=false",
    "StartupNotify=false",
    `${mark}=true`,
  ]);
};

/** The text of an entry that keeps the one of the same name in the system's own folder from being started. */
export const hidingText = lines([
  "Type=Application",
  "Name=Evercred",
  "Hidden=true",
  `${mark}=true`,
]);

/** Somebody's own entry, on or off; all else in it stays. */
export const switched = (text: string, isOn: boolean): string => {
  const kept = text
    .split("\n")
    .filter((line) => !/^(?:Hidden|X-GNOME-Autostart-enabled)\s*=/u.test(line));
  const head = kept.findIndex((line) => line.trim() === group);
  if (isOn || head === -1) return kept.join("\n");
  return [...kept.slice(0, head + 1), "Hidden=true", ...kept.slice(head + 1)].join("\n");
};

/** The lines of the main group: an action has an `Exec` of its own. */
const mainLines = (text: string): readonly string[] => {
  const all = text.split(/\r?\n/u);
  const start = all.findIndex((line) => line.trim() === group);
  if (start === -1) return [];
  const rest = all.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith("["));
  return end === -1 ? rest : rest.slice(0, end);
};

const programOf = (exec: string): string | undefined => {
  const words = [...exec.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gu)].map(
    ([, inQuotes, bare]) => inQuotes?.replaceAll(/\\(.)/gu, "$1") ?? bare ?? "",
  );
  const isEnv = words[0] === "/usr/bin/env" || words[0] === "env";
  const program = isEnv ? words.slice(1).find((word) => !word.includes("=")) : words[0];
  return program?.replaceAll("%%", "%");
};

/** The value of `Exec` that starts these words. Throws a RangeError where none can. */
export const execOf = (words: readonly string[]): string => escaped(words.map(quoted).join(" "));

/** A word of `Exec`. It is escaped once more, as every value is. */
const quoted = (word: string): string => {
  const literal = word.replaceAll("%", "%%");
  return /^[\w@%+:,./=-]+$/u.test(literal)
    ? literal
    : `"${literal.replaceAll(/["`$\\]/gu, String.raw`\$&`)}"`;
};

/** A value of text. Throws a RangeError where none can have it. */
export const escaped = (value: string): string => {
  if (/[\0-\x1f\x7f]/u.test(value)) throw new RangeError("A control character in a desktop entry.");
  return value.replaceAll("\\", String.raw`\\`);
};

const unescaped = (value: string): string =>
  value.replaceAll(/\\([snrt\\])/gu, (_, code: string) => escapes[code] ?? "");

const escapes: Readonly<Record<string, string>> = {
  s: " ",
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
};
