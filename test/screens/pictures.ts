import type { Mark } from "../../electron/core/day-book.ts";
import { instantOf } from "../../electron/core/time.ts";
import type { ClaudeView } from "../../electron/protocol/claude-view.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import {
  settingTable,
  type SettingName,
  type SettingsView,
  type SettingView,
} from "../../electron/protocol/settings-view.ts";
import { timelineOf } from "../../electron/protocol/timeline-view.ts";
import type { ActivityView, OfferView, SourceView } from "../../electron/protocol/view.ts";
import { at, hour, keySource, minute, offer, source, viewWith } from "../shell/views.ts";

/** What was last handed out to whom, as it stands on the cards. */
export const activity: readonly ActivityView[] = [
  served("claude", "aws:bedrock", 2),
  served("aws", "aws:bedrock", 4),
  served("terraform", "aws:staging", 21),
  served("python3", "gcp:adc", 48),
  served("claude", "api-key:litellm", 95),
];

function served(program: string, subject: string, minutesAgo: number): ActivityView {
  const detail = undefined;
  return { event: "served", at: at - minutesAgo * minute, count: 1, program, subject, detail };
}

/** Somebody's organisation, signed in until the evening. */
export const corp = source("corp", {
  organisation: "example.awsapps.com",
  account: "dev@example.com",
  scopes: ["sso:account:access"],
  registeredUntil: Date.UTC(2027, 2, 12, 12),
  neededAt: { at: at + 3 * hour + 5 * minute, exact: false },
  offers: [
    offer("bedrock", 2 * minute),
    { ...offer("staging", 21 * minute), title: "ReadOnly in 444455556666" },
    { ...offer("billing"), title: "Billing in 777788889999" },
  ],
});

/** What gcloud has signed in to. */
export const google = source("adc", {
  kind: "google-adc",
  title: "Google Cloud",
  organisation: "accounts.google.com",
  account: "dev@example.com",
  keptBy: "gcloud",
  hasDirectory: false,
  signInCommand: "evercred login adc",
  neededAt: { at: at + 19 * hour, exact: false },
  offers: [{ ...offer("adc", 48 * minute), target: "gcp:adc", title: "Google Cloud tokens" }],
});

/** A key of a gateway, which somebody has entered. */
export const litellm = keySource("litellm", {
  organisation: "API key",
  standing: { kind: "active", expiresAt: undefined, renewAt: undefined },
  neededAt: { at: Date.UTC(2027, 3, 1), exact: true },
  offers: [keyOffer("litellm", 95 * minute)],
});

function keyOffer(name: string, usedAgoMs: number): OfferView {
  return { ...offer(name, usedAgoMs), target: `api-key:${name}`, title: "API key" };
}

const bedrock: ClaudeView = {
  standing: {
    kind: "connected",
    version: "2.1.30",
    provider: "bedrock",
    place: "us-east-1",
    identity: "bedrock",
    scope: "user",
    file: "/home/dev/.claude/settings.json",
  },
  check: { at: at - 5 * hour + 2 * minute, works: true, trouble: undefined },
};

const marks: Readonly<Record<string, readonly Mark[]>> = {
  corp: [
    mark("signed-in", 5 * hour + 12 * minute),
    mark("renewed", 4 * hour + 30 * minute),
    mark("renewed", 3 * hour + 50 * minute),
    mark("renewal-failed", 3 * hour),
    mark("renewed", 2 * hour + 40 * minute),
    mark("renewed", 2 * hour),
    mark("renewed", hour + 20 * minute),
    mark("renewed", 40 * minute),
  ],
  adc: [mark("session-ended", 6 * hour), mark("signed-in", 4 * hour + 58 * minute)],
};

function mark(kind: Mark["kind"], agoMs: number): Mark {
  const until = kind === "renewal-failed" ? instantOf(at - agoMs + hour) : undefined;
  return { kind, at: instantOf(at - agoMs), until };
}

const plain: SettingView = {
  value: undefined,
  setBy: "built-in",
  isLocked: false,
  variables: [],
};

/** What is in force where nobody has changed it, but for what an organisation has set. */
const inForce: Readonly<Partial<Record<SettingName, Partial<SettingView>>>> = {
  "signIn.ask": { value: "notify" },
  "signIn.before": { value: "20m" },
  "signIn.schedule": { value: ["0 9 * * 1-5"], setBy: "config" },
  "aws.defaultProfile": { value: "bedrock", setBy: "config" },
  "network.proxy": { value: "auto", setBy: "policy", isLocked: true },
  "network.systemCa": { value: true },
  consent: { value: "ask", setBy: "policy", isLocked: true },
  "aws.mirrorSsoCache": { value: true },
  "doors.containerCredentials": { value: false },
  "doors.gceMetadata": { value: false },
  "audit.keep": { value: "30d" },
  "app.startAtLogin": { value: true, setBy: "config" },
  "app.notifications": { value: true },
  "app.theme": { value: "system" },
  "app.language": { value: "system" },
  "updates.mode": { value: "install" },
  log: { value: "info" },
};

const names = Object.keys(settingTable).filter((name): name is SettingName => name in settingTable);

const settings: SettingsView = {
  settings: Object.fromEntries(
    names.map((name) => [name, { ...plain, ...inForce[name] }]),
  ) as Record<SettingName, SettingView>,
  bridges: [
    {
      name: "devbox",
      allow: ["aws:bedrock"],
      endsAt: at + 6 * hour,
      lastUsedAt: at - 12 * minute,
    },
  ],
  file: "/home/dev/.config/evercred/config.json",
  startsAtLogin: true,
  contactUrl: "https://help.example.com/",
};

/** A picture of these sources at two in the afternoon, but for what is said otherwise. */
export const pictureWith = (
  sources: readonly SourceView[],
  parts: Partial<Picture> = {},
): Picture => ({
  ...viewWith(...sources),
  activity: sources.length === 0 ? [] : activity,
  language: "en",
  locale: "en-GB",
  organization: { name: "Example Corp", contact: "https://help.example.com/" },
  timeline: timelineOf(sources, (id) => marks[id] ?? [], at),
  claude: bedrock,
  firstRun: undefined,
  settings,
  desk: { notifies: true, tray: "shown" },
  quietUntil: undefined,
  dismissed: [],
  appVersion: "0.1.0",
  update: { kind: "off", why: "package" },
  ...parts,
});

/** The usual day: all is signed in. */
export const usual = pictureWith([corp, google, litellm]);
