import { EvercredError } from "../core/errors.ts";
import type { NewSource, Reply } from "../protocol/ipc.ts";
import { replyOf } from "./actions.ts";
import type { VerbRunner } from "./claude.ts";

/** What a person can add to the configuration in the window. None rejects. */
export interface Adding {
  /** Gives the id of the source that there is now. */
  addSource(source: NewSource): Promise<Reply<string>>;
  /** Adds a key whose secret is entered afterwards. `expiresAt`: a day as `2027-03-31`; empty: it does not end. */
  addKey(name: string, expiresAt: string): Promise<Reply<void>>;
  /** Has the person choose a file; undefined where they choose none. */
  chooseFile(): Promise<Reply<string | undefined>>;
}

export const addingOf = (
  verbs: VerbRunner,
  askFile: () => Promise<string | undefined>,
): Adding => ({
  addSource: (source) =>
    replyOf(async () => {
      const fields =
        source.kind === "google"
          ? [`--client-file=${source.clientFile}`]
          : [`--issuer=${source.issuer}`, `--client-id=${source.clientId}`];
      await verbs.run(["source", "add", wordOf(source.name), "--kind", source.kind, ...fields]);
      return source.name;
    }),
  addKey: (name, expiresAt) =>
    replyOf(async () => {
      const end = expiresAt === "" ? [] : [`--expires-at=${expiresAt}`];
      await verbs.run(["api-key", "add", wordOf(name), "--kind", "static", ...end]);
    }),
  chooseFile: () => replyOf(askFile),
});

/** A name as a word of a command line: there it is never a flag. Throws `usage` for what would be one, or nothing. */
const wordOf = (name: string): string => {
  if (name !== "" && !name.startsWith("-")) return name;
  throw new EvercredError("usage", "That is no name.", {
    remedy: "A name is of a-z, 0-9 and dashes, of 32 characters at most.",
  });
};
