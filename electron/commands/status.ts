import { EvercredError } from "../core/errors.ts";
import { clockTime, headlineOf, isOffline, needsPerson, sourceLine } from "../protocol/headline.ts";
import type { OfferView, SourceView, Trouble, View } from "../protocol/view.ts";
import { durationOf } from "./arguments.ts";
import type { Context, Json, Parsed, Reply, Verb } from "./verb.ts";

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const troubleJson = ({ code, sentence, remedy }: Trouble): Json => ({
  code,
  message: sentence,
  remedy,
});

const offerJson = ({ target, title, askedAt, expiresAt, refused }: OfferView): Json => ({
  target,
  title,
  lastUsedAt: iso(askedAt),
  credentialExpiresAt: iso(expiresAt),
  refused: refused && troubleJson(refused),
});

const sourceJson = (source: SourceView): Json => {
  const { standing, signIn, neededAt } = source;
  return {
    id: source.id,
    title: source.title,
    organisation: source.organisation,
    state: signIn === undefined ? standing.kind : "signing-in",
    reason: standing.kind === "signed-out" ? standing.reason : undefined,
    error: standing.kind === "failing" ? troubleJson(standing.trouble) : undefined,
    signedInUntil: iso(neededAt?.at),
    signedInUntilIsExact: neededAt?.exact,
    tokenExpiresAt: standing.kind === "signed-out" ? undefined : iso(standing.expiresAt),
    nextAttemptAt:
      standing.kind === "active"
        ? iso(standing.renewAt)
        : standing.kind === "failing"
          ? iso(standing.retryAt)
          : undefined,
    signIn: signIn && {
      flow: signIn.flow,
      url: signIn.url,
      userCode: signIn.userCode,
      endsAt: iso(signIn.endsAt),
    },
    durable: source.durable,
    signInWantedAt: iso(source.wantedAt),
    targets: source.offers.map(offerJson),
  };
};

/** The documented shape of `status --json`, version 1 (docs/status-json.md). */
const statusJson = (view: View, { daemon }: Context): Json => ({
  version: 1,
  at: iso(view.at),
  headline: headlineOf(view),
  daemon: {
    version: daemon.version,
    pid: daemon.pid,
    socket: daemon.socket,
    keychain: daemon.keychain,
  },
  problems: view.problems.map(troubleJson),
  sources: view.sources.map(sourceJson),
});

const offerLine = (offer: OfferView, now: number): string => {
  const name = offer.target.slice(offer.target.indexOf(":") + 1);
  const parts = [`  ${name}`, offer.title];
  if (offer.refused !== undefined) parts.push("refused by the provider");
  else if (offer.expiresAt !== undefined && offer.expiresAt > now) {
    parts.push(`keys until ${clockTime(offer.expiresAt, now)}`);
  }
  return parts.join("  ");
};

const printText = (view: View, reply: Reply): void => {
  reply.print(headlineOf(view));
  for (const source of view.sources) {
    reply.print("");
    reply.print(`${source.id}  ${source.organisation}  ${sourceLine(source, view.at)}`);
    if (!source.durable) reply.print("  kept in memory only: a restart asks for a new sign-in");
    if (source.standing.kind === "failing") reply.print(`  ${source.standing.trouble.remedy}`);
    for (const offer of source.offers) reply.print(offerLine(offer, view.at));
  }
  for (const { sentence, remedy } of view.problems) {
    reply.print("");
    reply.print(`! ${sentence} ${remedy}`);
  }
};

/** Throws unless these sources serve from now until `until`, as far as is known. */
const check = (parsed: Parsed, view: View): void => {
  const wanted = parsed.words.map((id) => {
    const source = view.sources.find((each) => each.id === id);
    if (source !== undefined) return source;
    const ids = view.sources.map((each) => each.id).join(", ");
    const remedy = `There are: ${ids}.`;
    throw new EvercredError("unknown-name", `There is no source ${id}.`, { remedy });
  });
  const sources = wanted.length === 0 ? view.sources : wanted;
  const length = parsed.value("for");
  const until = view.at + (length === undefined ? 0 : durationOf(length));
  for (const source of sources) {
    const { id, standing, neededAt } = source;
    const remedy = `Run: evercred login ${id}`;
    if (standing.kind === "failing" && isOffline(source) && standing.expiresAt <= view.at) {
      throw new EvercredError("unreachable", `${id} cannot be reached.`);
    }
    if (standing.kind === "failing" && needsPerson(source)) {
      const { sentence, remedy: mend } = standing.trouble;
      throw new EvercredError("sign-in-needed", `${id}: ${sentence}`, { remedy: mend });
    }
    if (standing.kind === "signed-out") {
      throw new EvercredError("sign-in-needed", `${id}: a sign-in is needed.`, { remedy });
    }
    if (neededAt !== undefined && neededAt.at < until) {
      throw new EvercredError(
        "sign-in-needed",
        `${id}: a sign-in is needed at ${clockTime(neededAt.at, view.at)}.`,
        { remedy },
      );
    }
  }
};

/** Where things stand. */
export const status: Verb = {
  name: "status",
  summary: "where things stand",
  words: "[SOURCE…]",
  most: 64,
  flags: {
    json: { summary: "as JSON, version 1" },
    watch: { summary: "again at each change, until Ctrl-C" },
    short: { summary: "one line" },
    check: { summary: "say nothing; exit 3 unless all (or those named) are signed in" },
    for: { value: "TIME", summary: "with --check: and will be for this long" },
  },
  about: "Says until when nobody is needed, and what is handed out. Asks no provider.",
  async run(parsed, request, reply, context) {
    const { words } = parsed;
    if (parsed.has("check")) {
      check(parsed, context.view());
      return 0;
    }
    if (words.length > 0 || parsed.has("for")) {
      throw new EvercredError("usage", "Names and --for go with --check.", {
        remedy: "See: evercred help status",
      });
    }
    const show = (): void => {
      const view = context.view();
      if (parsed.has("json")) reply.printJson(statusJson(view, context));
      else if (parsed.has("short")) reply.print(headlineOf(view));
      else printText(view, reply);
    };
    show();
    if (!parsed.has("watch") || request.signal.aborted) return 0;
    await new Promise<void>((resolve) => {
      const stop = context.subscribe(() => {
        if (!parsed.has("json")) reply.print("");
        show();
      });
      request.signal.addEventListener("abort", () => {
        stop();
        resolve();
      });
    });
    return 0;
  },
};
