import type { Session } from "../core/session.ts";
import type { SignIn } from "../core/sign-in.ts";
import type { PageFate } from "../core/sign-ins.ts";
import { doubtOf } from "../core/page-doubt.ts";
import type { PageRequest, SignInRequest, Source } from "../core/source.ts";
import { urlOf } from "../core/urls.ts";
import { plain } from "./plain.ts";
import { typeCode } from "./sign-in-code.ts";
import { enterSecret } from "./sign-in-secret.ts";
import { pasteAddress, tunnelOf } from "./sign-in-paste.ts";
import type { TypedLine } from "./typed-line.ts";
import type { Reply, Request } from "./verb.ts";

/** A sign-in that is open, and what becomes of its page. */
export interface Begun {
  readonly signIn: SignIn;
  readonly page: Promise<PageFate>;
}

/** A caller who waits for a sign-in. */
export interface Waiter {
  readonly request: Request;
  readonly reply: Reply;
  /** Where it can be asked. */
  readonly line: TypedLine | undefined;
  /** What `work` gives; throws once the caller has gone, or has waited long enough. */
  readonly patiently: <T>(work: Promise<T>) => Promise<T>;
}

/** Where a page of another program's waits for somebody, there is no address yet. */
const programLine: Readonly<Partial<Record<PageFate, string>>> = {
  waiting:
    "Nobody is here just now: the sign-in begins when somebody unlocks this computer. Waiting…",
  "put-off":
    "Whoever is here wants to be asked later: the sign-in begins then, or from the tray. Waiting…",
  queued: "Another sign-in is open: this one begins after it, or from the tray. Waiting…",
  "held-back":
    "The last sign-in was not finished, so none begins by itself. Use the tray or: evercred login. Waiting…",
};

/** What is said of the page, after its address. Only a page with a code can be finished on another machine. */
const pageLine = (fate: PageFate, { flow }: PageRequest): string => {
  const where = flow === "device" ? "on any machine" : "on this computer";
  switch (fate) {
    case "opened":
      return "The page is open in your browser. Waiting for you to sign in…";
    case "waiting":
      return "Nobody is here just now: the page opens when somebody unlocks this computer. Waiting…";
    case "put-off":
      return "Whoever is here wants to be asked later: the page opens then, or from the tray. Waiting…";
    case "queued":
      return "Another sign-in is open: this page opens after it, or from the tray. Waiting…";
    case "held-back":
      return "The last sign-in was not finished, so no page is opened by itself. Open the address, or use the tray or: evercred login. Waiting…";
    case "doubtful":
      return "So it was not opened. To go on, open the address yourself; to give up, cancel in the tray. Waiting…";
    case "not-wanted":
    case "no-page":
    case "unavailable":
      return `Open the address ${where} to sign in. Waiting…`;
  }
};

/**
 * Shows a caller what a sign-in needs of a person, and takes what can be typed here. Resolves to what it needs;
 * undefined where it ends without.
 */
export const present = async (
  session: Session,
  { signIn, page }: Begun,
  waiter: Waiter,
): Promise<SignInRequest | undefined> => {
  const { reply, line, patiently } = waiter;
  const request = signIn.request.catch(() => undefined);
  let said: string | undefined;
  if (session.source.byProgram === true) {
    // What is not begun yet may have nothing to show for long.
    const fate = await patiently(Promise.race([page, request.then(() => undefined)]));
    said = fate && programLine[fate];
    if (said !== undefined) reply.say(said);
  }
  const asked = await patiently(request);
  if (asked === undefined) return undefined;
  if (asked.flow === "mfa") {
    await patiently(typeCode(asked, signIn, session, line, reply));
    return asked;
  }
  if (asked.flow === "secret") {
    await patiently(enterSecret(asked, signIn, session, line, reply));
    return asked;
  }
  const doubt = doubtLine(session.source, asked);
  if (doubt !== undefined) reply.say(doubt);
  printAddress(asked, signIn, reply);
  if (said === undefined) await presentPage(asked, { signIn, page }, waiter);
  return asked;
};

const presentPage = async (
  asked: PageRequest,
  { signIn, page }: Begun,
  { request, reply, line, patiently }: Waiter,
): Promise<void> => {
  const ended = signIn.outcome.then(() => undefined);
  const fate = await patiently(Promise.race([page, ended]));
  if (fate === undefined) return;
  const { url, paste } = asked;
  const isElsewhere = fate === "not-wanted" || fate === "unavailable";
  const tunnel = isElsewhere ? tunnelOf(url, request.env["SSH_CONNECTION"] ?? "") : undefined;
  if (tunnel === undefined) reply.say(pageLine(fate, asked));
  else {
    reply.say("Where your browser is, run this first, then open the address there. Waiting…");
    reply.say(tunnel);
  }
  if (isElsewhere && paste !== undefined && line !== undefined) {
    await patiently(pasteAddress(paste, signIn, line, reply));
  }
};

/** What a person has to know before going to a page that may be somebody else's; undefined where it is the provider's. */
const doubtLine = (source: Source, page: PageRequest): string | undefined => {
  const host = urlOf(page.url)?.host ?? "an address that is none";
  switch (doubtOf(source, page)) {
    case undefined:
      return undefined;
    case "foreign":
      return `Careful: the page is on ${plain(host)}, which is not one of the hosts of ${plain(source.organisation)}. Go on only if you know why.`;
    case "insecure":
      return `Careful: the page on ${plain(host)} is not encrypted: whoever is on the way can read what you enter there. Go on only if you know why.`;
  }
};

/** What the program of a sign-in has printed already is not printed again. Names that look like others show what they are. */
const printAddress = ({ url, userCode }: PageRequest, signIn: SignIn, reply: Reply): void => {
  if (!signIn.lines.some((line) => line.includes(url))) {
    reply.print(plain(urlOf(url)?.href ?? url));
  }
  if (userCode !== undefined) reply.print(`Code: ${plain(userCode)}`);
};

/** Prints what the program of a sign-in prints, from its first line on, until the returned function is called. */
export const followProgram = (signIn: SignIn, reply: Reply): (() => void) =>
  signIn.follow((line) => {
    const text = plain(line);
    if (text !== "") reply.print(text);
  });
