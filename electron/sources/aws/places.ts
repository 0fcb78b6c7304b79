import { nearest } from "../../core/nearest.ts";
import { faultOfAccount, faultOfRole } from "./checks.ts";
import { shown } from "../shown.ts";
import type { ProfileRole } from "./definition.ts";
import type { Report, Spot } from "../problem.ts";
import { regionOf } from "./profile-settings.ts";
import type { FileSections, Profile, Setting } from "./profile-table.ts";
import { isSamePlace, labelOf } from "./start-url.ts";

/** A place to sign in to as `~/.aws/config` describes it, unchecked. */
export interface Place {
  /** The sso-session's name; for profiles without one the first label of their start URL. */
  readonly name: string;
  readonly legacy: boolean;
  readonly at: Spot;
  readonly startUrl: Setting | undefined;
  readonly region: Setting | undefined;
  readonly scopes: Setting | undefined;
  /** The ways in which the start URL is written; other tools hash it as it is. */
  readonly spellings: Set<string>;
}

/** What a profile is at Identity Center. */
export interface PlacedRole {
  readonly place: Place;
  readonly role: ProfileRole;
}

const startUrlKey = "sso_start_url";
const regionKey = "sso_region";
const scopesKey = "sso_registration_scopes";

/** The places to sign in to: the sso-sessions of a file, and what profiles without one name themselves. */
export class Places {
  readonly #sessions = new Map<string, Place>();
  readonly #legacy: Place[] = [];
  readonly #report: Report;

  constructor({ file, sections }: FileSections, report: Report) {
    this.#report = report;
    for (const { kind, name, line, options } of sections) {
      if (kind !== "sso-session") continue;
      const setting = (key: string): Setting | undefined => {
        const option = options.get(key);
        return option && { ...option, file };
      };
      this.#sessions.set(name, {
        name,
        legacy: false,
        at: { file, line },
        startUrl: setting(startUrlKey),
        region: setting(regionKey),
        scopes: setting(scopesKey),
        spellings: new Set(),
      });
    }
  }

  /** Those that have been asked for so far, and every sso-session. */
  get list(): readonly Place[] {
    return [...this.#sessions.values(), ...this.#legacy];
  }

  /** The place and the role that a profile names; undefined where it names none, or none that can be used. */
  roleOf(profile: Profile): PlacedRole | undefined {
    const session = profile.settings.get("sso_session");
    const place =
      session === undefined ? this.#legacyOf(profile) : this.#sessionOf(profile, session);
    const role = place && this.#roleOf(profile);
    return place && role && { place, role };
  }

  #sessionOf({ name, settings }: Profile, session: Setting): Place | undefined {
    const place = this.#sessions.get(session.value);
    if (place === undefined) {
      const near = nearest(session.value, this.#sessions.keys());
      this.#report(
        session,
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
      const own = settings.get(key);
      if (own === undefined || theirs === undefined || own.value === theirs.value) continue;
      this.#report(
        own,
        `Profile ${shown(name)} says another ${key} than its sso-session on line ${theirs.line}, so no tool uses it.`,
        `Delete ${key} on line ${own.line}.`,
      );
      return undefined;
    }
    return place;
  }

  #legacyOf({ name, at, settings }: Profile): Place | undefined {
    const startUrl = settings.get(startUrlKey);
    const region = settings.get(regionKey);
    if (startUrl === undefined || region === undefined) {
      const missing = startUrl === undefined ? startUrlKey : regionKey;
      this.#report(
        at,
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
      at,
      startUrl,
      region,
      scopes: undefined,
      spellings: new Set(),
    };
    if (found === undefined) this.#legacy.push(place);
    place.spellings.add(startUrl.value);
    return place;
  }

  #roleOf(profile: Profile): ProfileRole | undefined {
    const { name, at, settings } = profile;
    const account = settings.get("sso_account_id");
    const role = settings.get("sso_role_name");
    if (account === undefined && role === undefined) return undefined;
    if (account === undefined || role === undefined) {
      const missing = account === undefined ? "sso_account_id" : "sso_role_name";
      this.#report(at, `Profile ${shown(name)} has no ${missing}.`, `Add ${missing} to it.`);
      return undefined;
    }
    const region = regionOf(profile, this.#report);
    const checks = [
      [account, faultOfAccount(account.value)],
      [role, faultOfRole(role.value)],
    ] as const;
    for (const [where, fault] of checks) {
      if (fault === undefined) continue;
      this.#report(where, `Profile ${shown(name)}: ${fault.sentence}.`, fault.remedy);
      return undefined;
    }
    return { name, account: account.value, role: role.value, region };
  }
}
