import { EvercredError, hasCode } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { targetOf } from "../core/source.ts";
import { keyRouteOf } from "./api-key-name.ts";
import { googleSourceOf } from "./google-source.ts";
import type { NamedRoute } from "./on-bridge.ts";
import { type Chooser, untilGiven } from "./profile-choice.ts";
import { isRegion } from "./profile-flags.ts";
import { profileNames, profileOf } from "./profile.ts";
import { picked } from "./question.ts";
import {
  baseUrlOf,
  checkProviderFlags,
  oneOf,
  providerKinds,
  refused,
  variablesOf,
} from "./setup-flags.ts";
import type { Extras, HeldKey, Provider, Shown } from "./setup-provider.ts";
import type { Context, Request } from "./verb.ts";

/** A caller that sets something up. */
export interface Setter extends Chooser {
  readonly request: Request;
  /** The keys into which secrets have just been moved, by the variable that held them. */
  readonly moved?: ReadonlyMap<string, string>;
}

/** The provider that is meant: by flags, by what there is, or by what the caller answers. Throws `usage` without. */
export const chosenProvider = async (setter: Setter, context: Context): Promise<Provider> => {
  const { parsed, reply, asks } = setter;
  const named = parsed.value("provider");
  if (named === undefined && !asks) {
    throw refused("Which provider?", "Write --provider bedrock, vertex or gateway.");
  }
  const kind =
    named === undefined
      ? await picked("provider", providerKinds, (each) => [each], reply)
      : oneOf("provider", named, providerKinds);
  checkProviderFlags(kind, parsed);
  switch (kind) {
    case "bedrock":
      return bedrock(setter, context);
    case "vertex":
      return vertex(setter, context);
    case "gateway": {
      const question = "The gateway's address, like https://gateway.example.com:";
      const baseUrl = await given(setter, "base-url", question, baseUrlOf);
      return { kind, baseUrl, key: await chosenKey(setter, context) };
    }
  }
};

const bedrock = async (setter: Setter, context: Context): Promise<Provider> => {
  const { parsed } = setter;
  const baseUrl = passThrough(setter);
  const region = parsed.value("region");
  if (region !== undefined) regionOf(region);
  if (parsed.has("skip-auth")) {
    return { kind: "bedrock", shown: byGateway(setter, context), region, baseUrl };
  }
  const { name, offer } = await chosenRoute(
    "profile",
    (flag) => profileOf(flag, setter.request, context),
    profileNames(context),
    setter,
  );
  const usual = region ?? offer.region;
  const question = "The region of the models, like us-east-1:";
  const chosen = usual ?? (await given(setter, "region", question, regionOf));
  return { kind: "bedrock", shown: { by: "caller", name }, region: chosen, baseUrl };
};

const vertex = async (setter: Setter, context: Context): Promise<Provider> => {
  const { parsed } = setter;
  const baseUrl = passThrough(setter);
  const route = parsed.has("skip-auth")
    ? undefined
    : await chosenRoute(
        "account",
        (flag) => googleSourceOf(flag, setter.request, context),
        googleNames(context),
        setter,
      );
  const shown: Shown =
    route === undefined ? byGateway(setter, context) : { by: "caller", name: route.name };
  const where = "The region of the models, like global or us-east5:";
  const region = await given(setter, "region", where, vertexRegionOf);
  const usual = parsed.has("project") ? undefined : route?.offer.project;
  const project =
    usual ?? (await given(setter, "project", "The ID of the Google Cloud project:", projectOf));
  return { kind: "vertex", shown, region, project, baseUrl };
};

const passThrough = ({ parsed }: Setter): string | undefined => {
  const url = parsed.value("base-url");
  return url === undefined ? undefined : baseUrlOf(url);
};

const byGateway = ({ parsed, request }: Setter, context: Context): Shown => {
  const name = parsed.value("key");
  return { by: "gateway", key: name === undefined ? undefined : heldKey(name, request, context) };
};

/** Whose credentials they are: as everywhere, and where that leaves several, the one that the caller picks. */
const chosenRoute = async (
  flag: "profile" | "account",
  find: (named: string | undefined) => NamedRoute,
  names: readonly string[],
  { parsed, reply, asks }: Setter,
): Promise<NamedRoute> => {
  try {
    return find(parsed.value(flag));
  } catch (thrown) {
    if (!asks || !hasCode(thrown, "ambiguous-name") || parsed.has(flag)) throw thrown;
  }
  return find(await picked(flag, names, (name) => [name], reply));
};

