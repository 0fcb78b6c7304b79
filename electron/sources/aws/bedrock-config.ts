import { nearest } from "../../core/nearest.ts";
import type { Report } from "../problem.ts";
import { shown } from "../shown.ts";
import type { BedrockKey } from "./bedrock-keys.ts";

/** A key that is made of a profile's keys. */
interface BedrockEntry {
  readonly kind: "aws-bedrock";
  readonly profile: string;
  /** Where it is good. Left out: where the profile's programs work. */
  readonly region?: string;
  /** The most that it is to be good, in milliseconds. */
  readonly lifetime: number;
}

/** The keys of the configuration, by name; those of other kinds may stand beside. */
export type KeyEntries = Readonly<
  Record<
    string,
    | BedrockEntry
    | {
        readonly kind: "static" | "command" | "jwt" | "oidc" | "gcp-id-token" | "gcp-access-token";
      }
  >
>;

interface Named {
  readonly name: string;
  readonly region: string | undefined;
}

/** What has profiles, under an id. */
interface ProfileOwner {
  readonly id: string;
  readonly profiles: readonly Named[];
  readonly assumed: readonly Named[];
}

/** The Bedrock keys of each source, by its id. What cannot be one is reported. */
export const bedrockKeysBySource = (
  entries: KeyEntries,
  owners: readonly ProfileOwner[],
  report: Report,
): ReadonlyMap<string, readonly BedrockKey[]> => {
  const profiles = new Map(
    owners.flatMap(({ id, profiles: own, assumed }) =>
      [...own, ...assumed].map(({ name, region }) => [name, { id, region }] as const),
    ),
  );
  const found = new Map<string, BedrockKey[]>();
  for (const [name, entry] of Object.entries(entries)) {
    if (entry.kind !== "aws-bedrock") continue;
    const { profile, lifetime: lifetimeMs } = entry;
    const owner = profiles.get(profile);
    if (owner === undefined) {
      const near = nearest(profile, profiles.keys());
      report(
        undefined,
        `keys.${name} is of the profile ${shown(profile)}, which is none that can be used.`,
        near === undefined ? "Name an AWS profile: evercred status" : `Did you mean ${near}?`,
      );
      continue;
    }
    const region = entry.region ?? owner.region;
    if (region === undefined) {
      report(
        undefined,
        `keys.${name} has no region, and its profile ${shown(profile)} has none either.`,
        "Add region to one of them.",
      );
      continue;
    }
    const key = { name, profile, region, lifetimeMs };
    found.set(owner.id, [...(found.get(owner.id) ?? []), key]);
  }
  return found;
};
