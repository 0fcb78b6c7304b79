import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GoogleClient } from "../fakes/cloud/google/clients.ts";
import { gcloudClients } from "../fakes/cloud/google/gcloud.ts";
import type { House, HouseOptions, Outcome } from "./house.ts";

/** Somebody without AWS. */
export const googleOnly: HouseOptions = { awsConfig: "" };

/** Where gcloud keeps the sign-in of everybody's programs. */
export const adcFileOf = ({ home }: House): string =>
  join(home, ".config", "gcloud", "application_default_credentials.json");

/** Writes a file of this user's. */
export const writeTo = async (path: string, text: string, mode = 0o600): Promise<string> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode });
  return path;
};

/** Writes the user's configuration of Evercred. */
export const configure = async ({ home }: House, config: object): Promise<void> => {
  await writeTo(join(home, ".config", "evercred", "config.json"), JSON.stringify(config));
};

/**
 * Sets gcloud up as a person has it whose network looks into everything: it trusts the cloud, by its own settings.
 * Gives the OAuth client with which it signs in for programs.
 */
export const setUpGcloud = async ({ home, cloud }: House): Promise<GoogleClient> => {
  const lines = [
    "[core]",
    `custom_ca_certs_file = ${cloud.caFile}`,
    "disable_usage_reporting = true",
    "disable_prompts = true",
    "[component_manager]",
    "disable_update_check = true",
    "[survey]",
    "disable_prompts = true",
    "",
  ];
  const folder = join(home, ".config", "gcloud");
  await writeTo(join(folder, "configurations", "config_default"), lines.join("\n"));
  await writeTo(join(folder, "active_config"), "default");
  return cloud.google.addClient(gcloudClients().adc);
};

/** What a file is, so that it is seen whether anybody has touched it. */
export const stateOf = async (
  path: string,
): Promise<{ readonly text: string; readonly mode: number; readonly writtenAt: number }> => {
  const { mode, mtimeMs, ino } = await stat(path);
  return { text: await readFile(path, "utf8"), mode: mode & 0o777, writtenAt: mtimeMs + ino };
};

/** Whom Google's servers take a token for: they are asked, as any program asks them. */
export const callerOf = async (house: House, token: string): Promise<string | undefined> => {
  const before = house.cloud.google.apiCalls().length;
  const url = "https://cloudresourcemanager.googleapis.com/v1/projects";
  const { stdout } = await house.run("/usr/bin/curl", [
    ...["-sS", "--cacert", house.cloud.caFile],
    ...["-H", `Authorization: Bearer ${token}`, url],
  ]);
  const call = house.cloud.google.apiCalls().at(before);
  return stdout.includes("example-project") && call?.token === token ? call.principal : undefined;
};

/** The token in what a verb has printed, and nothing else there. */
export const tokenIn = ({ code, stdout, stderr }: Outcome): string => {
  const token = /^(\S+)\n$/.exec(stdout)?.[1];
  // Only a daemon that is slow to start is worth a word.
  const said = stderr.replace("Starting Evercred…\n", "");
  if (code !== 0 || said !== "" || token === undefined) {
    throw new Error(`No token: ${String(code)} ${stdout}${stderr}`);
  }
  return token;
};

/** A source as `status --json` has it; undefined where it has none of that name. */
export const sourceOf = async (house: House, id: string): Promise<Status | undefined> => {
  const { stdout } = await house.evercred("status", "--json");
  const { sources } = JSON.parse(stdout) as { readonly sources: readonly Status[] };
  return sources.find((source) => source.id === id);
};

export interface Status {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly keptBy?: string;
  readonly account?: string;
  readonly unattended: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}
