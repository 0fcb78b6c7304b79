import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import { type Place, placesOf } from "./completion-places.ts";
import { powershellScript } from "./completion-powershell.ts";
import { zshScript } from "./completion-zsh.ts";
import { plain } from "./plain.ts";
import type { Verb } from "./verb.ts";

type Script = (places: readonly Place[]) => string;

const scripts: Readonly<Record<string, Script>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

const shells = Object.keys(scripts);

/** What a shell needs to complete a command line of these verbs. */
export const completionOf = (verbs: () => readonly Verb[]): Verb => ({
  name: "completion",
  summary: "what your shell needs to complete a command line",
  words: shells.join("|"),
  most: 1,
  flags: {},
  about: `Prints a script for your shell, which offers verbs and their flags. It asks nobody, and is to be loaded at each start:
  bash        eval "$(evercred completion bash)"
  zsh         eval "$(evercred completion zsh)", after compinit
  fish        evercred completion fish | source
  powershell  evercred completion powershell | Out-String | Invoke-Expression`,
  run({ words: [shell] }, _request, reply) {
    reply.printForm({}, () => scriptFor(shell)(placesOf(verbs())));
    return Promise.resolve(0);
  },
});

const scriptFor = (shell: string | undefined): Script => {
  const script = shell !== undefined && Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script !== undefined) return script;
  const near = shell === undefined ? undefined : nearest(shell, shells);
  const sentence = shell === undefined ? "Which shell?" : `There is none for ${plain(shell)}.`;
  throw new EvercredError("usage", sentence, {
    remedy: near === undefined ? `There are ${shells.join(", ")}.` : `Did you mean ${near}?`,
  });
};
