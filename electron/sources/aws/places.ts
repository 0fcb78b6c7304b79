import { nearest } from "../../core/nearest.ts";
import { faultOfAccount, faultOfRegion, faultOfRole, shown, type Fault } from "./checks.ts";
import type { Option, Section } from "./config-grammar.ts";
import type { ProfileRole } from "./definition.ts";
import { isSamePlace, labelOf } from "./start-url.ts";

/** A place to sign in to as `~/.aws/config` describes it, unchecked. */
export interface Place {
  /** The sso-session's name; for profiles without one the first label of their start URL. */
  readonly name: string;
  readonly legacy: boolean;
  readonly line: number;
  readonly startUrl: Option | undefined;
  readonly region: Option | undefined;
  readonly scopes: Option | undefined;
  /** The ways in which the start URL is written; other tools hash it as it is. */
  readonly spellings: Set<string>;
  readonly profiles: (ProfileRole & { readonly line: number })[];
}

/** Where a reader says what it cannot use. */
export type Report = (line: number, sentence: string, remedy: string) => void;

/** What the sections of an AWS config file say of places to sign in to. */
export const placesOf = (sections: readonly Section[], report: Report): readonly Place[] => {
  const reader = new PlaceReader(report);
  for (const section of sections) if (section.kind === "sso-session") reader.readSession(section);
  for (const section of sections) if (section.kind === "profile") reader.readProfile(section);
  for (const section of sections) if (section.kind === "other") reader.readOther(section);
  return reader.places;
};

const startUrlKey = "sso_start_url";
const regionKey = "sso_region";
const scopesKey = "sso_registration_scopes";
const profileKeys = [startUrlKey, regionKey, "sso_account_id", "sso_role_name"];

class PlaceReader {
  readonly #sessions = new Map<string, Place>();
  readonly #legacy: Place[] = [];
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  get places(): readonly Place[] {
    return [...this.#sessions.values(), ...this.#legacy];
  }

  readSession({ name, line, options }: Section): void {
    this.#sessions.set(name, {
      name,
      legacy: false,
      line,
      startUrl: options.get(startUrlKey),
      region: options.get(regionKey),
      scopes: options.get(scopesKey),
      spellings: new Set(),
      profiles: [],
    });
  }

  readProfile(section: Section): void {
    const session = section.options.get("sso_session");
    const isSso = session !== undefined || profileKeys.some((key) => section.options.has(key));
    if (!isSso) return;
    const place =
      session === undefined ? this.#legacyOf(section) : this.#sessionOf(section, session);
    if (place === undefined) return;
    const role = this.#roleOf(section);
    if (role !== undefined) place.profiles.push({ ...role, line: section.line });
  }

  readOther({ name, line, options }: Section): void {
    if (options.has("sso_session") || options.has(startUrlKey)) {
      this.#report(
        line,
        `Section [${shown(name)}] is not a profile, so no tool uses its sso_ settings.`,
        `Write [profile ${shown(name)}].`,
      );
    }
  }

  #sessionOf({ name, options }: Section, session: Option): Place | undefined {
    const place = this.#sessions.get(session.value);
    if (place === undefined) {
      const near = nearest(session.value, this.#sessions.keys());
      this.#report(
        session.line,
        `Profile ${shown(name)} names the sso-session "${shown(session.value)}", which is not in this file.`,
        near === undefined
          ? `Add a section [sso-session ${shown(session.value)}].`
          : `Did you mean ${shown(near)}?`,
      );
      return undefined;
    }
    const pairs = [
      [startUrlKey, place.startUrl],
      [regionKey, place.region],
    ] as const;
    for (const [key, theirs] of pairs) {
      const own = options.get(key);
      if (own === undefined || theirs === undefined || own.value === theirs.value) continue;
      this.#report(
        own.line,
        `Profile ${shown(name)} says another ${key} than its sso-session on line ${theirs.line}, so no tool uses it.`,
        `Delete ${key} on line ${own.line}.`,
      );
      return undefined;
    }
    return place;
  }

  #legacyOf({ name, line, options }: Section): Place | undefined {
    const startUrl = options.get(startUrlKey);
    const region = options.get(regionKey);
    if (startUrl === undefined || region === undefined) {
      const missing = startUrl === undefined ? startUrlKey : regionKey;
      this.#report(
        line,
        `Profile ${shown(name)} has sso_ settings but no ${missing} and no sso_session.`,
        `Add sso_session or ${missing} to it.`,
      );
      return undefined;
    }
    const found = this.#legacy.find(
      (place) =>
        place.region?.value === region.value &&
        isSamePlace(place.startUrl?.value ?? "", startUrl.value),
    );
    const place: Place = found ?? {
      name: labelOf(startUrl.value),
      legacy: true,
      line,
      startUrl,
      region,
      scopes: undefined,
      spellings: new Set(),
      profiles: [],
    };
    if (found === undefined) this.#legacy.push(place);
    place.spellings.add(startUrl.value);
    return place;
  }

  /** The role that a profile names; undefined where it names none, or none that can be used. */
  #roleOf({ name, line, options }: Section): ProfileRole | undefined {
    const account = options.get("sso_account_id");
    const role = options.get("sso_role_name");
    if (account === undefined && role === undefined) return undefined;
    if (account === undefined || role === undefined) {
      const missing = account === undefined ? "sso_account_id" : "sso_role_name";
      this.#report(line, `Profile ${shown(name)} has no ${missing}.`, `Add ${missing} to it.`);
      return undefined;
    }
    const assumed = options.get("role_arn");
    if (assumed !== undefined) {
      this.#report(
        assumed.line,
        `Profile ${shown(name)} names both a role of the organisation and a role_arn, so tools disagree on what it is.`,
        "Make two profiles of it, the second with source_profile.",
      );
      return undefined;
    }
    const region = options.get("region");
    const regionFault = region && faultOfRegion(region.value);
    if (regionFault) this.#reportFault(region.line, name, regionFault);
    const checks = [
      [account.line, faultOfAccount(account.value)],
      [role.line, faultOfRole(role.value)],
    ] as const;
    for (const [at, fault] of checks) {
      if (fault === undefined) continue;
      this.#reportFault(at, name, fault);
      return undefined;
    }
    return {
      name,
      account: account.value,
      role: role.value,
      region: regionFault === undefined ? region?.value : undefined,
    };
  }

  #reportFault(line: number, profile: string, { sentence, remedy }: Fault): void {
    this.#report(line, `Profile ${shown(profile)}: ${sentence}.`, remedy);
  }
}
