import { headlineOf, shapeOf, sourceLine } from "../protocol/headline.ts";
import { clockTime, whenLine } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { isKey } from "../protocol/labels.ts";
import type { OfferView, SourceView, View } from "../protocol/view.ts";
import type { Paint } from "./paint.ts";
import { columns, plain } from "./plain.ts";
import { aliasesOf } from "./profile.ts";
import { remedyOf } from "./status-check.ts";
import type { Context, Reply } from "./verb.ts";

const offerLine = (offer: OfferView, now: number): string => {
  const name = offer.target.slice(offer.target.indexOf(":") + 1);
  const parts = [`  ${name}`, offer.title];
  if (offer.refused?.code === "policy-refused") parts.push("not allowed by your organisation");
  else if (offer.refused !== undefined) parts.push("refused by the provider");
  else if (offer.expiresAt !== undefined && offer.expiresAt > now) {
    parts.push(`${wordOf(offer)} until ${clockTime(offer.expiresAt, now, english)}`);
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
    details.push(
      `${isEntered ? "the key ends" : "sign-in needed"} ${whenLine(neededAt, now, english)}`,
    );
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

/** What a source's state looks like at a glance: told apart by its shape, with or without colours. */
const markOf = (source: SourceView, paint: Paint): string => {
  switch (shapeOf(source)) {
    case "signed-in":
      return paint.good("●");
    case "attention":
      return paint.bad("!");
    case "offline":
      return paint.waiting("◌");
    case "signing-in":
      return paint.waiting("…");
    case "idle":
      return paint.faint("○");
  }
};

/** The lines of all sources, as a table where somebody looks at it. */
const tableOf = ({ sources, at }: View, paint: Paint): readonly string[] => {
  const rows = sources.map((source) => [
    source.id,
    source.organisation,
    sourceLine(source, at, english),
  ]);
  if (!paint.isSeen) return rows.map((row) => row.join("  "));
  return columns(rows).map((line, index) => {
    const [source] = sources.slice(index);
    return source === undefined ? line : `${markOf(source, paint)} ${line}`;
  });
};

/** Prints for people where things stand. */
export const printStatus = (view: View, paint: Paint, reply: Reply, context: Context): void => {
  reply.print(paint.strong(headlineOf(view, english)));
  const table = tableOf(view, paint);
  const margin = paint.isSeen ? "  " : "";
  for (const [index, source] of view.sources.entries()) {
    reply.print("");
    reply.print(table[index] ?? "");
    const details = detailsOf(source, view.at, context).map((detail) => `  ${plain(detail)}`);
    for (const line of [...details, ...source.offers.map((offer) => offerLine(offer, view.at))]) {
      reply.print(`${margin}${paint.faint(line)}`);
    }
  }
  for (const { sentence, remedy } of view.problems) {
    reply.print("");
    reply.print(`${paint.bad("!")} ${sentence} ${remedy}`);
  }
};
