import { Secret } from "../../core/secret.ts";
import type { Report } from "../problem.ts";
import type { AdcMemory } from "./adc-writer.ts";
import { getClient, type OAuthClient, readClientFile } from "./client-file.ts";
import type { OwnDefinition } from "./own-source.ts";
import type { WorkforceDefinition } from "./workforce-source.ts";
import { readWorkforceFile } from "./workforce-file.ts";

/** What any entry of a Google source may say. */
interface CommonEntry {
  readonly enabled: boolean;
  readonly title?: string;
  readonly quotaProject?: string;
  readonly impersonate: readonly string[];
}

/** An entry of kind `google`: it has `clientFile`, or the two others. */
export interface OwnEntry extends CommonEntry {
  readonly kind: "google";
  readonly clientFile?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly account?: string;
  readonly scopes: readonly string[];
  readonly adcFile: boolean;
}

/** An entry of kind `google-workforce`. */
export interface WorkforceEntry extends CommonEntry {
  readonly kind: "google-workforce";
  readonly loginConfigFile: string;
  readonly scopes: readonly string[];
  readonly adcFile: boolean;
}

/** What is the same for each reading of an entry. */
export interface Reading {
  readonly id: string;
  /** The file of Application Default Credentials. */
  readonly adcFile: string;
  /** Whether it is to be there for this source. */
  readonly keepsAdc: boolean;
  /** Whether it was to be, and may not now. */
  readonly hidesAdc: boolean;
  readonly adcMemory: AdcMemory;
  readonly report: Report;
}

/** What an entry, and the file that it names, say; undefined where nobody can sign in with that. */
export const ownDefinitionOf = async (
  entry: OwnEntry,
  { report, ...reading }: Reading,
): Promise<OwnDefinition | undefined> => {
  const client = await clientOf(entry, reading.id, report);
  if (client === undefined) return undefined;
  const { title = reading.id, account, scopes, quotaProject, impersonate } = entry;
  return { ...reading, title, client, account, scopes, quotaProject, impersonate };
};

const clientOf = async (
  { clientFile, clientId, clientSecret }: OwnEntry,
  id: string,
  report: Report,
): Promise<OAuthClient | undefined> => {
  if (clientId !== undefined && clientSecret !== undefined) {
    return { id: clientId, secret: new Secret(clientSecret) };
  }
  if (clientFile === undefined) {
    report(undefined, `sources.${id} names no OAuth client.`, getClient);
    return undefined;
  }
  const read = await readClientFile(clientFile);
  if ("secret" in read) return read;
  report(undefined, `sources.${id}: ${read.sentence}`, read.remedy);
  return undefined;
};

/** As `ownDefinitionOf`. */
export const workforceDefinitionOf = async (
  entry: WorkforceEntry,
  { report, ...reading }: Reading,
): Promise<WorkforceDefinition | undefined> => {
  const { id } = reading;
  const login = await readWorkforceFile(entry.loginConfigFile);
  if ("sentence" in login) {
    report(undefined, `sources.${id}: ${login.sentence}`, login.remedy);
    return undefined;
  }
  const { title = id, scopes, quotaProject, impersonate } = entry;
  const { client } = login;
  if (client === undefined) {
    report(
      undefined,
      `sources.${id}: ${entry.loginConfigFile} names no OAuth client, and Google's token service wants one.`,
      "Put client_id of one of your organisation there, or have gcloud sign in: see docs/google.md",
    );
    return undefined;
  }
  return { ...reading, title, login, client, scopes, quotaProject, impersonate };
};
