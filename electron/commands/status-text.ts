import { clockTime, headlineOf, sourceLine, whenLine } from "../protocol/headline.ts";
import { isKey } from "../protocol/labels.ts";
import type { OfferView, SourceView, View } from "../protocol/view.ts";
import { plain } from "./plain.ts";
import { aliasesOf } from "./profile.ts";
import { remedyOf } from "./status-check.ts";
import type { Context, Reply } from "./verb.ts";

const offerLine = (offer: OfferView, now: number): string => {
  const name = offer.target.slice(offer.target.indexOf(":") + 1);
  const parts = [`  ${name}`, offer.title];
  if (offer.refused !== undefined) parts.push("refused by the provider");
  else if (offer.expiresAt !== undefined && offer.expiresAt > now) {
    parts.push(`${wordOf(offer)} until ${clockTime(offer.expiresAt, now)}`);
  }
  return parts.join("  ");
};

/** What is handed out for an offer. */
const wordOf = ({ target }: OfferView): string =>
  isKey(target) ? "key" : target.startsWith("gcp:") ? "token" : "keys";

/** What there is to say of one source beside its line. */
const detailsOf = (source: SourceView, now: number, context: Context): readonly string[] => {
  const { standing, neededAt, signIn, account, isEntered } = source;
  const aliases = aliasesOf(source.id, context);
  const details: string[] = [];
  if (aliases.length > 0) details.push(`also called ${aliases.join(", ")}`);
  if (account !== undefined) details.push(`signed in as ${account}`);
  if (signIn?.device !== undefined) details.push(`the device is ${signIn.device}`);
  // Of what others keep, and of a key, the source's own line has that already.
  const isSaid =
    (source.keptBy !== undefined || isEntered) &&
    standing.kind === "active" &&
    signIn === undefined;
  if (neededAt !== undefined && !isSaid) {
    details.push(`${isEntered ? "the key ends" : "sign-in needed"} ${whenLine(neededAt, now)}`);
  }
  if (source.endIsFixed) details.push("your organisation ends this at a fixed time");
  if (!source.durable) {
    details.push(
      `kept in memory only: a restart asks for ${isEntered ? "it again" : "a new sign-in"}`,
    );
  }
  if (standing.kind === "failing") details.push(standing.trouble.remedy);
  if (standing.kind === "signed-out" && standing.trouble !== undefined) {
    details.push(remedyOf(standing.trouble, source));
  } else if (standing.kind === "signed-out" && isEntered) {
    details.push(`to enter it: ${source.signInCommand}`);
  }
  return details;
};

/** Prints for people where things stand. */
export const printStatus = (view: View, reply: Reply, context: Context): void => {
  reply.print(headlineOf(view));
  for (const source of view.sources) {
    reply.print("");
    reply.print(`${source.id}  ${source.organisation}  ${sourceLine(source, view.at)}`);
    for (const detail of detailsOf(source, view.at, context)) reply.print(`  ${plain(detail)}`);
    for (const offer of source.offers) reply.print(offerLine(offer, view.at));
  }
  for (const { sentence, remedy } of view.problems) {
    reply.print("");
    reply.print(`! ${sentence} ${remedy}`);
  }
};
