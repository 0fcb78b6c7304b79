/** What a command line gives a shell or an interpreter to run. */
export type Work =
  /** A script: the word that names it. */
  | { readonly kind: "script"; readonly word: string }
  /** A module of Python's, by its name. */
  | { readonly kind: "module"; readonly name: string }
  /** Commands that stand on the line. */
  | { readonly kind: "commands" }
  /** What comes in at the standard input: from a person's hand, a pipe, a file. */
  | { readonly kind: "input" }
  /** Something that cannot be told: an option decides that we do not know. */
  | { readonly kind: "untold" };

const commands: Work = { kind: "commands" };
const input: Work = { kind: "input" };
const untold: Work = { kind: "untold" };

/** The options of a shell; all others are untold, since a shell may take the next word for their value. */
interface Shell {
  /** After these the script is still the next plain word. */
  readonly plain: RegExp;
  /** These take a word of their own. */
  readonly valued?: RegExp;
  readonly commands: RegExp;
  readonly input?: RegExp;
  /** After these no more options come. */
  readonly last: RegExp;
}

const posix: Shell = {
  plain: /^[-+][aefhilmnpuvx]+$/u,
  valued: /^[-+][aefhilmnpuvx]*o$/u,
  commands: /^-[aefhilmnpuvx]*c[aefhilmnpuvx]*$/u,
  input: /^-[aefhilmnpuvx]*s[aefhilmnpuvx]*$/u,
  last: /^--?$/u,
};

/** Its long options may have one hyphen only; those that look like `-c` or `-s` are untold by the letters in them. */
const bash: Shell = {
  ...posix,
  plain: /^[-+][aefhilmnpuvx]+$|^--(?:login|no(?:editing|profile|rc)|posix|restricted|verbose)$/u,
  valued: /^[-+][aefhilmnpuvx]*[oO]$|^--(?:rcfile|init-file)$/u,
};

const csh: Shell = { plain: /^-[efvx]+$/u, commands: /^-[efvx]*c$/u, last: /^--$/u };

const fish: Shell = {
  plain: /^-[ilnNP]+$|^--(?:interactive|login|no-(?:config|execute)|private)$/u,
  valued: /^--init-command$/u,
  commands: /^-[ilnNP]*c|^--command(?:=.*)?$/u,
  last: /^--$/u,
};

const shells: Readonly<Record<string, Shell>> = {
  ...Object.fromEntries(
    ["sh", "ash", "dash", "ksh", "mksh", "yash", "zsh"].map((name) => [name, posix]),
  ),
  bash,
  rbash: bash,
  csh,
  tcsh: csh,
  fish,
};

/** Settings that leave the script where it is; others, such as zsh's `shinstdin`, may not. */
const settings =
  /^(?:allexport|braceexpand|emacs|err(?:exit|trace)|extglob|functrace|globstar|hashall|hist(?:expand|ory)|ignoreeof|inherit_errexit|monitor|no(?:clobber|glob|log|tify|unset)|nullglob|physical|pipefail|posix|verbose|vi|xtrace)$/u;

/** Whether a program of this name is a shell. */
export const isShell = (name: string): boolean => shellOf(name) !== undefined;

/** What a shell of this name is given to run. Needs its first word, its own name. */
export const shellWork = (name: string, [, ...words]: readonly string[]): Work => {
  const shell = shellOf(name);
  if (shell === undefined) return untold;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (shell.last.test(word)) return scriptIn(words) ?? input;
    if (shell.commands.test(word)) return commands;
    if (shell.input?.test(word) === true) return input;
    if (shell.valued?.test(word) === true) {
      const value = words.shift();
      if (/^[-+]\w*o$/iu.test(word) && !settings.test(value ?? "")) return untold;
    } else if (!shell.plain.test(word)) {
      return /^[-+]/u.test(word) ? untold : { kind: "script", word };
    }
  }
  return input;
};

const shellOf = (name: string): Shell | undefined => {
  // `ksh93`, `zsh-5.9`, `bash-static`
  const plain = name.replace(/(?:-static|[\d.-]+)$/u, "");
  return Object.hasOwn(shells, plain) ? shells[plain] : undefined;
};

/** An interpreter: options after which the script is still the next plain word, and those that take a word of their own. */
interface Interpreter {
  readonly plain?: RegExp;
  readonly valued?: RegExp;
}

const python: Interpreter = { plain: /^-[bBdEIOPqRsSuvx]+$|^-[WX].+$/u, valued: /^-[WX]$/u };

/** Other options are untold: they give code, load more of it, or take words that we do not know of. */
const interpreters: Readonly<Record<string, Interpreter>> = {
  python,
  pypy: python,
  node: {
    plain:
      /^--(?:no-(?:warnings|deprecation)|enable-source-maps|use-(?:system|openssl|bundled)-ca|max-[\w-]+=\d+|stack-size=\d+|trace-[\w-]+)$/u,
  },
  bun: { plain: /^(?:run|-b|--bun|--silent)$/u },
  deno: { plain: /^(?:run|-[Aq]|--quiet|--no-prompt|--(?:allow|deny)-[\w-]+(?:=.*)?)$/u },
  ruby: { plain: /^-[wv]$|^-W[0-2]?$/u },
  perl: { plain: /^-[wWTtXU]+$/u },
  php: { plain: /^-[qf]$/u },
  java: { plain: /^-(?:jar|server|X[ms][a-z]?\d+[kmgKMG]?|D[\w.]+=.*)$/u },
  Rscript: { plain: /^--(?:vanilla|slave|no-[\w-]+)$/u },
  ...Object.fromEntries(
    [
      "dotnet",
      "electron",
      "guile",
      "julia",
      "lua",
      "luajit",
      "elvish",
      "mono",
      "nu",
      "octave",
      "osascript",
      "pwsh",
      "racket",
      "tclsh",
      "wish",
    ].map((name) => [name, {}]),
  ),
};

/** The dynamic loader, which runs a program that its command line names. */
const loader = /^ld(?:-linux[\w-]*|-musl[\w-]*|-[\d.]+|64)?\.so(?:\.\d+)?$/u;

/** What an interpreter is given to run; undefined where the name is none of an interpreter's. Needs its first word. */
export const interpreterWork = (
  name: string,
  [, ...words]: readonly string[],
): Work | undefined => {
  const known = interpreterOf(name);
  if (known === undefined) return undefined;
  const { plain, valued } = known;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") return scriptIn(words) ?? untold;
    if (valued?.test(word) === true) words.shift();
    else if (plain?.test(word) !== true) {
      const [module] = words;
      const isModule = word === "-m" && module !== undefined && /^(?:python|pypy)/u.test(name);
      if (isModule) return { kind: "module", name: module };
      return word.startsWith("-") ? untold : { kind: "script", word };
    }
  }
  return untold;
};

const interpreterOf = (name: string): Interpreter | undefined => {
  if (loader.test(name)) return {};
  // `python3.11`, `nodejs`, `ruby3.1`, `electron30`
  const plain = name === "nodejs" ? "node" : name.replace(/[\d.-]+$/u, "");
  return Object.hasOwn(interpreters, plain) ? interpreters[plain] : undefined;
};

const scriptIn = ([word]: readonly string[]): Work | undefined =>
  word === undefined ? undefined : { kind: "script", word };
