import { shown } from "../shown.ts";
import { hasKeys, type Profile, type Setting } from "./profile-table.ts";
import type { Report } from "../problem.ts";
import type { StaticKeys } from "./static-keys.ts";

/** Where a profile's credential comes from. */
export type ProfileKind =
  | { readonly kind: "role"; readonly arn: Setting }
  | { readonly kind: "web-identity"; readonly tokenFile: Setting }
  | { readonly kind: "sso" }
  | { readonly kind: "keys"; readonly keys: StaticKeys }
  | { readonly kind: "login" }
  | { readonly kind: "process"; readonly command: Setting }
  | { readonly kind: "none" };

/**
 * What a profile is by botocore's order (`create_credential_resolver`, `ProfileProviderBuilder`). As a source
 * of another profile one with keys is not a role, so that both may stand in one profile (`_resolve_credentials_from_profile`).
 */
export const kindOf = (profile: Profile, as: "target" | "source"): ProfileKind => {
  const { settings, sharedKeys, configKeys } = profile;
  const arn = settings.get("role_arn");
  const tokenFile = settings.get("web_identity_token_file");
  const asRole = as === "target" || !hasKeys(profile);
  if (arn !== undefined && tokenFile === undefined && asRole) return { kind: "role", arn };
  if (tokenFile !== undefined && tokenFile.value !== "") return { kind: "web-identity", tokenFile };
  if (settings.has("sso_account_id") || settings.has("sso_role_name")) return { kind: "sso" };
  if (sharedKeys?.accessKeyId !== undefined) return { kind: "keys", keys: sharedKeys };
  if (settings.has("login_session")) return { kind: "login" };
  const command = settings.get("credential_process");
  if (command !== undefined) return { kind: "process", command };
  if (configKeys?.accessKeyId !== undefined) return { kind: "keys", keys: configKeys };
  return { kind: "none" };
};

/** What the AWS SDK for JavaScript takes a profile for (`resolveProfileData`): its order is another one. */
const kindInJavaScript = ({ settings, sharedKeys, configKeys }: Profile): ProfileKind["kind"] => {
  const role = settings.has("role_arn");
  const sources = ["source_profile", "credential_source"].filter((name) => settings.has(name));
  if (role && sources.length === 1) return "role";
  const id = sharedKeys?.accessKeyId ?? configKeys?.accessKeyId;
  const secret = sharedKeys?.secretAccessKey ?? configKeys?.secretAccessKey;
  if (id !== undefined && secret !== undefined) return "keys";
  if (role && settings.has("web_identity_token_file")) return "web-identity";
  if (settings.has("credential_process")) return "process";
  if (ssoSettings.some((name) => settings.has(name))) return "sso";
  return settings.has("login_session") ? "login" : "none";
};

/** What shows that a profile has to do with Identity Center. */
const ssoSettings = [
  "sso_session",
  "sso_start_url",
  "sso_region",
  "sso_account_id",
  "sso_role_name",
];

/** Whether a profile has to do with Identity Center, be it that it names no role there. */
export const hasSsoSettings = ({ settings }: Profile): boolean =>
  ssoSettings.some((name) => settings.has(name));

const words: Readonly<Record<Exclude<ProfileKind["kind"], "none">, string>> = {
  role: "role_arn with its source",
  "web-identity": "web_identity_token_file",
  sso: "its sso_ settings",
  keys: "its keys",
  login: "login_session",
  process: "credential_process",
};

/** Says where a profile is one thing for the AWS CLI, and for us, and another one for programs in JavaScript. */
export const reportDisagreement = (profile: Profile, report: Report): void => {
  const ours = kindOf(profile, "target").kind;
  const theirs = kindInJavaScript(profile);
  // A role without a source is refused anyway; a sign-in of the AWS CLI is not ours.
  const isClear = ours === theirs || ours === "role" || ours === "login";
  if (isClear || ours === "none" || theirs === "none") return;
  report(
    profile.at,
    `Profile ${shown(profile.name)} is two things: the AWS CLI and Evercred go by ${words[ours]}, the AWS SDK for JavaScript by ${words[theirs]}.`,
    "Keep one of the two, or make two profiles.",
  );
};
