import type { Owner } from "./chain-root.ts";
import { faultOfAccount, faultOfRegion, faultOfRole } from "./checks.ts";
import { shown } from "../shown.ts";
import type { ConfiguredSource, ProfileRole } from "./definition.ts";
import type { United } from "./one-sign-in.ts";
import type { Report } from "../problem.ts";
import type { Profile } from "./profile-table.ts";
import type { Chain, ConfiguredProfile } from "./role-chains.ts";

/** The profiles of Evercred's own configuration by name. A name stands for one role only: the first counts. */
export const configuredProfilesOf = (
  configured: readonly ConfiguredSource[],
  report: Report,
): ReadonlyMap<string, ConfiguredProfile> => {
  const found = new Map<string, ConfiguredProfile>();
  for (const owner of configured) {
    for (const profile of owner.profiles ?? []) {
      const role = roleOf(owner.id, profile, report);
      if (role === undefined) continue;
      const other = found.get(role.name);
      if (other === undefined) found.set(role.name, { owner, role });
      else {
        report(
          undefined,
          `sources.${owner.id} and sources.${other.owner.id} both have a profile ${shown(role.name)}; the latter counts.`,
          "Give one of them another name.",
        );
      }
    }
  }
  return found;
};

type ConfiguredRole = NonNullable<ConfiguredSource["profiles"]>[number];

const roleOf = (
  id: string,
  { name, account, role, region }: ConfiguredRole,
  report: Report,
): ProfileRole | undefined => {
  const fault =
    faultOfAccount(account) ?? faultOfRole(role) ?? (region && faultOfRegion(region)) ?? undefined;
  if (fault === undefined || fault === "") return { name, account, role, region };
  report(undefined, `sources.${id}, profile ${shown(name)}: ${fault.sentence}.`, fault.remedy);
  return undefined;
};

/** Says where a profile of the files is something else than the configured one of its name, which is handed out. */
export const reportOverruled = (
  { name, at }: Profile,
  { root, hops }: Chain,
  { owner, role }: ConfiguredProfile,
  byOwner: ReadonlyMap<Owner, United>,
  report: Report,
): void => {
  const isSame =
    hops.length === 0 &&
    root.kind === "sso" &&
    byOwner.has(owner) &&
    byOwner.get(owner) === byOwner.get(root.owner) &&
    root.role.account === role.account &&
    root.role.role === role.role;
  if (isSame) return;
  report(
    at,
    `Profile ${shown(name)} is another role in sources.${owner.id}; Evercred hands out the latter.`,
    "Give one of them another name.",
  );
};
