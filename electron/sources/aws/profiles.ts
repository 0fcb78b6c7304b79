import { chainedRoleOf } from "./assumed-roles.ts";
import type { Owner } from "./chain-root.ts";
import type {
  AssumedRole,
  AwsProfileDefinition,
  AwsSsoDefinition,
  ConfiguredSource,
  ProfileRole,
} from "./definition.ts";
import { type United, unite } from "./one-sign-in.ts";
import { Places } from "./places.ts";
import { type Problem, Problems, type Report } from "../problem.ts";
import { hasSsoSettings, kindOf, reportDisagreement } from "./profile-kinds.ts";
import { withoutProcessLoops } from "./process-loops.ts";
import { configuredProfilesOf, reportOverruled } from "./profile-roles.ts";
import { profileDefinitionsOf, type Traced } from "./profile-definitions.ts";
import { type FileSections, profileTableOf, reportStrays } from "./profile-table.ts";
import { chainOf, type ConfiguredProfile } from "./role-chains.ts";
import { organisationOf, pairUp } from "./sso-definitions.ts";

/** What there is to sign in to and to hand out, and what of the configuration could not be used. */
export interface Definitions {
  readonly organisations: readonly AwsSsoDefinition[];
  /** What needs no organisation. */
  readonly profiles: readonly AwsProfileDefinition[];
  readonly problems: readonly Problem[];
}

/**
 * Makes definitions of both files of the AWS tools and of the `aws-sso` sources of Evercred's configuration. `others`
 * are the ids that are taken by sources of other kinds.
 */
export const readDefinitions = (
  config: FileSections,
  credentials: FileSections,
  configured: readonly ConfiguredSource[],
  others: readonly string[] = [],
): Definitions => {
  const problems = new Problems();
  const { report } = problems;
  const places = new Places(config, report);
  const table = profileTableOf(config, credentials);
  const own = configuredProfilesOf(configured, report);
  const traced: Traced[] = [];
  for (const profile of table.values()) {
    reportDisagreement(profile, report);
    const chain = chainOf(profile, { table, configured: own, places, report });
    if (chain !== undefined) traced.push({ profile, chain });
    // One that names an organisation and no role there is a way to sign in, too.
    else if (kindOf(profile, "target").kind === "none" && hasSsoSettings(profile)) {
      places.roleOf(profile);
    }
  }
  const united = unite(
    pairUp(places.list, configured, others).flatMap((pair) => {
      const organisation = organisationOf(pair, config.file, report);
      return organisation === undefined ? [] : [{ pair, organisation }];
    }),
  );
  const byOwner = byOwnerOf(united);
  const free = withoutProcessLoops(traced, report).filter(({ profile, chain }) => {
    const configuredToo = own.get(profile.name);
    if (configuredToo === undefined) return true;
    reportOverruled(profile, chain, configuredToo, byOwner, report);
    return false;
  });
  const offers = offersOf(free, own, byOwner, report);
  const organisations = united.map((each) => ({
    ...each.organisation,
    ...(offers.get(each) ?? { profiles: [], assumed: [] }),
  }));
  const taken = new Set([...others, ...[...configured, ...organisations].map(({ id }) => id)]);
  const profiles = profileDefinitionsOf(free, taken, report);
  reportStrays(config, report);
  return { organisations, profiles, problems: problems.list };
};

const byOwnerOf = (united: readonly United[]): ReadonlyMap<Owner, United> =>
  new Map(
    united.flatMap((each) =>
      each.pairs.flatMap(({ place, own }) =>
        [place, own].flatMap((owner) => (owner === undefined ? [] : [[owner, each] as const])),
      ),
    ),
  );

interface Offers {
  readonly profiles: ProfileRole[];
  readonly assumed: AssumedRole[];
}

/** What each organisation hands out: first what Evercred's own configuration names. */
const offersOf = (
  traced: readonly Traced[],
  own: ReadonlyMap<string, ConfiguredProfile>,
  byOwner: ReadonlyMap<Owner, United>,
  report: Report,
): ReadonlyMap<United, Offers> => {
  const offers = new Map<United, Offers>();
  const offersAt = (owner: Owner): (Offers & { readonly region: string }) | undefined => {
    const united = byOwner.get(owner);
    if (united === undefined) return undefined;
    const known = offers.get(united) ?? { profiles: [], assumed: [] };
    offers.set(united, known);
    return { ...known, region: united.organisation.region };
  };
  for (const { owner, role } of own.values()) offersAt(owner)?.profiles.push(role);
  for (const { chain } of traced) {
    const { root, hops } = chain;
    const at = root.kind === "sso" ? offersAt(root.owner) : undefined;
    if (root.kind !== "sso" || at === undefined) continue;
    if (hops.length === 0) at.profiles.push(root.role);
    else {
      const role = chainedRoleOf(chain, at.region, report);
      if (role !== undefined) at.assumed.push(role.assumed);
    }
  }
  return offers;
};
