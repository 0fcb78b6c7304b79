import { clockTime } from "../electron/protocol/times.ts";
import { troubleWords } from "../electron/protocol/trouble-words.ts";
import type { UpdateFailure, UpdateView } from "../electron/protocol/update-view.ts";
import type { Words } from "../electron/protocol/words.ts";

/** What is said of an update, and what to do; the latter may be empty. */
export interface UpdateWords {
  readonly sentence: string;
  readonly remedy: string;
}

export const updateWords = (update: UpdateView, now: number, words: Words): UpdateWords => {
  const { updates } = words.texts;
  const only = (sentence: string): UpdateWords => ({ sentence, remedy: "" });
  switch (update.kind) {
    case "off":
      return only(
        {
          build: updates.offBuild,
          package: updates.offPackage,
          policy: updates.offPolicy,
          settings: updates.offSettings,
        }[update.why],
      );
    case "current": {
      const { checkedAt } = update;
      if (checkedAt === undefined) return only(updates.notYet);
      return only(updates.current({ time: clockTime(checkedAt, now, words) }));
    }
    case "checking":
      return only(updates.checking);
    case "found":
      return { sentence: updates.found(update), remedy: updates.foundRemedy };
    case "downloading":
      return only(updates.downloading(update));
    case "ready":
      return { sentence: updates.ready(update), remedy: updates.readyRemedy };
    case "installed":
      return { sentence: updates.installed(update), remedy: updates.installedRemedy };
    case "failed":
      return failureWords(update, words);
  }
};

const failureWords = ({ fault, trouble }: UpdateFailure, words: Words): UpdateWords => {
  if (fault === "network") {
    return trouble === undefined ? words.texts.errors.unreachable : troubleWords(trouble, words);
  }
  const [sentence, remedy] = words.texts.updates.faults[fault];
  return { sentence, remedy };
};
