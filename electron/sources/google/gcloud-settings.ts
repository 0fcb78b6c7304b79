import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSmallFile } from "./small-file.ts";

/** Variables by name. */
type Env = Readonly<Record<string, string | undefined>>;

/** Where gcloud keeps its settings and credentials. */
export const gcloudFolderOf = (env: Env, home: string, platform: NodeJS.Platform): string => {
  const set = env["CLOUDSDK_CONFIG"] ?? "";
  if (set !== "") return set;
  if (platform !== "win32") return join(home, ".config", "gcloud");
  return join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "gcloud");
};

/** Nobody has more configurations. */
const mostConfigurations = 100;

/** What gcloud itself takes for the file of a configuration. */
const configurationFile = /^config_[a-z][-a-z0-9]*$/u;

/** Settings that say whose credentials are used, and which, by section. */
const credentialSettings: Readonly<Record<string, readonly string[]>> = {
  core: ["account"],
  auth: [
    "access_token_file",
    "client_id",
    "client_secret",
    "credential_file_override",
    "impersonate_service_account",
    "login_config_file",
  ],
};

/**
 * gcloud's settings without credentials, as the files of a folder for CLOUDSDK_CONFIG: by relative path. What cannot be
 * read is left out.
 */
export const gcloudSettings = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const files: Record<string, string> = {};
  const active = await readSmallFile(join(folder, "active_config"));
  if (active.kind === "text") files["active_config"] = active.text;
  const names = await readdir(join(folder, "configurations")).catch(() => []);
  const known = names.filter((name) => configurationFile.test(name)).sort();
  for (const name of known.slice(0, mostConfigurations)) {
    const read = await readSmallFile(join(folder, "configurations", name));
    if (read.kind === "text") files[`configurations/${name}`] = withoutCredentials(read.text);
  }
  return files;
};

/** The text of a configuration without those settings, else byte for byte. Lines are read as Python's configparser does. */
export const withoutCredentials = (text: string): string => {
  let section: string | undefined;
  /** How far the line of the last setting was indented: what is further in goes on from it. */
  let indent = Infinity;
  let isDropped = false;
  const kept: string[] = [];
  for (const line of text.match(/[^\n]*\n|[^\n]+$/gu) ?? []) {
    const plain = line.trim();
    if (plain === "" || plain.startsWith("#") || plain.startsWith(";")) {
      kept.push(line);
      continue;
    }
    const depth = line.search(/\S/u);
    if (depth <= indent) {
      const header = /^\[(.+)\]/u.exec(plain)?.[1];
      section = header ?? section;
      indent = header === undefined ? depth : Infinity;
      const name = /^[^=:]*/u.exec(plain)?.[0].trimEnd().toLowerCase() ?? "";
      const names = credentialSettings[section ?? ""] ?? [];
      isDropped = names.includes(name);
    }
    if (!isDropped) kept.push(line);
  }
  return kept.join("");
};
