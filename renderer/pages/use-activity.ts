import { useEffect, useState } from "preact/hooks";
import {
  type ActivityFound,
  type ActivityQuery,
  type ActivityRow,
  mostRows,
} from "../../electron/protocol/activity.ts";
import type { Trouble } from "../../electron/protocol/view.ts";
import { evercred } from "../bridge.ts";
import { useWords } from "../words-context.ts";
import { withAdded } from "./added-rows.ts";

/** After so long without a further character somebody has typed what they look for, in milliseconds. */
const typedMs = 150;

/** So many rows fill the window: they come at once, and the rest of them behind. */
const firstRows = 100;

export const everything: ActivityQuery = { text: "", source: "", program: "" };

/** What the reader looks for in the record, and what has been found of it so far. */
export interface Looking {
  readonly query: ActivityQuery;
  readonly found: ActivityFound | undefined;
  readonly trouble: Trouble | undefined;
  readonly look: (query: ActivityQuery) => void;
}

/** The record as it is looked for, with what is recorded meanwhile. */
export const useActivity = (): Looking => {
  const words = useWords();
  const [query, setQuery] = useState(everything);
  const [found, setFound] = useState<ActivityFound>();
  const [trouble, setTrouble] = useState<Trouble>();

  useEffect(() => {
    let isWanted = true;
    // What is recorded while the record is looked through may stand in front of where that began.
    const meanwhile: ActivityRow[] = [];
    const stop = evercred.onActivityAdded((rows) => {
      meanwhile.push(...rows);
      setFound((before) => before && withAdded(before, rows, query, words));
    });
    const find = async (most: number): Promise<void> => {
      const reply = await evercred.activity({ ...query, most });
      if (!isWanted) return;
      setTrouble(reply.kind === "done" ? undefined : reply.trouble);
      if (reply.kind === "failed") return;
      setFound(withAdded(reply.value, meanwhile, query, words));
      if (reply.value.hasMore && most < mostRows) await find(mostRows);
    };
    const timer = setTimeout(() => void find(firstRows), query.text === "" ? 0 : typedMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
      stop();
    };
  }, [query, words]);

  return { query, found, trouble, look: setQuery };
};
