import { chainedRoleOf, isLongLived } from "./assumed-roles.ts";
import type { ChainRoot } from "./chain-root.ts";
import { homeRegionOf } from "./checks.ts";
import type { AssumedRole, AwsProfileDefinition, ProfileRoot } from "./definition.ts";
import type { Report } from "../problem.ts";
import { mfaSerialOf, regionOf } from "./profile-settings.ts";
import type { Profile } from "./profile-table.ts";
import type { Chain } from "./role-chains.ts";
import { assignIds } from "./source-id.ts";

/** A profile of the files and how it comes to its credential. */
export interface Traced {
  readonly profile: Profile;
  readonly chain: Chain;
}

interface Draft {
  readonly idName: string;
  readonly title: string;
  readonly root: ProfileRoot;
  readonly region: string | undefined;
  readonly mfaSerial: string | undefined;
  readonly profiles: AwsProfileDefinition["profiles"][number][];
  readonly assumed: AssumedRole[];
}

/**
 * What is not at an organisation, by what it starts from. Keys with a device are a source of their own, for
 * each device: one code serves every profile that asks for it, and nobody is asked for the sake of the others.
 */
export const profileDefinitionsOf = (
  traced: readonly Traced[],
  taken: ReadonlySet<string>,
  report: Report,
): readonly AwsProfileDefinition[] => {
  const drafts = new Map<string, Draft>();
  const draftOf = (root: OwnRoot, mfaSerial: string | undefined): Draft => {
    const draft = draftFor(root, mfaSerial);
    const key = JSON.stringify([root.kind, draft.idName, mfaSerial]);
    const known = drafts.get(key) ?? draft;
    drafts.set(key, known);
    return known;
  };
  for (const { profile, chain } of traced) {
    const { root } = chain;
    if (root.kind === "sso") continue;
    if (chain.hops.length > 0) {
      const role = chainedRoleOf(chain, undefined, report);
      if (role !== undefined) draftOf(root, role.mfaSerial).assumed.push(role.assumed);
    } else {
      const mayAsk = root.kind === "profile" && isLongLived(root);
      const serial = mayAsk ? mfaSerialOf(profile, report) : undefined;
      const region = regionOf(profile, report);
      draftOf(root, serial).profiles.push({ name: profile.name, region });
    }
  }
  const all = [...drafts.values()];
  const ids = assignIds(
    all.map(({ idName }) => idName),
    taken,
  );
  return all.map(({ title, root, region, mfaSerial, profiles, assumed }, index) => ({
    id: ids[index] ?? "",
    title,
    root,
    mfaSerial,
    profiles,
    assumed,
    stsRegion: region ?? assumed[0]?.stsRegion ?? homeRegionOf(mfaSerial),
  }));
};

type OwnRoot = Exclude<ChainRoot, { readonly kind: "sso" }>;

const machineTitles: Readonly<Record<(OwnRoot & { kind: "machine" })["root"]["kind"], string>> = {
  environment: "Environment",
  ec2: "EC2 instance",
  ecs: "ECS container",
};

const draftFor = (root: OwnRoot, mfaSerial: string | undefined): Draft => {
  const content = { root: root.root, mfaSerial, profiles: [], assumed: [] };
  if (root.kind === "machine") {
    const { kind } = root.root;
    return { idName: kind, title: machineTitles[kind], region: undefined, ...content };
  }
  const { name, region } = root;
  return mfaSerial === undefined
    ? { idName: name, title: name, region, ...content }
    : { idName: `${name}-mfa`, title: `${name} with MFA`, region, ...content };
};
