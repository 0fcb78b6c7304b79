import { type SignInProgram, usualTimeoutMs } from "../program.ts";
import { bindingOf, type ConfiguredSource, usualScopes } from "./definition.ts";
import type { Organisation, Pair } from "./sso-definitions.ts";
import { plainStartUrl } from "../../core/urls.ts";

/** A place under one of its names. */
export interface Named {
  readonly pair: Pair;
  readonly organisation: Organisation;
}

/** An organisation with all its names: one sign-in is good for all of them. */
export interface United {
  readonly organisation: Organisation & {
    readonly aliases: readonly string[];
    readonly program: SignInProgram | undefined;
  };
  readonly pairs: readonly Pair[];
}

/**
 * Puts together what one grant is good for: the same start URL, region and scopes. Profiles without an
 * sso-session join one that may use the accounts: its token is worth no less, and can be renewed. Two that
 * Evercred's own configuration names both stay two: then that is wanted, say for two people's accounts.
 */
export const unite = (all: readonly Named[]): readonly United[] => {
  const groups: Named[][] = [];
  const renewableFirst = [
    ...all.filter(({ organisation }) => !organisation.legacy),
    ...all.filter(({ organisation }) => organisation.legacy),
  ];
  for (const each of renewableFirst) {
    const group = groups.find((members) => joins(each, members));
    if (group === undefined) groups.push([each]);
    else group.push(each);
  }
  return groups.map(unitedOf);
};

const joins = (each: Named, [first, ...others]: readonly Named[]): boolean => {
  if (first === undefined || placeOf(first) !== placeOf(each)) return false;
  const { scopes } = first.organisation;
  const isCovered = each.organisation.legacy
    ? first.organisation.legacy || usualScopes.every((scope) => scopes.includes(scope))
    : isSameSet(scopes, each.organisation.scopes);
  return isCovered && !(isConfigured(each) && [first, ...others].some(isConfigured));
};

const placeOf = ({ organisation: { startUrl, region } }: Named): string =>
  bindingOf(plainStartUrl(startUrl), region, []);

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  bindingOf("", "", [...new Set(a)]) === bindingOf("", "", [...new Set(b)]);

const isConfigured = ({ pair }: Named): boolean => pair.own !== undefined;

const unitedOf = (members: readonly Named[]): United => {
  const [first] = members;
  if (first === undefined) throw new RangeError("An organisation has a name.");
  const named = members.find(isConfigured) ?? first;
  const { id, title } = named.organisation;
  const { legacy, flow } = first.organisation;
  const names = members.flatMap(({ pair: { place } }) =>
    place === undefined || place.legacy ? [] : [place.name],
  );
  return {
    pairs: members.map(({ pair }) => pair),
    organisation: {
      ...first.organisation,
      id,
      title,
      cacheNames: [...new Set(members.flatMap(({ organisation }) => organisation.cacheNames))],
      flow: legacy ? flow : (named.pair.own?.flow ?? flow),
      program: programOf(named.pair.own),
      aliases: names.filter((name) => name !== id),
    },
  };
};

const programOf = (own: ConfiguredSource | undefined): SignInProgram | undefined =>
  own?.signIn && { argv: own.signIn, timeoutMs: own.timeout ?? usualTimeoutMs, unset: [] };
