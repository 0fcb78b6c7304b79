import { mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Grant, TokenCredential } from "../../../electron/core/credential.ts";
import { type GoogleAsk, googleKeyOf, plainGoogleAsk } from "../../../electron/core/google.ts";
import {
  type AdcDefinition,
  AdcFiles,
  AdcSource,
} from "../../../electron/sources/google/adc-source.ts";
import type { GoogleKey } from "../../../electron/sources/google/offer.ts";
import type { GooglePorts } from "../../../electron/sources/google/ports.ts";
import { never, type World } from "./world.ts";

/** When a file was written, where a test does not say: some hours ago. */
export const writtenAt = Math.floor(Date.now() / 1_000) * 1_000 - 3 * 60 * 60_000;

/** Writes a file, with its folders, as if at that time. */
export const write = async (file: string, text: string, at = writtenAt): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode: 0o600 });
  await utimes(file, at / 1000, at / 1000);
};

export const timeOf = async (file: string): Promise<number> =>
  Math.round((await stat(file)).mtimeMs);

/** The source of the file as it is now. */
export const openAdc = async (
  world: World,
  definition: Partial<AdcDefinition> = {},
  ports: Partial<GooglePorts> = {},
  keys: readonly GoogleKey[] = [],
): Promise<AdcSource> => {
  const usual: AdcDefinition = {
    id: "adc",
    title: "adc",
    file: world.adcFile,
    isWellKnown: true,
    signIn: undefined,
    timeoutMs: 20_000,
    quotaProject: undefined,
    impersonate: [],
    allowExecutables: false,
  };
  const all = { ...usual, ...definition };
  const { adc } = await new AdcFiles().read(all.file);
  return new AdcSource(all, adc, { ...world.ports, ...ports }, keys);
};

/** The grant that stands in the source's file. */
export const found = async (source: AdcSource): Promise<Grant> => {
  const there = await source.shared.look(undefined, true);
  if (there.kind !== "foreign") throw new Error(`What is there is ${there.kind}.`);
  return there.grant;
};

/** The grant that stands there, renewed where it is one to renew. */
export const good = async (source: AdcSource): Promise<Grant> => {
  const grant = await found(source);
  return grant.renewable ? source.renew(grant, never) : grant;
};

/** What the source gives for an ask that differs so from the plain one. */
export const ask = async (
  source: AdcSource,
  grant: Grant,
  wish: Partial<GoogleAsk> = {},
): Promise<TokenCredential> =>
  source.issue(grant, googleKeyOf({ ...plainGoogleAsk, ...wish }), never);

export const savedIn = (grant: Grant): Readonly<Record<string, unknown>> =>
  JSON.parse(grant.saved.reveal()) as Readonly<Record<string, unknown>>;
