import { createHash } from "node:crypto";
import type { ChainRoot } from "./chain-root.ts";
import { homeRegionOf } from "./checks.ts";
import { shown } from "../shown.ts";
import { type AssumedRole, roleKeyOf } from "./definition.ts";
import type { Report } from "../problem.ts";
import {
  durationMsOf,
  externalIdOf,
  mfaSerialOf,
  regionOf,
  roleArnOf,
  sessionNameOf,
} from "./profile-settings.ts";
import type { Profile } from "./profile-table.ts";
import type { Chain } from "./role-chains.ts";

/** A role at the end of a chain, and the device that has to confirm who is at its beginning. */
export interface ChainedRole {
  readonly assumed: AssumedRole;
  readonly mfaSerial: string | undefined;
}

/** The role of the last profile of a chain; undefined where one on the way cannot be. */
export const chainedRoleOf = (
  { root, hops }: Chain,
  organisationRegion: string | undefined,
  report: Report,
): ChainedRole | undefined => {
  const [first] = hops;
  if (first === undefined) return undefined;
  const mayAsk = root.kind === "profile" && isLongLived(root);
  const mfaSerial = mayAsk ? mfaSerialOf(first, report) : undefined;
  let before: Before = {
    key: root.kind === "sso" ? roleKeyOf(root.role) : undefined,
    chained: isRole(root),
    region: regionOfRoot(root) ?? organisationRegion,
  };
  let assumed: AssumedRole | undefined;
  for (const profile of hops) {
    if (!(mayAsk && profile === first)) reportUselessDevice(profile, report);
    assumed = assumedRoleOf(profile, before, report);
    if (assumed === undefined) return undefined;
    before = { key: assumed.key, chained: true, region: assumed.region ?? before.region };
  }
  return assumed && { assumed, mfaSerial };
};

/** Whether what a source starts from can ask for a session of its own, with a device's code. */
export const isLongLived = ({ root }: ChainRoot & { readonly kind: "profile" }): boolean =>
  root.kind === "keys" && root.sessionToken === undefined;

/** The credential that a role is assumed with. */
interface Before {
  readonly key: string | undefined;
  readonly chained: boolean;
  readonly region: string | undefined;
}

const assumedRoleOf = (
  profile: Profile,
  { key: parent, chained, region: regionBefore }: Before,
  report: Report,
): AssumedRole | undefined => {
  const roleArn = roleArnOf(profile, report);
  const externalId = externalIdOf(profile, report);
  if (roleArn === undefined || externalId === undefined) return undefined;
  const region = regionOf(profile, report);
  const how = {
    parent,
    chained,
    roleArn,
    sessionName: sessionNameOf(profile, report),
    externalId: externalId.value,
    durationMs: durationMsOf(profile, chained, report),
    stsRegion: region ?? regionBefore ?? homeRegionOf(roleArn),
  };
  return { name: profile.name, key: keyOf(how), ...how, region };
};

/** Readable, and equal where all that AWS is asked is equal. */
const keyOf = (how: Omit<AssumedRole, "name" | "key" | "region">): string => {
  const { parent, roleArn, sessionName, externalId, durationMs, stsRegion } = how;
  const asked = [parent, roleArn, sessionName, externalId, durationMs, stsRegion];
  const hash = createHash("sha256").update(JSON.stringify(asked)).digest("hex").slice(0, 12);
  return `${roleArn}#${hash}`;
};

/** What a program or the environment gives may be a role's or a user's: AWS knows, and we ask. */
const isRole = (root: ChainRoot): boolean => {
  switch (root.kind) {
    case "sso":
      return true;
    case "profile":
      return root.root.kind === "web-identity";
    case "machine":
      return root.root.kind !== "environment";
  }
};

const regionOfRoot = (root: ChainRoot): string | undefined => {
  switch (root.kind) {
    case "sso":
      return root.role.region;
    case "profile":
      return root.region;
    case "machine":
      return undefined;
  }
};

const reportUselessDevice = ({ name, settings }: Profile, report: Report): void => {
  const serial = settings.get("mfa_serial");
  if (serial === undefined) return;
  report(
    serial,
    `Profile ${shown(name)} names an MFA device, but only long-lived keys can present its code, so it is left out.`,
    "Delete mfa_serial, or let source_profile lead to keys.",
  );
};
