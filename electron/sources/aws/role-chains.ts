import { nearest } from "../../core/nearest.ts";
import { type ChainRoot, machineOf, rootOf } from "./chain-root.ts";
import { shown } from "../shown.ts";
import type { ConfiguredSource, ProfileRole } from "./definition.ts";
import type { Places } from "./places.ts";
import type { Report } from "../problem.ts";
import { hasSsoSettings, kindOf } from "./profile-kinds.ts";
import { hasKeys, type Profile } from "./profile-table.ts";

/** A profile of Evercred's own configuration. */
export interface ConfiguredProfile {
  readonly owner: ConfiguredSource;
  readonly role: ProfileRole;
}

/** How a profile comes to its credential: from the root, through these profiles, each with a role. */
export interface Chain {
  readonly root: ChainRoot;
  readonly hops: readonly Profile[];
}

/** What a chain is looked up in. */
export interface Ground {
  readonly table: ReadonlyMap<string, Profile>;
  /** They win over the files. */
  readonly configured: ReadonlyMap<string, ConfiguredProfile>;
  readonly places: Places;
  readonly report: Report;
}

/** The chain of a profile; undefined where it has no credential, or none that we can get. */
export const chainOf = (profile: Profile, ground: Ground): Chain | undefined => {
  const hops: Profile[] = [];
  const path = [profile];
  let current = profile;
  let kind = kindOf(profile, "target");
  while (kind.kind === "role") {
    hops.unshift(current);
    const source = sourceOf(current, ground);
    if (source === undefined) return undefined;
    if ("kind" in source) return { root: source, hops };
    if (path.includes(source) && !(source === current && hasKeys(source))) {
      reportLoop([...path.slice(path.indexOf(source)), source], ground.report);
      return undefined;
    }
    kind = kindOf(source, "source");
    if (kind.kind === "none") {
      ground.report(
        current.settings.get("source_profile"),
        `Profile ${shown(current.name)} takes its credential from ${shown(source.name)}, which has none.`,
        `Give ${shown(source.name)} keys, sso_ settings or a credential_process.`,
      );
      return undefined;
    }
    path.push(source);
    current = source;
  }
  const root = rootOf(current, kind, ground.places, ground.report);
  return root && { root, hops };
};

/** Where the role of a profile is assumed from: another profile, or what is a root at once. */
const sourceOf = (profile: Profile, ground: Ground): Profile | ChainRoot | undefined => {
  const { table, configured, report } = ground;
  const { name, settings } = profile;
  const source = settings.get("source_profile");
  const machine = settings.get("credential_source");
  if (source === undefined && machine === undefined) {
    reportSourceless(profile, report);
    return undefined;
  }
  if (source !== undefined && machine !== undefined) {
    report(
      machine,
      `Profile ${shown(name)} has both a source_profile and a credential_source, so no tool uses it.`,
      "Delete one of the two.",
    );
    return undefined;
  }
  if (machine !== undefined) return machineOf(name, machine, report);
  if (source === undefined) return undefined;
  const own = configured.get(source.value);
  if (own !== undefined) return { kind: "sso", ...own };
  const found = table.get(source.value);
  if (found !== undefined) return found;
  const near = nearest(source.value, [...table.keys(), ...configured.keys()]);
  report(
    source,
    `Profile ${shown(name)} takes its credential from ${shown(source.value)}, which is not there.`,
    near === undefined ? `Add a profile ${shown(source.value)}.` : `Did you mean ${shown(near)}?`,
  );
  return undefined;
};

const reportSourceless = (profile: Profile, report: Report): void => {
  const { at, name, settings } = profile;
  const arn = settings.get("role_arn") ?? at;
  if (hasSsoSettings(profile)) {
    report(
      arn,
      `Profile ${shown(name)} names both a role of the organisation and a role_arn, so tools disagree on what it is.`,
      "Make two profiles of it, the second with source_profile.",
    );
  } else {
    report(
      arn,
      `Profile ${shown(name)} has a role_arn but neither a source_profile nor a credential_source.`,
      "Add source_profile with the name of the profile that may assume the role.",
    );
  }
};

/** Says which profiles lead back to themselves: the same words whichever of them is looked at. */
const reportLoop = (loop: readonly Profile[], report: Report): void => {
  const members = loop.slice(1);
  const first = members.reduce((a, b) => (b.name < a.name ? b : a));
  const start = members.indexOf(first);
  const turned = [...members.slice(start), ...members.slice(0, start), first];
  report(
    first.settings.get("source_profile") ?? first.at,
    `These profiles take their credentials from each other: ${turned.map(({ name }) => shown(name)).join(" -> ")}.`,
    "Let one of them end in keys, sso_ settings or a credential_process.",
  );
};
