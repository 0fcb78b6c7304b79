import { faultOfRegion, faultOfScopes, faultOfStartUrl, type Fault } from "./checks.ts";
import { shown } from "../shown.ts";
import { type AwsSsoDefinition, type ConfiguredSource, usualScopes } from "./definition.ts";
import type { Place } from "./places.ts";
import type { Report, Spot } from "../problem.ts";
import { assignIds, fitId } from "./source-id.ts";
import { isSamePlace } from "./start-url.ts";

/** A place and what Evercred's own configuration adds to it. One of the two is always there. */
export interface Pair {
  readonly id: string;
  readonly place: Place | undefined;
  readonly own: ConfiguredSource | undefined;
}

/** Puts together what the two configurations say of the same place. The ids are all different, and none of `others`. */
export const pairUp = (
  places: readonly Place[],
  configured: readonly ConfiguredSource[],
  others: readonly string[],
): readonly Pair[] => {
  const owners = new Map<Place, ConfiguredSource>();
  for (const own of configured) {
    const free = places.filter((place) => !owners.has(place));
    const place =
      free.find(({ legacy, name }) => !legacy && name === own.id) ??
      free.find(({ legacy, name }) => !legacy && fitId(name) === own.id) ??
      free.find((candidate) => isMeant(candidate, own));
    if (place !== undefined) owners.set(place, own);
  }
  const taken = new Set([...others, ...configured.map(({ id }) => id)]);
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

/** A place to sign in to before anybody has said what it offers. */
export type Organisation = Omit<AwsSsoDefinition, "profiles" | "assumed" | "aliases" | "program">;

interface Value {
  readonly value: string;
  readonly at: Spot | undefined;
}

/** What both configurations say of a place; undefined where nobody can sign in there. `file` is the AWS tools'. */
export const organisationOf = (
  { id, place, own }: Pair,
  file: string,
  report: Report,
): Organisation | undefined => {
  const choose = (ours: string | undefined, theirs: Place["startUrl"]): Value | undefined =>
    ours === undefined
      ? theirs && { value: theirs.value, at: theirs }
      : { value: ours, at: undefined };
  const startUrl = choose(own?.startUrl, place?.startUrl);
  const region = choose(own?.region, place?.region);
  const theirScopes = place?.scopes && { value: listOf(place.scopes.value), at: place.scopes };
  const scopes = own?.scopes ? { value: own.scopes, at: undefined } : theirScopes;
  const what = place === undefined ? `sources.${id}` : `[sso-session ${shown(place.name)}]`;
  if (startUrl === undefined || region === undefined) {
    const missing = startUrl === undefined ? "start URL" : "region";
    const key = startUrl === undefined ? "sso_start_url" : "sso_region";
    report(
      place?.at,
      place === undefined
        ? `${what} names no ${missing}, and there is no [sso-session ${id}] in ${file}.`
        : `${what} has no ${key}.`,
      place === undefined ? `Add startUrl and region to ${what}.` : `Add ${key} to it.`,
    );
    return undefined;
  }
  const faults: readonly (readonly [Spot | undefined, Fault | undefined])[] = [
    [startUrl.at, faultOfStartUrl(startUrl.value)],
    [region.at, faultOfRegion(region.value)],
    [scopes?.at, scopes && faultOfScopes(scopes.value)],
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
