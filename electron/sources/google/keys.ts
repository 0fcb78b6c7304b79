import { nearest } from "../../core/nearest.ts";
import type { Report } from "../problem.ts";
import type { GoogleKey } from "./offer.ts";

/** A key that is an identity token. */
export interface IdTokenKeyEntry {
  readonly kind: "gcp-id-token";
  readonly source?: string;
  readonly audience: string;
  readonly impersonate: readonly string[];
}

/** A key that is an access token. */
export interface AccessTokenKeyEntry {
  readonly kind: "gcp-access-token";
  readonly source?: string;
  readonly scopes: readonly string[];
  readonly impersonate: readonly string[];
}

/** The keys of the configuration, by name; those of other kinds may stand beside. */
export type KeyEntries = Readonly<
  Record<
    string,
    | IdTokenKeyEntry
    | AccessTokenKeyEntry
    | { readonly kind: "static" | "command" | "jwt" | "oidc" | "aws-bedrock" }
  >
>;

/** A source that keys may be of. */
export interface KeyGiver {
  readonly id: string;
  /** Whose grant it is that cannot choose an audience; undefined where it can, or nobody knows yet. */
  readonly bound: "a person's own sign-in" | "a federated identity" | undefined;
  /** Whether its grant is ours: it comes first where a key names no source. */
  readonly isOwn: boolean;
}

/** The keys of each source, by its id. What cannot be a key is reported. */
export const keysBySource = (
  entries: KeyEntries,
  givers: readonly KeyGiver[],
  usual: string | undefined,
  report: Report,
): ReadonlyMap<string, readonly GoogleKey[]> => {
  const found = new Map<string, GoogleKey[]>();
  for (const [name, entry] of Object.entries(entries)) {
    if (entry.kind !== "gcp-id-token" && entry.kind !== "gcp-access-token") continue;
    const giver = giverOf(name, entry.source ?? usual, givers, report);
    if (giver === undefined || !canGive(giver, name, entry, report)) continue;
    const key = { name, ask: askOf(entry) };
    found.set(giver.id, [...(found.get(giver.id) ?? []), key]);
  }
  return found;
};

const askOf = (entry: IdTokenKeyEntry | AccessTokenKeyEntry): GoogleKey["ask"] => {
  const { impersonate } = entry;
  return entry.kind === "gcp-id-token"
    ? { form: "id", scopes: [], impersonate, audience: entry.audience }
    : { form: "access", scopes: entry.scopes, impersonate, audience: undefined };
};

/** The source that is named, else the only one whose grant is ours, else the only one. */
const giverOf = (
  name: string,
  named: string | undefined,
  givers: readonly KeyGiver[],
  report: Report,
): KeyGiver | undefined => {
  const ids = givers.map(({ id }) => id);
  if (named !== undefined) {
    const giver = givers.find(({ id }) => id === named);
    if (giver !== undefined) return giver;
    const near = nearest(named, ids);
    report(
      undefined,
      `keys.${name} is of the source ${named}, which is no Google source that can be used.`,
      near === undefined ? `Name ${listOf(ids)}.` : `Did you mean ${near}?`,
    );
    return undefined;
  }
  const ranks = [givers.filter(({ isOwn }) => isOwn), givers];
  const only = ranks.find(({ length }) => length === 1)?.[0];
  if (only !== undefined) return only;
  report(
    undefined,
    givers.length === 0
      ? `keys.${name} needs a Google source, and there is none.`
      : `keys.${name} does not say which Google source it is of.`,
    `Name ${listOf(ids)}.`,
  );
  return undefined;
};

const listOf = (ids: readonly string[]): string =>
  ids.length === 0
    ? 'one that you add under "sources", of kind google or google-adc'
    : `one as its source: ${ids.join(", ")}`;

const canGive = (
  { id, bound }: KeyGiver,
  name: string,
  { kind, impersonate }: IdTokenKeyEntry | AccessTokenKeyEntry,
  report: Report,
): boolean => {
  if (kind === "gcp-access-token" || impersonate.length > 0 || bound === undefined) return true;
  report(
    undefined,
    `keys.${name} is of ${id}, ${bound}, which cannot choose an audience.`,
    `Add impersonate to it: the service account that the token is to be of.`,
  );
  return false;
};
