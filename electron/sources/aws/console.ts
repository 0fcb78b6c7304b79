import * as z from "zod";
import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { faultOfRegion } from "./checks.ts";
import { shown } from "../shown.ts";
import { senselessReply } from "./replies.ts";
import { urlOf } from "../../core/urls.ts";
import type { Transport } from "./transport.ts";

/** Where the console of some regions is, and where one signs in to it. */
interface Console {
  readonly signInHost: string;
  /** All its pages are on this host, or below it. */
  readonly host: string;
}

/** By the start of a region's name, the most special first ("AWS Sign-In endpoints", general reference). */
const consoles: readonly (readonly [RegExp, Console | undefined])[] = [
  [/^us-gov-/, { signInHost: "signin.amazonaws-us-gov.com", host: "console.amazonaws-us-gov.com" }],
  [/^cn-/, { signInHost: "signin.amazonaws.cn", host: "console.amazonaws.cn" }],
  // Partitions of their own, whose addresses are not published: no keys go to a guess.
  [/^(?:eusc-|(?:us|eu)-iso)/, undefined],
  [/^/, { signInHost: "signin.aws.amazon.com", host: "console.aws.amazon.com" }],
];

/** Which page of the console is wanted. */
export interface ConsolePage {
  readonly region: string | undefined;
  /** Its address; undefined: the home of the region. */
  readonly destination: string | undefined;
}

const replyForm = z.object({ SigninToken: z.string().min(1) });

/**
 * An address that signs whoever opens it in to the console with these keys, good for 15 minutes (IAM user guide,
 * "Enable custom identity broker access to the AWS console"). The transport must take replies of any form: a refusal
 * is a page. Rejects with `usage`, `access-denied`, or what the transport says.
 */
export const consoleUrlOf = async (
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredential,
  page: ConsolePage,
  transport: Transport,
  signal: AbortSignal,
): Promise<Secret> => {
  const { console, destination } = placeOf(page);
  const session = {
    sessionId: accessKeyId,
    sessionKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
  };
  // Without SessionDuration, which fails for a role that was assumed with another one's keys.
  const query = { Action: "getSigninToken", Session: JSON.stringify(session) };
  const token = await signInTokenOf(console.signInHost, query, transport, signal);
  const address = new URL(`https://${console.signInHost}/federation`);
  address.search = new URLSearchParams({
    Action: "login",
    Issuer: "evercred",
    Destination: destination,
    SigninToken: token,
  }).toString();
  return new Secret(address.href);
};

const placeOf = ({
  region,
  destination,
}: ConsolePage): { readonly console: Console; readonly destination: string } => {
  const fault = region === undefined ? undefined : faultOfRegion(region);
  if (fault !== undefined) {
    throw new EvercredError("usage", `${fault.sentence}.`, { remedy: fault.remedy });
  }
  const url = destination === undefined ? undefined : urlOf(destination);
  const console = region === undefined ? consoleAt(url) : consoleIn(region);
  if (console === undefined) {
    throw new EvercredError("usage", `Evercred does not know the console of ${region ?? ""}.`, {
      remedy: "Sign in to it at your organisation's access portal.",
    });
  }
  if (destination === undefined) {
    const home = `https://${console.host}/console/home`;
    return { console, destination: region === undefined ? home : `${home}?region=${region}` };
  }
  if (url !== undefined && isPageOf(console, url)) return { console, destination: url.href };
  throw new EvercredError("usage", `"${shown(destination)}" is not a page of the AWS console.`, {
    remedy: `Write an address that starts with https://${console.host}/.`,
  });
};

const consoleIn = (region: string): Console | undefined =>
  consoles.find(([regions]) => regions.test(region))?.[1];

/** The console that a page belongs to; of one that belongs to none it is said against the usual one. */
const consoleAt = (url: URL | undefined): Console | undefined =>
  consoles.find(([, console]) => url && console && isPageOf(console, url))?.[1] ??
  consoleIn("us-east-1");

const isPageOf = ({ host }: Console, { protocol, username, password, port, hostname }: URL) =>
  protocol === "https:" &&
  `${username}${password}${port}` === "" &&
  (hostname === host || hostname.endsWith(`.${host}`));

const signInTokenOf = async (
  hostname: string,
  query: Record<string, string>,
  transport: Transport,
  signal: AbortSignal,
): Promise<string> => {
  // The SDK's class for this is in a package of its own; the handler reads no more than stands here.
  const request = {
    method: "GET",
    protocol: "https:",
    hostname,
    path: "/federation",
    query,
    headers: { accept: "application/json" },
  } as unknown as Parameters<Transport["handle"]>[0];
  let response;
  try {
    ({ response } = await transport.handle(request, { abortSignal: signal }));
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
  if (response.statusCode >= 400) {
    throw new EvercredError("access-denied", "AWS does not open its console for these keys.", {
      remedy: "Use a profile with a role; IAM users sign in to the console themselves.",
    });
  }
  const body: unknown = response.body;
  const token = replyForm.safeParse(jsonOf(body)).data?.SigninToken;
  if (token === undefined) throw senselessReply(hostname);
  return token;
};

const jsonOf = (body: unknown): unknown => {
  try {
    return body instanceof Uint8Array ? JSON.parse(Buffer.from(body).toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
};
