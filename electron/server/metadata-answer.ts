import type { Broker, Route } from "../core/broker.ts";
import type { Caller } from "../core/caller.ts";
import { type TokenCredential, tokenOf } from "../core/credential.ts";
import { EvercredError, errorOf } from "../core/errors.ts";
import type { Gate } from "../core/gate.ts";
import { type GoogleAsk, googleAskOf, googleKeyOf, plainGoogleAsk } from "../core/google.ts";
import type { Target } from "../core/source.ts";
import type { Clock } from "../core/time.ts";
import { patienceMs, soon } from "./credential-answer.ts";
import type { HttpAnswer } from "./loopback-http.ts";
import {
  documentOf,
  type MetadataFacts,
  type MetadataNode,
  metadataTree,
  nodeAt,
  textOf,
} from "./metadata-tree.ts";

/** What a metadata server speaks for. */
export interface Spoken {
  readonly target: Target;
  /** The run's own project, which wins over the target's. */
  readonly project: string | undefined;
}

/** What leads a target to its session. */
export type Router = Pick<Broker, "route">;

/** Whether the metadata server has anything at this path. */
export const hasMetadata = (spoken: Spoken, path: string, router: Router): boolean =>
  find(spoken, path, router) !== undefined;

/** What a metadata server works with. */
export interface MetadataPorts {
  readonly issuer: Router;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Who asks. */
  caller(): Promise<Caller>;
}

/**
 * What a Google machine's metadata server answers at a path that it has. A person may be asked whether the caller may
 * have a token, while it asks again and again. Nobody is asked to sign in here, but that somebody should is noted.
 * Never rejects.
 */
export const metadataAnswer = async (
  spoken: Spoken,
  path: string,
  ports: MetadataPorts,
): Promise<HttpAnswer> => {
  const node = find(spoken, path, ports.issuer);
  if (node === undefined) return said(404, "There is nothing here.");
  const query = queryOf(path);
  if (node.kind === "token" || node.kind === "identity") {
    return handOut(node.kind, spoken.target, query, ports);
  }
  const isDocument =
    (node.kind === "directory" && query.get("recursive")?.toLowerCase() === "true") ||
    query.get("alt") === "json";
  return isDocument ? { status: 200, body: documentOf(node) } : said(200, textOf(node));
};

/** A refusal, or anything else that is said as it is. */
export const said = (status: number, text: string): HttpAnswer => ({ status, text });

const find = (spoken: Spoken, path: string, router: Router): MetadataNode | undefined => {
  const [place = ""] = path.split("?", 1);
  return nodeAt(metadataTree(factsOf(spoken, router)), place);
};

const queryOf = (path: string): URLSearchParams =>
  new URLSearchParams(path.includes("?") ? path.slice(path.indexOf("?") + 1) : "");

const factsOf = ({ target, project }: Spoken, router: Router): MetadataFacts => {
  let route;
  try {
    route = router.route(target);
  } catch {
    // What is asked for is then told why.
    return { email: undefined, project, scopes: [] };
  }
  return {
    email: emailOf(route),
    project: project ?? route.offer.project,
    scopes: heldScopes(route),
  };
};

/** What the source has where nothing special is asked for. */
const askOf = ({ offer }: Route): GoogleAsk => googleAskOf(offer.key) ?? plainGoogleAsk;

/** Whose tokens these are, where that is an e-mail: a workforce's people have other names, which fit into no path. */
const emailOf = (route: Route): string | undefined => {
  const name = askOf(route).impersonate.at(-1) ?? route.session.account;
  return name !== undefined && /^[^\s/?#@]+@[^\s/?#@]+$/u.test(name) ? name : undefined;
};

const heldScopes = ({ session, offer }: Route): readonly string[] => {
  const held = session.issued.held(offer.key);
  return held?.kind === "token" ? held.scopes : [];
};

/** The names of these ways to tokens, in the record. */
const verbs = { token: "metadata token", identity: "metadata identity" } as const;

const handOut = async (
  kind: "token" | "identity",
  target: Target,
  query: URLSearchParams,
  ports: MetadataPorts,
): Promise<HttpAnswer> => {
  const { issuer, gate, clock } = ports;
  const caller = await ports.caller();
  try {
    const route = issuer.route(target);
    const key = kind === "token" ? tokenKey(route, query) : identityKey(route, query);
    await gate.admit(caller, target, { ms: patienceMs });
    const credential = await issue(route, key, clock);
    if (credential === undefined) return said(503, "The token is being fetched. Try again.");
    gate.served(caller, target, credential.expiresAt, verbs[kind]);
    if (kind === "identity") return { status: 200, text: credential.token };
    return tokenAnswer(credential, clock.now() + route.session.source.offsetMs());
  } catch (thrown) {
    const error = errorOf(thrown);
    gate.refused(caller, target, error, verbs[kind]);
    return refusalOf(error);
  }
};

const tokenAnswer = ({ token, expiresAt }: TokenCredential, now: number): HttpAnswer => ({
  status: 200,
  body: {
    access_token: token,
    expires_in: Math.floor((expiresAt - now) / 1_000),
    token_type: "Bearer",
  },
});

const tokenKey = (route: Route, query: URLSearchParams): string => {
  const asked = query.getAll("scopes").flatMap((scopes) => scopes.split(/[\s,]+/u));
  return keyFor(route, asked.filter(isSome));
};

const identityKey = (route: Route, query: URLSearchParams): string => {
  const audience = query.get("audience") ?? "";
  if (audience === "") {
    throw new EvercredError("usage", "An identity token needs an audience.", {
      remedy: "Add ?audience= and for whom it is to be.",
    });
  }
  return googleKeyOf({ ...askOf(route), form: "id", scopes: [], audience });
};

const issue = async (
  { session }: Route,
  key: string,
  clock: Clock,
): Promise<TokenCredential | undefined> => {
  const issued = await soon(session.issue(key), () => session.issued.held(key), clock);
  return issued === undefined ? undefined : tokenOf(issued);
};

/** Python asks for the scopes that it was told of: that is the plain token, and not one more. */
const keyFor = (route: Route, scopes: readonly string[]): string => {
  const plain = new Set(heldScopes(route));
  const wanted = new Set(scopes);
  const isPlain = wanted.size === plain.size && scopes.every((scope) => plain.has(scope));
  return wanted.size === 0 || isPlain
    ? route.offer.key
    : googleKeyOf({ ...askOf(route), scopes: [...wanted] });
};

/** Clients ask again at a 503, and at nothing else: it is for what time or a sign-in mends. */
const refusalOf = ({ code, message, remedy }: EvercredError): HttpAnswer =>
  said(statuses[code] ?? 503, `${message} ${remedy}`);

const statuses: Partial<Readonly<Record<EvercredError["code"], number>>> = {
  "access-denied": 403,
  "policy-refused": 403,
  "consent-refused": 403,
  usage: 400,
  "config-invalid": 400,
  "unknown-name": 404,
};

const isSome = (text: string): boolean => text !== "";
