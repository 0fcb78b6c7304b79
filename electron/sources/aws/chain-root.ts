import { shown } from "../shown.ts";
import type { ConfiguredSource, ProfileRole, ProfileRoot } from "./definition.ts";
import type { Place, Places } from "./places.ts";
import type { Report } from "../problem.ts";
import type { ProfileKind } from "./profile-kinds.ts";
import { durationMsOf, regionOf, roleArnOf, sessionNameOf } from "./profile-settings.ts";
import { hasKeys, type Profile, type Setting } from "./profile-table.ts";

/** Who names an organisation: the AWS tools' configuration or our own. */
export type Owner = Place | ConfiguredSource;

/** What stands at the beginning of a chain. */
export type ChainRoot =
  | {
      readonly kind: "sso";
      readonly owner: Owner;
      readonly role: ProfileRole;
    }
  | {
      readonly kind: "profile";
      readonly name: string;
      readonly region: string | undefined;
      readonly root: Exclude<ProfileRoot, { readonly kind: "environment" | "ec2" | "ecs" }>;
    }
  | { readonly kind: "machine"; readonly root: { readonly kind: "environment" | "ec2" | "ecs" } };

/** botocore compares these as they are written (`CanonicalNameCredentialSourcer.is_supported`). */
const machines: Readonly<Record<string, "environment" | "ec2" | "ecs">> = {
  Environment: "environment",
  Ec2InstanceMetadata: "ec2",
  EcsContainer: "ecs",
};

/** The root that a `credential_source` names. */
export const machineOf = (name: string, source: Setting, report: Report): ChainRoot | undefined => {
  const kind = Object.hasOwn(machines, source.value) ? machines[source.value] : undefined;
  if (kind !== undefined) return { kind: "machine", root: { kind } };
  report(
    source,
    `Profile ${shown(name)}: "${shown(source.value)}" is no credential_source.`,
    `Write ${Object.keys(machines)
      .join(", ")
      .replace(/, (?=\w+$)/, " or ")}.`,
  );
  return undefined;
};

/** What a profile that is no role starts from; undefined where it is nothing that we can use. */
export const rootOf = (
  profile: Profile,
  kind: Exclude<ProfileKind, { readonly kind: "role" }>,
  places: Places,
  report: Report,
): ChainRoot | undefined => {
  const { name } = profile;
  const ofProfile = (root: (ChainRoot & { kind: "profile" })["root"]): ChainRoot => ({
    kind: "profile",
    name,
    region: regionOf(profile, report),
    root,
  });
  switch (kind.kind) {
    case "sso": {
      const placed = places.roleOf(profile);
      return placed && { kind: "sso", owner: placed.place, role: placed.role };
    }
    case "keys": {
      const { accessKeyId, secretAccessKey, sessionToken, endsAt } = kind.keys;
      if (accessKeyId !== undefined && accessKeyId !== "" && secretAccessKey !== undefined) {
        return ofProfile({ kind: "keys", accessKeyId, secretAccessKey, sessionToken, endsAt });
      }
      const missing = secretAccessKey === undefined ? "aws_secret_access_key" : "aws_access_key_id";
      reportHalfKeys(profile, missing, report);
      return undefined;
    }
    case "process": {
      const command = kind.command.value;
      if (command !== "") return ofProfile({ kind: "process", command });
      report(
        kind.command,
        `Profile ${shown(name)} has an empty credential_process.`,
        "Write the program there, or delete the line.",
      );
      return undefined;
    }
    case "web-identity": {
      if (!profile.settings.has("role_arn")) {
        report(
          kind.tokenFile,
          `Profile ${shown(name)} has a web_identity_token_file but no role_arn.`,
          "Add the role_arn that the token is good for.",
        );
        return undefined;
      }
      const roleArn = roleArnOf(profile, report);
      if (roleArn === undefined) return undefined;
      return ofProfile({
        kind: "web-identity",
        tokenFile: kind.tokenFile.value,
        roleArn,
        sessionName: sessionNameOf(profile, report),
        durationMs: durationMsOf(profile, false, report),
      });
    }
    case "none":
      if (hasKeys(profile)) reportHalfKeys(profile, "aws_access_key_id", report);
      return undefined;
    case "login":
      return undefined;
  }
};

const reportHalfKeys = (profile: Profile, missing: string, report: Report): void => {
  report(
    (profile.sharedKeys ?? profile.configKeys)?.at,
    `Profile ${shown(profile.name)} has no ${missing} beside its other key.`,
    `Add ${missing} to the same file.`,
  );
};
