import type { AccessCheck } from "./access-ports.ts";
import { accessLines } from "./access-words.ts";
import { keyRouteOf } from "./api-key-name.ts";
import { awsKeysOf, type Credential, tokenOf } from "../core/credential.ts";
import { errorOf, EvercredError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import { targetOf } from "../core/source.ts";
import type { NamedRoute } from "./on-bridge.ts";
import { patiently } from "./patience.ts";
import type { ClaudeWishes } from "./ports.ts";
import type { Provider } from "./setup-provider.ts";
import type { Changer } from "./setup-change.ts";
import { fetched } from "./silent.ts";
import type { Context } from "./verb.ts";

/** Variables that name models. */
const modelVariables = /^ANTHROPIC_(?:MODEL|DEFAULT_[A-Z]+_MODEL)$/;

/** A caller that finds it out, and the verb by which it is recorded. */
interface Verifier extends Changer {
  readonly verb: string;
}

/**
 * Says whether this identity may use Claude as it was set up: what it may, what it may not, and what could not be
 * learnt. It opens no sign-in, and fails nothing. The caller has to be allowed what is used for it, as everywhere.
 */
export const verifyAccess = async (
  provider: Provider,
  { env }: ClaudeWishes,
  verifier: Verifier,
  context: Context,
): Promise<void> => {
  const { parsed, reply } = verifier;
  if (parsed.has("no-verify") || parsed.has("dry-run")) return;
  const names = Object.keys(env).filter((name) => modelVariables.test(name));
  const models = [...new Set(names.map((name) => env[name] ?? ""))];
  const work = checksOf(provider, models, verifier, context).catch(
    (thrown: unknown): readonly AccessCheck[] => [notChecked(errorOf(thrown))],
  );
  const what = "an answer whether you may use Claude there";
  const checks = await patiently(what, work, verifier.request, reply, context.clock);
  for (const line of accessLines(checks)) reply.say(line);
};

const notChecked = ({ message, remedy }: EvercredError): AccessCheck => ({
  what: "use of Claude",
  verdict: "not-checked",
  sentence: message,
  remedy,
});

const checksOf = async (
  provider: Provider,
  models: readonly string[],
  verifier: Verifier,
  context: Context,
): Promise<readonly AccessCheck[]> => {
  const { access } = context;
  const { signal } = verifier.request;
  if (provider.kind === "gateway") {
    const { baseUrl, key } = provider;
    const shown = await keyOf(key.name, verifier, context);
    return access.gateway({ baseUrl, key: shown, speaks: { kind: "anthropic" }, models }, signal);
  }
  const { shown, baseUrl } = provider;
  if (shown.by === "gateway") {
    if (baseUrl === undefined) throw new EvercredError("internal");
    const key = shown.key && (await keyOf(shown.key.name, verifier, context));
    return access.gateway({ baseUrl, key, speaks: speaksOf(provider), models }, signal);
  }
  if (provider.kind === "bedrock") {
    const route = routeTo("aws", shown.name, context);
    const credential = awsKeysOf(await issued(`profile ${shown.name}`, route, verifier, context));
    const region = provider.region ?? "";
    return access.bedrock({ credential, region, models, baseUrl }, signal);
  }
  const route = routeTo("gcp", shown.name, context);
  const { token } = tokenOf(await issued(`account ${shown.name}`, route, verifier, context));
  const { region, project } = provider;
  return access.vertex({ token, region, project, models, baseUrl }, signal);
};

type PassedThrough = Exclude<Provider, { kind: "gateway" }>;

const speaksOf = (
  provider: PassedThrough,
): { kind: "bedrock" } | { kind: "vertex"; region: string; project: string } =>
  provider.kind === "bedrock"
    ? { kind: "bedrock" }
    : { kind: "vertex", region: provider.region, project: provider.project };

const routeTo = (kind: "aws" | "gcp", name: string, { broker }: Context): NamedRoute => {
  const target = targetOf(kind, name);
  return { name, target, ...broker.route(target) };
};

const keyOf = async (name: string, verifier: Verifier, context: Context): Promise<Secret> => {
  const route = keyRouteOf(name, verifier.request, context);
  return tokenOf(await issued(`key ${name}`, route, verifier, context)).token;
};

const issued = (
  title: string,
  { session, offer, target }: NamedRoute,
  { verb, parsed, request, reply }: Verifier,
  context: Context,
): Promise<Credential> =>
  fetched(verb, { session, key: offer.key, target, title }, parsed, request, reply, context);
