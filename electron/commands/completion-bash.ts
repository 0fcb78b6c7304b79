import type { FlagChoice, Place } from "./completion-places.ts";

/** What bash sources. It runs in the bash 3.2 of macOS too, and needs no package. */
export const bashScript = (places: readonly Place[]): string => `# evercred in bash
_evercred_words() {
  case $1 in
${cases(places, ({ words }) => words.map(([word]) => word))}
  esac
}

_evercred_flags() {
  case $1 in
${cases(places, ({ flags }) => flags.map(flagWord))}
  esac
}

_evercred() {
  local IFS=$' \\t\\n' current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local at='' is_verb=1 next flags i=1
  COMPREPLY=()
  [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[1]} == help ]] && i=2
  for ((; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == -- ]]; then
      # The caller's own program, and what is said to it.
      if ((i == COMP_CWORD - 1)); then COMPREPLY=($(compgen -c -- "$current"))
      else compopt -o default 2>/dev/null; fi
      return
    fi
    next="\${at:+$at }\${COMP_WORDS[i]}"
    if [[ -n $is_verb && -n "$(_evercred_words "$next")$(_evercred_flags "$next")" ]]; then at=$next
    else is_verb=''; fi
  done
  flags=" $(_evercred_flags "$at") "
  if [[ $flags == *" $before=FILE "* ]]; then compopt -o default 2>/dev/null
  elif [[ $flags == *" $before= "* ]]; then return
  elif [[ $current == -* ]]; then
    flags=\${flags//=FILE/}
    COMPREPLY=($(compgen -W "\${flags//=/}" -- "$current"))
  elif [[ -n $is_verb ]]; then COMPREPLY=($(compgen -W "$(_evercred_words "$at")" -- "$current"))
  fi
}

complete -F _evercred evercred
`;

/** A flag that takes a value ends with what follows it. */
const flagWord = ({ name, takes }: FlagChoice): string =>
  `--${name}${{ nothing: "", "a value": "=", "a file": "=FILE" }[takes]}`;

const cases = (places: readonly Place[], wordsOf: (place: Place) => readonly string[]): string =>
  places
    .map((place) => ({ at: place.at, words: wordsOf(place) }))
    .filter(({ words }) => words.length > 0)
    .map(({ at, words }) => `    '${at}') echo '${words.join(" ")}' ;;`)
    .join("\n");
