import { EvercredError } from "../core/errors.ts";
import { checkTemplate, isProfileName } from "./profile-plan.ts";
import type { Flag, Parsed } from "./verb.ts";

/** The flags of `aws profiles add`. */
export const profileFlags: Readonly<Record<string, Flag>> = {
  "sso-session": { value: "SESSION", summary: "of which organisation; else the only one" },
  "start-url": { value: "URL", summary: "of a new organisation: its access portal" },
  "sso-region": { value: "REGION", summary: "with --start-url: where the organisation is" },
  account: { value: "ACCOUNT", summary: "its number or exact name" },
  role: { value: "ROLE", summary: "the role in it" },
  name: { value: "NAME", summary: "of the profile; else as --template says" },
  region: { value: "REGION", summary: "where the profile's programs work" },
  all: {
    summary: "a profile for each role, of all accounts or of --account, of all roles or of --role",
  },
  template: {
    value: "TEMPLATE",
    summary: "of names: {account}, {account-id} and {role}; else {account}-{role}",
  },
};

/** AWS region names: `us-east-1`, `us-gov-west-1`. */
const regionForm = /^[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** Whether this can be the name of a region. */
export const isRegion = (text: string): boolean => regionForm.test(text);

/** The address that somebody means who may have left out how it begins; undefined where it can be none. */
export const startUrlOf = (text: string): string | undefined => {
  const address = text.includes("://") ? text : `https://${text}`;
  try {
    const { protocol, username, hostname } = new URL(address);
    const isAddress = protocol === "https:" && username === "" && hostname.includes(".");
    return isAddress && !/\s/.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
};

const refused = (sentence: string, remedy = "See: evercred help aws profiles add"): EvercredError =>
  new EvercredError("usage", sentence, { remedy });

/** Throws `usage` for flags that cannot be meant, before anything is done. `asks`: whether the caller can be asked for what is missing. */
export const checkFlags = (parsed: Parsed, asks: boolean): void => {
  const startUrl = parsed.value("start-url");
  const name = parsed.value("name");
  const template = parsed.value("template");
  if (startUrl !== undefined && startUrlOf(startUrl) === undefined) {
    throw refused(
      `"${startUrl}" is no https address.`,
      "Write it like https://example.awsapps.com/start.",
    );
  }
  if (startUrl === undefined && parsed.has("sso-region")) {
    throw refused("--sso-region goes with --start-url.");
  }
  for (const flag of ["sso-region", "region"]) {
    const region = parsed.value(flag);
    if (region !== undefined && !isRegion(region)) {
      throw refused(`"${region}" is no region.`, `Write --${flag} like us-east-1.`);
    }
  }
  if (name !== undefined && !isProfileName(name)) throw notAName(name);
  if (name !== undefined && parsed.has("all")) {
    throw refused("--all takes names from --template, not from --name.");
  }
  if (template !== undefined) checkTemplate(template);
  if (asks) return;
  const needed = [
    ...(startUrl === undefined ? [] : ["sso-region"]),
    ...(parsed.has("all") ? [] : ["account", "role"]),
  ];
  const missing = needed.filter((flag) => !parsed.has(flag)).map((flag) => `--${flag}`);
  if (missing.length > 0) {
    throw refused(
      `Without a terminal this needs ${missing.join(" and ")}.`,
      "See what there is: evercred aws roles",
    );
  }
};

/** What is said of a name that no profile can have. */
export const notAName = (name: string): EvercredError =>
  refused(`"${name}" is no name for a profile.`, "Use only letters, digits and _.@+%:/-.");
