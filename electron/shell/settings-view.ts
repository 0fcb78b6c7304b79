import { mayStand } from "../core/judging.ts";
import type { Rule } from "../core/limits.ts";
import {
  type BridgeView,
  type CertificateChoice,
  isSettingName,
  type PacChoice,
  type SettingName,
  type SettingsView,
  settingTable,
  type SettingValue,
  type SettingView,
} from "../protocol/settings-view.ts";

/** What the settings are read from. */
export interface SettingsParts {
  /** Another object once the configuration, or what a policy says of it, has been read again. */
  readonly config: () => unknown;
  /** Everything that may be set, with what is in force. */
  readonly values: () => readonly ReadSetting[];
  /** Whether a policy keeps people from setting what stands at a path. */
  readonly isLocked: (path: readonly string[]) => boolean;
  readonly rule: () => Rule;
  /** The daemon's own environment. It may hold secrets: only its names are shown. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly bridges: () => readonly BridgeView[];
  readonly file: string;
  readonly startsAtLogin: () => boolean | undefined;
}

/** A value of the configuration in force. */
export interface ReadSetting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly setBy: SettingView["setBy"];
}

/**
 * Tells what a person may change, as things stand at the time. The settings are read once for each reading of their file
 * and of the policy: of many sources that takes its time.
 */
export const settingsViewsOf = (parts: SettingsParts): (() => SettingsView) => {
  let read: Read | undefined;
  return () => {
    const [config, rule] = [parts.config(), parts.rule()];
    if (read === undefined || read.config !== config || read.rule !== rule) {
      read = { config, rule, settings: settingsOf(parts) };
    }
    const { contact } = rule;
    return {
      settings: read.settings,
      bridges: parts
        .bridges()
        .map(({ name, allow, endsAt, lastUsedAt }) => ({ name, allow, endsAt, lastUsedAt })),
      file: parts.file,
      startsAtLogin: parts.startsAtLogin(),
      contactUrl: contact !== undefined && isWebPage(contact) ? contact : undefined,
    };
  };
};

interface Read extends Pick<SettingsView, "settings"> {
  readonly config: unknown;
  readonly rule: Rule;
}

const names = Object.keys(settingTable).filter(isSettingName);

const settingsOf = (parts: SettingsParts): SettingsView["settings"] => {
  const sections = new Set(names.map((name) => pathOf(name)[0]));
  const values = parts.values().filter(({ path }) => sections.has(path[0]));
  return Object.fromEntries(
    names.map((name) => [name, settingOf(name, values, parts)]),
  ) as SettingsView["settings"];
};

/** Whether somebody's word for where help is can be opened in a browser. */
const isWebPage = (text: string): boolean =>
  URL.canParse(text) && new URL(text).protocol === "https:";

const settingOf = (
  name: SettingName,
  values: readonly ReadSetting[],
  { isLocked, rule, environment }: SettingsParts,
): SettingView => {
  const path = pathOf(name);
  const inside = values.filter((each) => path.every((part, at) => each.path[at] === part));
  const value = valueOf(name, together(path.length, inside));
  const locked = isLocked(path) || !isAllowed(name, rule());
  return {
    value,
    setBy: inside.map(({ setBy }) => setBy).sort(byRank)[0] ?? "built-in",
    isLocked: locked,
    variables: locked ? [] : counting(name, value).filter((each) => isSet(each, environment)),
  };
};

/** The place of a setting in the configuration. */
export const pathOf = (name: SettingName): readonly string[] => name.split(".");

/** Of what has several parts, whoever is hardest to overrule has set it. */
const ranks = ["policy", "config", "policy-default", "built-in"] as const;

const byRank = (a: SettingView["setBy"], b: SettingView["setBy"]): number =>
  ranks.indexOf(a) - ranks.indexOf(b);

/** What stands at a place: its own value, or what stands in it by name. */
const together = (depth: number, inside: readonly ReadSetting[]): unknown => {
  const set = inside.filter(({ value }) => value !== undefined);
  const whole = set.find(({ path }) => path.length === depth);
  if (whole !== undefined) return whole.value;
  return set.length === 0
    ? undefined
    : Object.fromEntries(set.map(({ path, value }) => [path.slice(depth).join("."), value]));
};

/** As its control takes it; what is of another kind is not there. */
const valueOf = (name: SettingName, value: unknown): SettingValue | undefined => {
  const { kind } = settingTable[name];
  switch (kind) {
    case "switch":
      return typeof value === "boolean" ? value : undefined;
    case "list":
      return isTexts(value) ? value : undefined;
    case "proxy":
      return typeof value === "string" || isPac(value) ? value : undefined;
    case "certificate":
      return isCertificate(value) ? value : undefined;
    case "choice":
    case "duration":
    case "text":
      return typeof value === "string" ? value : undefined;
  }
};

/** Whether something that has crossed from the window may be a setting's value. What may stand there is judged later. */
export const isValueOf = (name: SettingName, value: unknown): value is SettingValue =>
  valueOf(name, value) !== undefined;

/** Whether something is a list of texts. */
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

const isPac = (value: unknown): value is PacChoice =>
  isObject(value) && Object.keys(value).length === 1 && typeof value["pac"] === "string";

const isCertificate = (value: unknown): value is CertificateChoice =>
  isObject(value) &&
  typeof value["certFile"] === "string" &&
  typeof value["keyFile"] === "string" &&
  (value["passphraseKey"] === undefined || typeof value["passphraseKey"] === "string") &&
  (value["hosts"] === undefined || isTexts(value["hosts"]));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A door that an organisation does not allow stays shut, whatever the configuration says. */
const isAllowed = (name: SettingName, rule: Rule): boolean => {
  if (name === "doors.containerCredentials") return mayStand("container-credentials", rule);
  return name !== "doors.gceMetadata" || mayStand("gce-metadata", rule);
};

/** The variables that count where this value stands. */
const counting = (name: SettingName, value: SettingValue | undefined): readonly string[] => {
  switch (name) {
    case "network.proxy":
      return value === "auto" ? ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"] : [];
    case "network.noProxy":
      return ["NO_PROXY"];
    case "network.caFiles":
      return ["NODE_EXTRA_CA_CERTS"];
    case "network.clientCertificate":
      return value === undefined ? ["CLAUDE_CODE_CLIENT_CERT"] : [];
    case "signIn.browser":
      return value === undefined ? ["BROWSER"] : [];
    default:
      return [];
  }
};

/** Programs read the one spelling or the other. */
const isSet = (name: string, environment: SettingsParts["environment"]): boolean =>
  [name, name.toLowerCase()].some((each) => (environment[each] ?? "") !== "");
