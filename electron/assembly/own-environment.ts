import { comparedVariables, differencesOf, waysOf } from "../commands/environment.ts";
import type { Difference } from "../commands/environment-ways.ts";
import { saveDifference } from "../commands/setup-differences.ts";
import { freeKeyName } from "../commands/setup-save.ts";
import type { Context } from "../commands/verb.ts";
import { EvercredError } from "../core/errors.ts";
import type { DifferenceView } from "../protocol/first-run-view.ts";
import { type OwnPlace, ownRequest, type ShellVariables } from "./own-request.ts";

/** Where the user's terminals work otherwise than the daemon, which the desktop starts without what they set. */
export interface OwnEnvironment {
  /** Asks the login shell. Where it does not answer there is no difference. */
  differences(): Promise<readonly DifferenceView[]>;
  /** Has the daemon work as the one of these words that was seen last. Rejects with why not. */
  save(sentence: string): Promise<void>;
}

export const openOwnEnvironment = (
  context: Context,
  shellVariables: ShellVariables,
  place: OwnPlace,
): OwnEnvironment => {
  let seen: readonly Difference[] = [];
  return {
    differences: async () => {
      const variables = await shellVariables(comparedVariables);
      const environment = { where: "Your terminal", isProject: false, variables: variables ?? {} };
      seen = differencesOf(environment, waysOf(context));
      return seen.map(({ variable, sentence, remedy, changes }) => ({
        variable,
        sentence,
        remedy,
        canSave: changes.length > 0,
      }));
    },
    save: async (sentence) => {
      const difference = seen.find((each) => each.sentence === sentence);
      if (difference === undefined || difference.changes.length === 0) {
        throw new EvercredError("unknown-name", "That is not to be saved any more.", {
          remedy: "Look again.",
        });
      }
      const nameOf = (usual: string): Promise<string> =>
        Promise.resolve(freeKeyName(usual, context));
      const request = ownRequest([], place, new AbortController().signal);
      await saveDifference(difference, nameOf, request, context);
    },
  };
};
