import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bashScript } from "../../electron/commands/completion-bash.ts";
import { fishScript } from "../../electron/commands/completion-fish.ts";
import { placesOf } from "../../electron/commands/completion-places.ts";
import { powershellScript } from "../../electron/commands/completion-powershell.ts";
import { zshScript } from "../../electron/commands/completion-zsh.ts";
import { completionOf } from "../../electron/commands/completion.ts";
import type { Verb } from "../../electron/commands/verb.ts";
import { verbs } from "../../electron/commands/verbs.ts";

const verb = (name: string, summary: string, parts: Partial<Verb> = {}): Verb => ({
  name,
  summary,
  words: "",
  most: 0,
  flags: {},
  about: "",
  run: () => Promise.resolve(0),
  ...parts,
});

/** Verbs with all that may be hard for a shell. */
const few: readonly Verb[] = [
  verb("aws export", 'a profile\'s keys: `whoami` $HOME \\ "all" %x% #'),
  verb("aws login", "’quoted’"),
  verb("aws profiles add", "add"),
  verb("key", "a key", { words: "NAME", flags: { fresh: { summary: "it's new" } } }),
  verb("key set", "set it", {
    flags: {
      from: { value: "FILE", summary: "a file" },
      ends: { value: "DATE", short: "e", summary: "when" },
    },
  }),
  verb("run", "run", { takesProgram: true }),
  completionOf(() => few),
];

/** A folder with a file, and a program that no machine has. */
const workplace = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "evercred-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  writeFileSync(join(folder, "secret.pem"), "");
  mkdirSync(join(folder, "bin"));
  for (const name of ["zzprogram", "evercred"]) {
    writeFileSync(join(folder, "bin", name), "#!/bin/sh\n");
    chmodSync(join(folder, "bin", name), 0o755);
  }
  return folder;
};

