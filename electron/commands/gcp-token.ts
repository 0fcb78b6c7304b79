import { tokenOf } from "../core/credential.ts";
import { EvercredError } from "../core/errors.ts";
import type { GoogleAsk } from "../core/google.ts";
import { askOf, impersonateFlag, keyOf } from "./gcp-ask.ts";
import { accountFlag, googleSourceOf } from "./google-source.ts";
import type { Bridge, NamedRoute } from "./on-bridge.ts";
import { untilGone } from "./sign-in.ts";
import { fetched, fetchFlags } from "./silent.ts";
import type { Flag, Request, Verb } from "./verb.ts";

const printing = (
  name: string,
  summary: string,
  form: GoogleAsk["form"],
  flags: Readonly<Record<string, Flag>>,
  about: string,
): Verb => ({
  name,
  summary,
  words: "",
  most: 0,
  flags: { account: accountFlag, ...flags, impersonate: impersonateFlag, ...fetchFlags },
  onBridge: true,
  about,
  async run(parsed, request, reply, context) {
    const ask = askOf(form, parsed);
    const source = googleSourceOf(parsed.value("account"), request, context);
    if (request.bridge !== undefined) await admitAsk(ask, source, request.bridge, request);
    const wanted = { ...source, key: keyOf(ask, source.offer), title: source.name };
    const { token } = tokenOf(await fetched(name, wanted, parsed, request, reply, context));
    reply.printForm({ token }, ({ token: clear = "" }) => `${clear}\n`);
    return 0;
  },
});

/** An access token, as `gcloud auth print-access-token` prints it. */
export const gcpToken: Verb = printing(
  "gcp token",
  "an access token of a Google account",
  "access",
  {
    scopes: {
      value: "SCOPES",
      summary: "what it is to be good for: cloud-platform, or whole addresses; with commas",
    },
  },
  "Prints the token and a newline, from memory where it can. Without --scopes it has those of the sign-in. With --impersonate it is a service account's: of A,B, A is become first and by its means B, whose token it is. Opens no browser: where a sign-in is needed it exits 3 and the tray asks. Over a bridge it is the account's own token only.",
);

/** An identity token: says to one service who asks. */
export const gcpIdToken: Verb = printing(
  "gcp id-token",
  "an identity token for one service",
  "id",
  {
    audience: {
      value: "AUDIENCE",
      summary: "for whom: what the service expects, like its address",
    },
  },
  "Prints the token and a newline, from memory where it can. A person's own sign-in cannot choose an audience: then --impersonate names the service account that the token is to be of. Opens no browser: where a sign-in is needed it exits 3 and the tray asks.",
);

/** Throws `policy-refused` for what is more than the target is: a bridge allows that one and no more. */
const admitAsk = async (
  ask: GoogleAsk,
  { session, offer, target }: NamedRoute,
  { name }: Bridge,
  { signal }: Request,
): Promise<void> => {
  if (keyOf(ask, offer) === offer.key) return;
  if (ask.impersonate.length > 0) {
    const sentence = `The bridge ${name} serves ${target} itself, and no other service account.`;
    throw new EvercredError("policy-refused", sentence, { remedy: "Leave --impersonate out." });
  }
  if (ask.scopes.length === 0) return;
  const own = tokenOf(await untilGone(session.issue(offer.key), signal));
  if (ask.scopes.every((scope) => own.scopes.includes(scope))) return;
  const sentence = `The bridge ${name} serves ${target} with its own scopes only.`;
  throw new EvercredError("policy-refused", sentence, { remedy: "Leave --scopes out." });
};