const googleNames = ({ broker }: Context): readonly string[] =>
  broker.sessions
    .map(({ source }) => source.id)
    .filter((id) => broker.targets.includes(targetOf("gcp", id)));

/** What a gateway was shown so far, in the order in which it counted. */
const gatewaySecrets = ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"];

/** The key: named, what the gateway was shown so far, the only one, or the one that the caller picks. */
const chosenKey = async (
  { parsed, request, reply, asks, moved }: Setter,
  context: Context,
): Promise<HeldKey> => {
  const former = gatewaySecrets.map((name) => moved?.get(name)).find((key) => key !== undefined);
  const named = parsed.value("key") ?? former;
  if (named !== undefined) return heldKey(named, request, context);
  const names = Object.keys(context.settings().keys).sort();
  const [only] = names;
  if (only === undefined) {
    throw refused("There is no key yet.", "Add one: evercred help api-key add");
  }
  if (names.length === 1) return heldKey(only, request, context);
  if (!asks) throw refused(`Which key? There are ${names.join(", ")}.`, "Name one with --key.");
  return heldKey(await picked("key", names, (name) => [name], reply), request, context);
};

/** As long as Claude Code holds a key where nobody says it, in milliseconds. */
const usualHoldMs = 300_000;

/** A key, to be asked for again while what was got before is still good. Throws why there is none. */
const heldKey = (typed: string, request: Request, context: Context): HeldKey => {
  const { name } = keyRouteOf(typed, request, context);
  const { ttl, lifetime } = context.settings().keys[name] ?? {};
  const lifeMs = ttl ?? lifetime ?? Number.POSITIVE_INFINITY;
  // We hand out nothing with a third of its life or less left, if there is something fresher.
  return { name, holdMs: Math.max(1_000, Math.min(usualHoldMs, Math.floor(lifeMs / 3))) };
};

/** What a flag says, or the caller types, as `read` takes it. Throws `usage` where neither is there. */
const given = async (
  { parsed, reply, asks }: Setter,
  flag: string,
  question: string,
  read: (text: string) => string,
): Promise<string> => {
  const value = parsed.value(flag);
  if (value !== undefined) return read(value);
  if (!asks) throw refused(`Without a terminal this needs --${flag}.`);
  const tried = (answer: string): string | undefined => {
    try {
      return read(answer);
    } catch (thrown) {
      if (hasCode(thrown, "usage")) return undefined;
      throw thrown;
    }
  };
  return untilGiven(question, tried, reply);
};

const regionOf = (text: string): string => {
  if (isRegion(text)) return text;
  throw refused(`"${text}" is no region.`, "Write --region like us-east-1.");
};

/** Also several at once: `global`, `us`, `eu`. */
const vertexRegionOf = (text: string): string => {
  if (/^[a-z]+(?:-[a-z]+\d+)?$/.test(text)) return text;
  throw refused(`"${text}" is no region.`, "Write --region like global or us-east5.");
};

/** IDs of projects; those of a domain's are old ones. */
const projectOf = (text: string): string => {
  if (/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(text)) return text;
  throw refused(`"${text}" is no ID of a project.`, "Write --project like example-claude.");
};

/** What is to be set besides. Throws for names that there are not. */
export const chosenExtras = ({ parsed }: Setter, context: Context): Extras => {
  const headers = parsed.value("headers");
  if (headers !== undefined) checkHeaders(headers, context);
  const proxyAuth = parsed.has("proxy-auth");
  if (proxyAuth) checkProxyAuth(context);
  return {
    model: parsed.value("model"),
    smallModel: parsed.value("small-model"),
    headers,
    proxyAuth,
    env: variablesOf(parsed),
  };
};

const checkHeaders = (name: string, context: Context): void => {
  const sets = context.settings().headers;
  if (Object.hasOwn(sets, name)) return;
  const near = nearest(name, Object.keys(sets));
  throw new EvercredError("unknown-name", `There are no headers ${name}.`, {
    remedy:
      near === undefined
        ? `Add them under "headers" in ${context.daemon.configFile}.`
        : `Did you mean ${near}?`,
  });
};

const checkProxyAuth = (context: Context): void => {
  const { user, passwordKey } = context.settings().proxy;
  if (user !== undefined && passwordKey !== undefined) return;
  throw new EvercredError("config-invalid", "Nobody has said who asks the proxy.", {
    remedy: "Set network.proxyUser and network.proxyPasswordKey in the configuration.",
  });
};
