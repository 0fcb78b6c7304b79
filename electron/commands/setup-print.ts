import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { ClaudeWishes } from "./ports.ts";

/** Managed settings as one of the systems takes them. */
export interface Managed {
  /** The system that its helpers run on; undefined: this one. */
  readonly platform: NodeJS.Platform | undefined;
  /** Where it has to go on that system. */
  place(platform: NodeJS.Platform): string;
  /** The lines of it. */
  lines(wishes: ClaudeWishes): readonly string[];
}

const managedFiles: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "/Library/Application Support/ClaudeCode/managed-settings.json",
  win32: String.raw`C:\Program Files\ClaudeCode\managed-settings.json`,
};

/** The file of managed settings that administrators write on a system. */
export const managedFileOn = (platform: NodeJS.Platform): string =>
  managedFiles[platform] ?? "/etc/claude-code/managed-settings.json";

const settingsOf = ({ helpers, env }: ClaudeWishes): object => ({ ...helpers, env });

const json: Managed = {
  platform: undefined,
  place: managedFileOn,
  lines: (wishes) => JSON.stringify(settingsOf(wishes), undefined, 2).split("\n"),
};

/** Preferences of a managed Mac, in the domain that Claude Code reads. */
const plist: Managed = {
  platform: "darwin",
  place: () => "the managed preferences com.anthropic.claudecode",
  lines: ({ helpers, env }) => [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    ...strings(helpers, "  "),
    "  <key>env</key>",
    "  <dict>",
    ...strings(env, "    "),
    "  </dict>",
    "</dict>",
    "</plist>",
  ],
};

const strings = (values: Readonly<Record<string, string>>, margin: string): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => [
    `${margin}<key>${xml(name)}</key>`,
    `${margin}<string>${xml(value)}</string>`,
  ]);

const xml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** One value of the registry, a JSON text; ASCII only, because editors take a file without mark for the code page's. */
const reg: Managed = {
  platform: "win32",
  place: () => String.raw`the registry, by: reg import FILE`,
  lines: (wishes) => {
    const text = JSON.stringify(settingsOf(wishes)).replaceAll(
      /[^ -~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    const value = text.replaceAll(/["\\]/g, String.raw`\$&`);
    return [
      "Windows Registry Editor Version 5.00",
      "",
      String.raw`[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]`,
      `"Settings"="${value}"`,
    ].map((line) => `${line}\r`);
  },
};

const formats: Readonly<Record<string, Managed>> = { json, plist, reg };

/** The form that `--format` names. Throws `usage` for any other. */
export const managedFormOf = (name = "json"): Managed => {
  const form = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (form !== undefined) return form;
  const near = nearest(name, Object.keys(formats));
  throw new EvercredError("usage", `There is no format ${name}.`, {
    remedy: near === undefined ? "There are json, plist, reg." : `Did you mean ${near}?`,
  });
};

/** Where the shim is for ever on a system, where it was installed by the system's own means. */
const installed: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: "/usr/local/bin/evercred",
  win32: String.raw`C:\Program Files\Evercred\bin\evercred.exe`,
};

/** The shim's path on a system; on this one it is where it is. */
export const shimOn = (platform: NodeJS.Platform, shim: string): string =>
  platform === process.platform ? shim : (installed[platform] ?? "/usr/bin/evercred");