/** What a shell prints in a workplace, without its user's settings. */
const printed = (
  [shell, ...args]: readonly string[],
  script: string,
  env: Readonly<Record<string, string>>,
): readonly string[] => {
  const folder = workplace();
  writeFileSync(join(folder, "bin", "script"), script);
  const output = execFileSync(shell!, args, {
    cwd: folder,
    env: {
      PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      LANG: "C.UTF-8",
      TERM: "dumb",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  return output.toString().split("\n").slice(0, -1);
};

/** What is offered for the last word of a line. */
type Offered = (verbsToo: readonly Verb[], line: string) => readonly string[];

/** As readline calls it. Where nothing is offered and files are to be, it says so with `compopt`. */
const inBash: Offered = (all, line) => {
  const ask = `
    compopt() { echo "files"; }
    source bin/script
    read -ra COMP_WORDS <<<"$LINE"
    [[ $LINE == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    [[ $(complete -p evercred) == 'complete -F _evercred evercred' ]] || exit 9
    _evercred evercred "\${COMP_WORDS[COMP_CWORD]}" ''
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return printed(["bash", "--norc", "-c", ask], bashScript(placesOf(all)), { LINE: line })
    .filter((each) => each !== "")
    .sort();
};

/** Tab in a real line editor. What is offered is noted, and then forgotten: nothing asks whether to list it all. */
const inZsh: Offered = (all, line) => {
  const setUp = `
    PROMPT=
    autoload -U compinit
    compinit -D -u
    source bin/script
    bindkey '^I' complete-word
    comppostfuncs=(exit)
    compadd() {
      if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
      local -a them
      builtin compadd -A them "$@"
      print -rl -- $them >>offered
      (( $#them ))
    }
    print re''ady`;
  const ask = `
    zmodload zsh/zpty
    print -r -- "$SET_UP" >set-up
    zpty editor zsh -f -i
    zpty -w editor 'source ./set-up'
    zpty -r -m editor out '*ready*'
    zpty -w -n editor "$LINE"$'\\t'
    while zpty -r editor; do :; done >/dev/null
    touch offered
    cat offered`;
  return printed(["zsh", "-f", "-c", ask], zshScript(placesOf(all)), { LINE: line, SET_UP: setUp })
    .filter((each) => each !== "")
    .map((each) => each.trimEnd())
    .sort();
};

const inFish: Offered = (all, line) => {
  const ask = `source bin/script; complete -C "$LINE"`;
  return printed(["fish", "--no-config", "-c", ask], fishScript(placesOf(all)), { LINE: line })
    .map((each) => each.split("\t")[0]!)
    .sort();
};

/** Flags that every verb has. */
const common = ["debug", "help", "no-color", "quiet", "timeout", "version", "yes"];

const flags = (...own: readonly string[]): readonly string[] =>
  [...own, ...common].map((name) => `--${name}`).sort();

describe.each<[string, Offered]>([
  ["bash", inBash],
  ["zsh", inZsh],
  ["fish", inFish],
])("%s", (_shell, offered) => {
  test.each<[string, readonly string[]]>([
    ["evercred ", ["aws", "completion", "help", "key", "run", "version"]],
    ["evercred aws ", ["export", "login", "profiles"]],
    ["evercred aws profiles ", ["add"]],
    ["evercred key ", ["set"]],
    ["evercred completion ", ["bash", "fish", "powershell", "zsh"]],
    ["evercred help ", ["aws", "completion", "help", "key", "run", "version"]],
    ["evercred help aws ", ["export", "login", "profiles"]],
  ])("'%s' is followed by the words of verbs", (line, words) => {
    expect(offered(few, line)).toEqual(words);
  });

  test.each<[string, readonly string[]]>([
    ["evercred --", ["--help", "--version"]],
    ["evercred aws export --", flags()],
    ["evercred key --", flags("fresh")],
    ["evercred key set x --", flags("from", "ends")],
    ["evercred key mine --", flags("fresh")],
  ])("'%s' is followed by the flags of the verb", (line, words) => {
    expect(offered(few, line)).toEqual(words);
  });

  test.each([
    "evercred aws export ",
    "evercred key mine ",
    "evercred key mine se",
    "evercred nothing ",
    "evercred key set --ends ",
    "evercred aws --",
  ])("'%s' is followed by what nobody knows", (line) => {
    expect(offered(few, line)).toEqual([]);
  });

  test("behind -- stands a program of the caller's", () => {
    expect(offered(few, "evercred run -- zzpro")).toEqual(["zzprogram"]);
  });

  test("of the verbs that there are, each family is offered", () => {
    const families = new Set(verbs.map(({ name }) => name.split(" ")[0]!));
    expect(offered(verbs, "evercred ")).toEqual([...families, "help", "version"].sort());
  });
});

test("every verb and each of its flags has its place", () => {
  const places = placesOf(verbs);
  for (const { name, flags: own } of verbs) {
    const words = name.split(" ");
    words.forEach((word, depth) => {
      const before = places.find(({ at }) => at === words.slice(0, depth).join(" "));
      expect(before?.words.map(([each]) => each)).toContain(word);
    });
    const offeredFlags = places.find(({ at }) => at === name)?.flags.map((flag) => flag.name);
    expect(offeredFlags).toEqual(expect.arrayContaining([...Object.keys(own), ...common]));
  }
});

test("a file is offered where a flag names one", () => {
  expect(inBash(few, "evercred key set --from ")).toEqual(["files"]);
  expect(inZsh(few, "evercred key set --from sec")).toEqual(["secret.pem"]);
  expect(inFish(few, "evercred key set --from sec")).toEqual(["secret.pem"]);
});

test("nothing is offered for a value that nobody knows", () => {
  expect(inBash(few, "evercred key set --ends -")).toEqual([]);
  expect(inZsh(few, "evercred key set --ends -")).toEqual([]);
  // Fish offers flags there whatever it is told, but joins no short flag to one with a value.
  expect(inFish(few, "evercred key set -e")).toEqual([]);
});

test("fish and zsh say what each is, whatever is in it", () => {
  const fish = printed(
    [
      "fish",
      "--no-config",
      "-c",
      `source bin/script; complete -C "evercred aws e"; complete -C "evercred k"`,
    ],
    fishScript(placesOf(few)),
    {},
  );
  expect(fish).toEqual([`export\t${few[0]!.summary}`, "key\ta key"]);
  const zsh = printed(
    [
      "zsh",
      "-f",
      "-c",
      "compdef() :; source bin/script; _evercred_words aws; print -r -- $found[1]",
    ],
    zshScript(placesOf(few)),
    {},
  );
  expect(zsh).toEqual([`export:${few[0]!.summary}`]);
});

describe("PowerShell", () => {
  const script = powershellScript(placesOf(few));

  test("gets texts in quotes of its own, and nothing that its code page may change", () => {
    expect(script).toContain(`('a profile''s keys: \`whoami\` $HOME \\ "all" %x% #')`);
    expect(script).toContain("('' + [char]8217 + 'quoted' + [char]8217)");
    expect(script).toMatch(/^[\n -~]*$/);
  });

  test("knows each place, its words, its flags, and which of them have a value", () => {
    expect(script).toContain(",@(('aws'), ('aws'))");
    expect(script).toContain(
      "('aws profiles') = @{\n            Words = @(,@(('add'), ('add')))\n            Flags = @()",
    );
    expect(script).toContain("Valued = @(('--from'), ('--ends'), ('--timeout'))");
    const open = script.match(/[({]/g)?.length;
    expect(script.match(/[)}]/g)).toHaveLength(open!);
  });
});
