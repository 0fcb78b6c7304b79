import { faultOfAccount, faultOfRegion, faultOfRole, shown } from "./checks.ts";
import type { ConfiguredSource, ProfileRole } from "./definition.ts";
import type { Pair, ReportProblem } from "./profiles.ts";

/** The profiles of each place. A name stands for one role only: Evercred's own configuration wins over the file. */
export const profilesOf = (
  pairs: readonly Pair[],
  report: ReportProblem,
): ReadonlyMap<Pair, readonly ProfileRole[]> => {
  const owned = new Map<string, { readonly pair: Pair; readonly role: ProfileRole }>();
  const result = new Map<Pair, ProfileRole[]>(pairs.map((pair) => [pair, []]));
  for (const pair of pairs) {
    for (const profile of pair.own?.profiles ?? []) {
      const role = roleOf(pair.id, profile, report);
      if (role === undefined) continue;
      const other = owned.get(role.name);
      if (other === undefined) {
        owned.set(role.name, { pair, role });
        result.get(pair)?.push(role);
      } else {
        report(
          undefined,
          `sources.${pair.id} and sources.${other.pair.id} both have a profile ${shown(role.name)}; the latter counts.`,
          "Give one of them another name.",
        );
      }
    }
  }
  for (const pair of pairs) {
    for (const { line, ...role } of pair.place?.profiles ?? []) {
      const own = owned.get(role.name);
      if (own === undefined) result.get(pair)?.push(role);
      else if (
        own.pair !== pair ||
        own.role.account !== role.account ||
        own.role.role !== role.role
      ) {
        report(
          line,
          `Profile ${shown(role.name)} is another role in sources.${own.pair.id}; Evercred hands out the latter.`,
          "Give one of them another name.",
        );
      }
    }
  }
  return result;
};

type ConfiguredProfile = NonNullable<ConfiguredSource["profiles"]>[number];

const roleOf = (
  id: string,
  { name, account, role, region }: ConfiguredProfile,
  report: ReportProblem,
): ProfileRole | undefined => {
  const fault =
    faultOfAccount(account) ?? faultOfRole(role) ?? (region && faultOfRegion(region)) ?? undefined;
  if (fault === undefined || fault === "") return { name, account, role, region };
  report(undefined, `sources.${id}, profile ${shown(name)}: ${fault.sentence}.`, fault.remedy);
  return undefined;
};
