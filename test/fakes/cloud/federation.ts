import { html, json, redirect, Refusal } from "./exchange.ts";
import type { Site, SiteReply, SiteRequest } from "./exchange.ts";
import type { IssuedKeys, KeyRing } from "./keys.ts";
import { opaque } from "./opaque.ts";
import { messagePage } from "./pages.ts";
import type { Partition } from "./partition.ts";

/** Where the console of a partition is, and where one signs in to it. */
export interface ConsoleHosts {
  readonly partition: Partition["name"];
  readonly signIn: string;
  readonly console: string;
}

/** The consoles of all partitions. */
export const consoleHosts: readonly ConsoleHosts[] = [
  { partition: "aws", signIn: "signin.aws.amazon.com", console: "console.aws.amazon.com" },
  {
    partition: "aws-us-gov",
    signIn: "signin.amazonaws-us-gov.com",
    console: "console.amazonaws-us-gov.com",
  },
  { partition: "aws-cn", signIn: "signin.amazonaws.cn", console: "console.amazonaws.cn" },
];

const tokenMs = 15 * 60_000;

/** A refusal is a page, not JSON. */
function refuse(message: string): Refusal {
  return new Refusal(html(400, messagePage("Invalid request", message)));
}

function readSession(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const session: unknown = JSON.parse(text ?? "");
    if (typeof session === "object" && session !== null) return { ...session };
  } catch {
    // Refused below.
  }
  throw refuse("Session is no JSON.");
}

/** Whose keys stand in the request: a role's, of this partition, alive. */
function authenticate({ query, at }: SiteRequest, keyRing: KeyRing, partition: string): IssuedKeys {
  const { sessionId, sessionKey, sessionToken } = readSession(query.get("Session"));
  const keys = keyRing.find(String(sessionId));
  const isKnown =
    keys?.secretAccessKey === sessionKey &&
    keys?.sessionToken === sessionToken &&
    keys?.identity.arn.split(":")[1] === partition;
  if (keys === undefined || !isKnown) throw refuse("The keys are unknown.");
  if (keys.expiresAt <= at) throw refuse("The keys have expired.");
  if (keys.identity.kind !== "role-session") throw refuse("The keys are no role's.");
  return keys;
}

/** `/federation` of a partition's sign-in host: makes sign-in tokens of role keys, and leads with one to the console. */
export function createFederationSite(hosts: ConsoleHosts, keyRing: KeyRing): Site {
  const tokens = new Map<string, { readonly keys: IssuedKeys; readonly endsAt: number }>();

  const getSignInToken = (request: SiteRequest): SiteReply => {
    const duration = request.query.get("SessionDuration");
    if (duration !== null && !(Number(duration) >= 900 && Number(duration) <= 43_200)) {
      throw refuse("SessionDuration is out of range.");
    }
    const keys = authenticate(request, keyRing, hosts.partition);
    const token = opaque(600);
    tokens.set(token, { keys, endsAt: request.at + tokenMs });
    return json(200, { SigninToken: token });
  };

  const login = ({ query, at }: SiteRequest): SiteReply => {
    const found = tokens.get(query.get("SigninToken") ?? "");
    if (found === undefined || found.endsAt <= at) throw refuse("The sign-in token is no good.");
    const destination = query.get("Destination") ?? "";
    const url = URL.canParse(destination) ? new URL(destination) : undefined;
    const isOurs = `.${url?.host ?? ""}`.endsWith(`.${hosts.console}`);
    if (url?.protocol !== "https:" || !isOurs) throw refuse("Destination is not the console.");
    return redirect(destination);
  };

  return (request) => {
    if (request.path !== "/federation") return html(404, messagePage("Not found", ""));
    if (request.method !== "GET") throw refuse("Only GET is supported.");
    switch (request.query.get("Action")) {
      case "getSigninToken":
        return getSignInToken(request);
      case "login":
        return login(request);
      default:
        throw refuse("Action is unknown.");
    }
  };
}
