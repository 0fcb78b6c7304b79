import { EvercredError } from "../../core/errors.ts";
import { type Fault, faultOfAccount, faultOfRegion, faultOfRole } from "./checks.ts";
import { shown } from "../shown.ts";
import type { Section } from "./config-grammar.ts";
import { isSectionName, type NewSection } from "./config-tail.ts";
import { type AwsSsoDefinition, usualScopes } from "./definition.ts";
import { isCredentialSetting } from "./settings-copy.ts";
import { isSamePlace } from "./start-url.ts";

/** A profile to be written: a role in an account under a name. */
export interface NewProfile {
  readonly name: string;
  readonly account: string;
  readonly role: string;
  readonly region: string | undefined;
}

/** What is known of an organisation that profiles are to be written for. */
export type KnownOrganisation = Pick<
  AwsSsoDefinition,
  "id" | "startUrl" | "region" | "cacheNames" | "profiles"
>;

/** Where an organisation is. */
type Whereabouts = Pick<AwsSsoDefinition, "startUrl" | "region">;

/** What both files of the AWS tools say. */
export interface BothFiles {
  readonly config: readonly Section[];
  readonly credentials: readonly Section[];
}

/** The sso-sessions that lead to this organisation. */
export const sessionsAt = (
  { startUrl, region }: Whereabouts,
  sections: readonly Section[],
): readonly Section[] =>
  sections.filter(
    ({ kind, options }) =>
      kind === "sso-session" &&
      isSamePlace(options.get("sso_start_url")?.value ?? "", startUrl) &&
      options.get("sso_region")?.value === region,
  );

/** Whether a sign-in to an sso-session is good for the organisation's accounts. */
export const leadsToAccounts = ({ options }: Section): boolean => {
  const scopes = options.get("sso_registration_scopes")?.value;
  return usualScopes.every((scope) => scopes?.includes(scope) ?? true);
};

/** An sso-session as it is written. */
export const sessionSection = (name: string, { startUrl, region }: Whereabouts): NewSection => ({
  header: `sso-session ${name}`,
  settings: [
    ["sso_start_url", startUrl],
    ["sso_region", region],
    ["sso_registration_scopes", usualScopes.join(",")],
  ],
});

/**
 * The sections to be written so that these profiles stand in the config file; of those that stand there already,
 * none. Throws `usage` where one cannot be, or its name is taken by something else.
 */
export const profileSectionsOf = (
  profiles: readonly NewProfile[],
  session: string,
  organisation: KnownOrganisation,
  organisations: readonly KnownOrganisation[],
  files: BothFiles,
): readonly NewSection[] => {
  const isOurs = ({ options }: Section): boolean => {
    const name = options.get("sso_session")?.value;
    if (name !== undefined) return name === session || organisation.cacheNames.includes(name);
    return (
      isSamePlace(options.get("sso_start_url")?.value ?? "", organisation.startUrl) &&
      options.get("sso_region")?.value === organisation.region
    );
  };
  const asked = new Map<string, NewProfile>();
  for (const profile of profiles) {
    refuseFault(profile);
    const { name } = profile;
    const twin = asked.get(name);
    if (twin !== undefined && !isSameRole(twin, profile)) throw taken(name, "asked for twice");
    asked.set(name, profile);
    for (const { id, profiles: known } of organisations) {
      const other = known.find((each) => each.name === name);
      if (other !== undefined && !(id === organisation.id && isSameRole(other, profile))) {
        throw taken(name, "another role already");
      }
    }
    const shared = files.credentials.find((each) => each.kind === "profile" && each.name === name);
    if (shared !== undefined && [...shared.options.keys()].some(isCredentialSetting)) {
      throw taken(name, "in the credentials file with keys of its own");
    }
  }
  return [...asked.values()].flatMap((profile) => {
    const there = files.config.find(
      (each) => each.kind === "profile" && each.name === profile.name,
    );
    if (there === undefined) return [profileSection(profile, session)];
    if (isOurs(there) && says(there, profile)) return [];
    throw taken(profile.name, `something else already, on line ${there.line}`);
  });
};

const isSameRole = (
  a: Pick<NewProfile, "account" | "role">,
  b: Pick<NewProfile, "account" | "role">,
): boolean => a.account === b.account && a.role === b.role;

/** Whether a section is this role and takes its keys from nowhere else. */
const says = ({ options }: Section, { account, role, region }: NewProfile): boolean =>
  options.get("sso_account_id")?.value === account &&
  options.get("sso_role_name")?.value === role &&
  (region === undefined || options.get("region")?.value === region) &&
  [...options.keys()].every((key) => key.startsWith("sso_") || !isCredentialSetting(key));

const profileSection = (profile: NewProfile, session: string): NewSection => ({
  header: profile.name === "default" ? "default" : `profile ${profile.name}`,
  settings: [
    ["sso_session", session],
    ["sso_account_id", profile.account],
    ["sso_role_name", profile.role],
    ...(profile.region === undefined ? [] : [["region", profile.region] as const]),
  ],
});

const refuseFault = ({ name, account, role, region }: NewProfile): void => {
  const fault: Fault | undefined =
    faultOfName(name) ??
    faultOfAccount(account) ??
    faultOfRole(role) ??
    (region === undefined ? undefined : faultOfRegion(region));
  if (fault === undefined) return;
  throw new EvercredError("usage", `Profile ${shown(name)}: ${fault.sentence}.`, {
    remedy: fault.remedy,
  });
};

/** What is wrong with the name of a profile or an sso-session. */
export const faultOfName = (name: string): Fault | undefined =>
  isSectionName(name)
    ? undefined
    : {
        sentence: `"${shown(name)}" is not a name that every AWS tool takes`,
        remedy: "Use letters, digits and the characters _ . @ + % : / - only.",
      };

const taken = (name: string, by: string): EvercredError =>
  new EvercredError("usage", `Profile ${name} is ${by}; nothing was written.`, {
    remedy: "Choose another name.",
  });
