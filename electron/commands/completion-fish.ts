import type { FlagChoice, Place } from "./completion-places.ts";
import { fishQuoted } from "./shell-quoting.ts";

/** What fish sources. */
export const fishScript = (places: readonly Place[]): string => `# evercred in fish
function __evercred_words
    set -l words (commandline -opc)
    set -e words[1]
    if test (count $words) -gt 0; and test "$words[1]" = help
        set -e words[1]
    end
    string join \\n -- $words
end

# The verb that has been typed, or the beginning of one.
function __evercred_at
    set -l at ''
    for word in (__evercred_words)
        set -l next (string trim -- "$at $word")
        contains -- "$next" ${places.map(({ at }) => fishQuoted(at)).join(" ")}
        or break
        set at $next
    end
    echo $at
end

function __evercred_has_program
    contains -- -- (commandline -opc)
end

# Whether a word of a verb may follow: nothing else has been typed.
function __evercred_next
    set -l words (__evercred_words)
    not __evercred_has_program
    and test "$words" = "$argv"
end

function __evercred_in
    set -l at (__evercred_at)
    not __evercred_has_program
    and test "$at" = "$argv"
end

# The caller's own program, and what is said to it.
function __evercred_program
    set -l words (commandline -opc)
    set -l end (contains -i -- -- $words)
    set -e words[1..$end]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c evercred -e
complete -c evercred -f
complete -c evercred -n __evercred_has_program -a '(__evercred_program)'
${places.flatMap(linesOf).join("\n")}
`;

const linesOf = ({ at, words, flags }: Place): readonly string[] => [
  ...words.map(
    ([word, summary]) =>
      `complete -c evercred -n ${fishQuoted(`__evercred_next ${at}`.trim())} -a ${word} -d ${fishQuoted(summary)}`,
  ),
  ...flags.map(
    (flag) =>
      `complete -c evercred -n ${fishQuoted(`__evercred_in ${at}`.trim())} ${flagWords(flag)} -d ${fishQuoted(flag.summary)}`,
  ),
];

const flagWords = ({ name, short, takes }: FlagChoice): string =>
  [
    `-l ${name}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    ...{ nothing: [], "a value": ["-x"], "a file": ["-rF"] }[takes],
  ].join(" ");
