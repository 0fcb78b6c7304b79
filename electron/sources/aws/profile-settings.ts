import {
  type Fault,
  faultOfExternalId,
  faultOfMfaSerial,
  faultOfRegion,
  faultOfRoleArn,
  faultOfSessionName,
} from "./checks.ts";
import { shown } from "../shown.ts";
import type { Report } from "../problem.ts";
import type { Profile } from "./profile-table.ts";

/** A setting that is well formed; `absent` or `bad`, and then reported, where it is not. */
type Checked = { readonly value: string } | "absent" | "bad";

const checked = (
  { name, settings }: Profile,
  key: string,
  faultOf: (value: string) => Fault | undefined,
  report: Report,
): Checked => {
  const setting = settings.get(key);
  if (setting === undefined) return "absent";
  const fault = faultOf(setting.value);
  if (fault === undefined) return { value: setting.value };
  report(setting, `Profile ${shown(name)}: ${fault.sentence}.`, fault.remedy);
  return "bad";
};

const valueOf = (setting: Checked): string | undefined =>
  typeof setting === "string" ? undefined : setting.value;

/** Where a profile's programs work; one that is no region is left out. */
export const regionOf = (profile: Profile, report: Report): string | undefined =>
  valueOf(checked(profile, "region", faultOfRegion, report));

/** The name of a role's session; one that AWS would not take is left out. */
export const sessionNameOf = (profile: Profile, report: Report): string | undefined =>
  valueOf(checked(profile, "role_session_name", faultOfSessionName, report));

/** The device whose code a profile asks for; one that cannot be is left out. */
export const mfaSerialOf = (profile: Profile, report: Report): string | undefined =>
  valueOf(checked(profile, "mfa_serial", faultOfMfaSerial, report));

/** The role of a profile; undefined where there is none that can be. */
export const roleArnOf = (profile: Profile, report: Report): string | undefined =>
  valueOf(checked(profile, "role_arn", faultOfRoleArn, report));

/** The external id of a role, where it has one; undefined where it has one that AWS would not take. */
export const externalIdOf = (
  profile: Profile,
  report: Report,
): { readonly value: string | undefined } | undefined => {
  const id = checked(profile, "external_id", faultOfExternalId, report);
  return id === "bad" ? undefined : { value: valueOf(id) };
};

/** What AWS takes, in seconds (service model of sts: `roleDurationSecondsType`). */
const leastSeconds = 900;
const mostSeconds = 43_200;

/** The most that AWS gives where a role is assumed with the credential of a role, in seconds. */
const mostChainedSeconds = 3_600;

/** How long a role's credential is to last, in milliseconds, within what AWS takes. */
export const durationMsOf = (
  { name, settings }: Profile,
  chained: boolean,
  report: Report,
): number | undefined => {
  const setting = settings.get("duration_seconds");
  if (setting === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(setting.value) ? Number(setting.value) : Number.NaN;
  if (Number.isNaN(seconds)) {
    report(
      setting,
      `Profile ${shown(name)}: duration_seconds is not a whole number, so it is left out.`,
      `Write ${leastSeconds} to ${mostSeconds}.`,
    );
    return undefined;
  }
  const most = chained ? mostChainedSeconds : mostSeconds;
  const used = Math.min(Math.max(seconds, leastSeconds), most);
  if (used !== seconds) {
    const why =
      chained && seconds > most
        ? "AWS gives a role that is reached from another role an hour at most"
        : `AWS takes ${leastSeconds} to ${mostSeconds} seconds`;
    report(
      setting,
      `Profile ${shown(name)}: ${why}, so Evercred asks for ${used}.`,
      `Set duration_seconds to ${used}.`,
    );
  }
  return used * 1_000;
};
