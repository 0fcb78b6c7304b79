import { faultOfRegion, faultOfScopes, faultOfStartUrl, shown, type Fault } from "./checks.ts";
import type { Section } from "./config-grammar.ts";
import { type AwsSsoDefinition, type ConfiguredSource, usualScopes } from "./definition.ts";
import { type Place, placesOf } from "./places.ts";
import type { Problem } from "./problem.ts";
import { profilesOf } from "./profile-roles.ts";
import { assignIds, fitId } from "./source-id.ts";
import { isSamePlace } from "./start-url.ts";

/** The places to sign in to, and what of the configuration could not be used. */
export interface Definitions {
  readonly definitions: readonly AwsSsoDefinition[];
  readonly problems: readonly Problem[];
}

/** Says what cannot be used; without a line it stands in Evercred's own configuration. */
export type ReportProblem = (line: number | undefined, sentence: string, remedy: string) => void;

/** A place and what Evercred's own configuration adds to it. One of the two is always there. */
export interface Pair {
  readonly id: string;
  readonly place: Place | undefined;
  readonly own: ConfiguredSource | undefined;
}

/** Makes definitions of the sections of `file` and of the `aws-sso` sources of Evercred's configuration. */
export const readDefinitions = (
  file: string,
  sections: readonly Section[],
  configured: readonly ConfiguredSource[],
): Definitions => {
  const problems: Problem[] = [];
  const report: ReportProblem = (line, sentence, remedy) => {
    problems.push({ file: line === undefined ? undefined : file, line, sentence, remedy });
  };
  const pairs = pairUp(placesOf(sections, report), configured);
  const roles = profilesOf(pairs, report);
  const definitions = pairs.flatMap((pair) => {
    const definition = definitionOf(pair, file, report);
    return definition === undefined ? [] : [{ ...definition, profiles: roles.get(pair) ?? [] }];
  });
  return { definitions, problems };
};

const pairUp = (places: readonly Place[], configured: readonly ConfiguredSource[]): Pair[] => {
  const owners = new Map<Place, ConfiguredSource>();
  for (const own of configured) {
    const free = places.filter((place) => !owners.has(place));
    const place =
      free.find(({ legacy, name }) => !legacy && name === own.id) ??
      free.find(({ legacy, name }) => !legacy && fitId(name) === own.id) ??
      free.find((candidate) => isMeant(candidate, own));
    if (place !== undefined) owners.set(place, own);
  }
  const taken = new Set(configured.map(({ id }) => id));
  const nameless = places.filter((place) => !owners.has(place));
  const names = nameless.map(({ name }) => name);
  const ids = new Map(assignIds(names, taken).map((id, index) => [nameless[index], id]));
  const placed = places.map((place) => {
    const own = owners.get(place);
    return { id: own?.id ?? ids.get(place) ?? fitId(place.name), place, own };
  });
  const used = new Set(owners.values());
  const alone = configured.filter((own) => !used.has(own));
  return [...placed, ...alone.map((own) => ({ id: own.id, place: undefined, own }))];
};

/** Whether a configured source speaks of these profiles without an sso-session. */
const isMeant = ({ legacy, name, startUrl }: Place, own: ConfiguredSource): boolean =>
  legacy &&
  fitId(name) === own.id &&
  (own.startUrl === undefined || isSamePlace(own.startUrl, startUrl?.value ?? ""));

interface Value {
  readonly value: string;
  readonly line: number | undefined;
}

const definitionOf = (
  { id, place, own }: Pair,
  file: string,
  report: ReportProblem,
): Omit<AwsSsoDefinition, "profiles"> | undefined => {
  const choose = (ours: string | undefined, theirs: Value | undefined): Value | undefined =>
    ours === undefined ? theirs : { value: ours, line: undefined };
  const startUrl = choose(own?.startUrl, place?.startUrl);
  const region = choose(own?.region, place?.region);
  const theirScopes = place?.scopes && {
    value: listOf(place.scopes.value),
    line: place.scopes.line,
  };
  const scopes = own?.scopes ? { value: own.scopes, line: undefined } : theirScopes;
  const what = place === undefined ? `sources.${id}` : `[sso-session ${shown(place.name)}]`;
  if (startUrl === undefined || region === undefined) {
    const missing = startUrl === undefined ? "start URL" : "region";
    const key = startUrl === undefined ? "sso_start_url" : "sso_region";
    report(
      place?.line,
      place === undefined
        ? `${what} names no ${missing}, and there is no [sso-session ${id}] in ${file}.`
        : `${what} has no ${key}.`,
      place === undefined ? `Add startUrl and region to ${what}.` : `Add ${key} to it.`,
    );
    return undefined;
  }
  const faults: readonly (readonly [number | undefined, Fault | undefined])[] = [
    [startUrl.line, faultOfStartUrl(startUrl.value)],
    [region.line, faultOfRegion(region.value)],
    [scopes?.line, scopes && faultOfScopes(scopes.value)],
  ];
  const fault = faults.find((each) => each[1] !== undefined);
  if (fault?.[1] !== undefined) {
    const where = fault[0] === undefined ? `sources.${id}` : what;
    report(fault[0], `${where}: ${fault[1].sentence}.`, fault[1].remedy);
    return undefined;
  }
  const contradicts =
    place !== undefined &&
    !(
      isSamePlace(startUrl.value, place.startUrl?.value ?? startUrl.value) &&
      region.value === (place.region?.value ?? region.value)
    );
  if (contradicts) {
    report(
      undefined,
      `sources.${id} and ${what} in ${file} name different organisations; Evercred signs in where sources.${id} says.`,
      `Take startUrl and region out of sources.${id}, or give it another name.`,
    );
  }
  const legacy = place?.legacy === true && own?.startUrl === undefined && scopes === undefined;
  return {
    id,
    title: own?.title ?? place?.name ?? id,
    startUrl: startUrl.value,
    region: region.value,
    scopes: legacy ? [] : (scopes?.value ?? usualScopes),
    legacy,
    cacheNames: contradicts ? [] : cacheNamesOf(place, id),
    flow: legacy ? "device" : (own?.flow ?? "code"),
  };
};

const cacheNamesOf = (place: Place | undefined, id: string): readonly string[] => {
  if (place === undefined) return [id];
  return place.legacy ? [...place.spellings] : [place.name];
};

/** A comma-separated list as botocore reads it. */
const listOf = (text: string): readonly string[] => text.split(",").map((item) => item.trim());
