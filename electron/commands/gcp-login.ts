import type { Route } from "../core/broker.ts";
import { hasCode } from "../core/errors.ts";
import { check, refresh } from "./auth-refresh.ts";
import { accountFlag, googleSourceOf } from "./google-source.ts";
import { untilGone } from "./sign-in.ts";
import type { Request, Verb } from "./verb.ts";

/** `gcpAuthRefresh` of Claude Code: instant on a live session that the provider confirms, else a sign-in. */
export const gcpLogin: Verb = {
  name: "gcp login",
  summary: "sign in if need be, for gcpAuthRefresh",
  words: "",
  most: 0,
  flags: { account: accountFlag, "no-browser": { summary: "open no page here" } },
  onBridge: true,
  about:
    "On a live session it answers at once and opens nothing; where Google has not confirmed that one for a minute, it is asked first. Else it prints the address, opens the page once where a person is there, waits, and gives up after 165 seconds; the sign-in then stays open in the tray. Where the browser is on another computer it says how the page gets back here, and on a terminal takes the address of the page that did not load. Over a bridge it only says whether a sign-in is needed.",
  async run(parsed, request, reply, context) {
    const source = googleSourceOf(parsed.value("account"), request, context);
    const isGood = (): Promise<boolean> => works(source, request);
    if (request.bridge === undefined) {
      await refresh(source, isGood, parsed, request, reply, context);
    } else await check("gcp login", source, isGood, request, reply, context);
    return 0;
  },
};

/** A token that is there but that the caller seems to doubt is fetched anew at its next use. */
const works = async ({ session, offer }: Route, { signal }: Request): Promise<boolean> => {
  const refusal = session.issued.refusalOf(offer.key);
  if (refusal !== undefined) throw refusal;
  try {
    const proof = session.source.unattended ? session.issue(offer.key) : session.prove();
    await untilGone<unknown>(proof, signal);
  } catch (thrown) {
    if (hasCode(thrown, "sign-in-needed")) return false;
    throw thrown;
  }
  session.issued.doubt(offer.key);
  return true;
};
