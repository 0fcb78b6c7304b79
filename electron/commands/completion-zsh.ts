import type { FlagChoice, Place } from "./completion-places.ts";
import { posixQuoted } from "./shell-quoting.ts";

/** What zsh sources, or finds as `_evercred` on its `fpath`. */
export const zshScript = (places: readonly Place[]): string => `#compdef evercred
_evercred_words() {
  case $1 in
${cases(places, ({ words }) => words.map(([word, summary]) => `${word}:${summary}`))}
  esac
}

_evercred_flags() {
  case $1 in
${cases(places, ({ flags }) => flags.map(({ name, summary }) => `--${name}:${summary}`))}
  esac
}

# Which flags of a verb have a value behind them: a file, or anything else.
_evercred_files() {
  case $1 in
${cases(places, ({ flags }) => flags.filter(({ takes }) => takes === "a file").map(flagWord))}
  esac
}

_evercred_values() {
  case $1 in
${cases(places, ({ flags }) => flags.filter(({ takes }) => takes === "a value").map(flagWord))}
  esac
}

_evercred() {
  local at='' is_verb=1 next i=2 before=$words[CURRENT-1]
  local -a found known
  [[ $CURRENT -gt 2 && $words[2] == help ]] && i=3
  for (( ; i < CURRENT; i++ )); do
    if [[ $words[i] == -- ]]; then
      # The caller's own program, and what is said to it.
      words=("\${(@)words[i+1,-1]}")
      (( CURRENT -= i ))
      _normal
      return
    fi
    next="\${at:+$at }$words[i]"
    known=()
    found=() && _evercred_words "$next" && known+=("\${(@)found}")
    found=() && _evercred_flags "$next" && known+=("\${(@)found}")
    if [[ -n $is_verb && $#known -gt 0 ]]; then at=$next
    else is_verb=''; fi
  done
  found=() && _evercred_files "$at"
  if (( \${found[(Ie)$before]} )); then _files; return; fi
  found=() && _evercred_values "$at"
  if (( \${found[(Ie)$before]} )); then return 1; fi
  found=()
  if [[ $PREFIX == -* ]]; then
    _evercred_flags "$at"
    _describe -o flag found
  elif [[ -n $is_verb ]]; then
    _evercred_words "$at"
    _describe word found
  fi
}

if [[ $funcstack[1] == _evercred ]]; then _evercred "$@"
else compdef _evercred evercred; fi
`;

const flagWord = ({ name }: FlagChoice): string => `--${name}`;

const cases = (places: readonly Place[], itemsOf: (place: Place) => readonly string[]): string =>
  places
    .map((place) => ({ at: place.at, items: itemsOf(place) }))
    .filter(({ items }) => items.length > 0)
    .map(({ at, items }) => `    '${at}') found=(${items.map(posixQuoted).join(" ")}) ;;`)
    .join("\n");
