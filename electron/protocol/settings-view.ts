import type { Trouble } from "./view.ts";

/** One setting that a person changes in the window, as its control draws it. */
export type SettingKind =
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "switch" }
  /** `20m` */
  | { readonly kind: "duration" }
  | { readonly kind: "text" }
  | { readonly kind: "list" }
  | { readonly kind: "proxy" }
  | { readonly kind: "certificate" };

/** The settings of the configuration that a person would change, by the name that they have there. */
export const settingTable = {
  "signIn.ask": { kind: "choice", options: ["notify", "open", "tray"] },
  "signIn.before": { kind: "duration" },
  "signIn.schedule": { kind: "list" },
  "signIn.browser": { kind: "list" },
  "aws.defaultProfile": { kind: "text" },
  "google.defaultSource": { kind: "text" },
  "network.proxy": { kind: "proxy" },
  "network.proxyUser": { kind: "text" },
  "network.proxyPasswordKey": { kind: "text" },
  "network.noProxy": { kind: "list" },
  "network.caFiles": { kind: "list" },
  "network.systemCa": { kind: "switch" },
  "network.clientCertificate": { kind: "certificate" },
  consent: { kind: "choice", options: ["off", "ask"] },
  "aws.mirrorSsoCache": { kind: "switch" },
  "doors.containerCredentials": { kind: "switch" },
  "doors.gceMetadata": { kind: "switch" },
  "audit.keep": { kind: "duration" },
  "app.startAtLogin": { kind: "switch" },
  "app.notifications": { kind: "switch" },
  "app.theme": { kind: "choice", options: ["system", "light", "dark"] },
  "app.language": { kind: "choice", options: ["system", "en", "de", "ja"] },
  "updates.mode": { kind: "choice", options: ["install", "notify", "off"] },
  log: { kind: "choice", options: ["error", "warn", "info", "debug"] },
} as const satisfies Readonly<Record<string, SettingKind>>;

export type SettingName = keyof typeof settingTable;

/** The settings under one heading, in the order in which they are shown. */
export const settingGroups = {
  signIn: [
    "signIn.ask",
    "signIn.before",
    "signIn.schedule",
    "signIn.browser",
    "aws.defaultProfile",
    "google.defaultSource",
  ],
  network: [
    "network.proxy",
    "network.proxyUser",
    "network.proxyPasswordKey",
    "network.noProxy",
    "network.caFiles",
    "network.systemCa",
    "network.clientCertificate",
  ],
  security: [
    "consent",
    "aws.mirrorSsoCache",
    "doors.containerCredentials",
    "doors.gceMetadata",
    "audit.keep",
  ],
  app: [
    "app.startAtLogin",
    "app.notifications",
    "app.theme",
    "app.language",
    "updates.mode",
    "log",
  ],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;

/** Whether there is a setting of this name: of what has crossed from the window nothing is known. */
export const isSettingName = (name: unknown): name is SettingName =>
  typeof name === "string" && Object.hasOwn(settingTable, name);

/** The file that says which proxy to use. */
export interface PacChoice {
  readonly pac: string;
}

/** What shows to servers that ask for it who we are. */
export interface CertificateChoice {
  readonly certFile: string;
  readonly keyFile: string;
  /** The name of the static key that opens the private key. */
  readonly passphraseKey?: string;
  readonly hosts?: readonly string[];
}

/** What a person may set. */
export type SettingValue = string | boolean | readonly string[] | PacChoice | CertificateChoice;

/** One setting as it is now. */
export interface SettingView {
  /** As it is written; undefined where nothing is set and nothing is built in. */
  readonly value: SettingValue | undefined;
  readonly setBy: "policy" | "config" | "policy-default" | "built-in";
  /** Whether an organisation's policy keeps it from being changed. */
  readonly isLocked: boolean;
  /** The variables of the environment that count beside it, or where it says nothing. */
  readonly variables: readonly string[];
}

/** A scoped door for a container or another machine. */
export interface BridgeView {
  readonly name: string;
  /** What it serves. */
  readonly allow: readonly string[];
  readonly endsAt: number;
  readonly lastUsedAt: number | undefined;
}

/** What a person may change, and what they see of it. */
export interface SettingsView {
  readonly settings: Readonly<Record<SettingName, SettingView>>;
  readonly bridges: readonly BridgeView[];
  /** The configuration's own file. */
  readonly file: string;
  /** Whether the system starts the app at login; undefined where that cannot be told. */
  readonly startsAtLogin: boolean | undefined;
  /** The address of an organisation's help, where it gives one that can be opened. */
  readonly contactUrl: string | undefined;
}

/** What became of asking one provider over the network. */
export type NetworkResult = {
  readonly host: string;
  /** The source that it is of. */
  readonly source: string;
} & (
  | {
      readonly kind: "reached";
      /** The proxy that leads there; undefined: there is none in between. */
      readonly proxy: string | undefined;
      /** Who says so: a setting, a variable, a file; undefined where nobody does. */
      readonly saidBy: string | undefined;
      /** Whoever has issued the topmost certificate that it shows. */
      readonly issuer: string | undefined;
    }
  | { readonly kind: "failed"; readonly trouble: Trouble }
);

/** What a test of the network has found out. */
export interface NetworkTest {
  /** What is wrong with the settings themselves. */
  readonly problems: readonly Trouble[];
  readonly results: readonly NetworkResult[];
}
