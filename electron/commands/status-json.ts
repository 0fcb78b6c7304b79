import { headlineOf } from "../protocol/headline.ts";
import { english } from "../protocol/words.ts";
import type {
  OfferView,
  SignInView,
  SourceView,
  StandingView,
  Trouble,
  View,
} from "../protocol/view.ts";
import { aliasesOf } from "./profile.ts";
import type { Context, Json } from "./verb.ts";

const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const troubleJson = ({ code, sentence, remedy }: Trouble): Json => ({
  code,
  message: sentence,
  remedy,
});

const troubleOf = (standing: StandingView): Json => {
  const trouble = standing.kind === "active" ? undefined : standing.trouble;
  return trouble && troubleJson(trouble);
};

const offerJson = ({ target, title, askedAt, expiresAt, refused }: OfferView): Json => ({
  target,
  title,
  lastUsedAt: iso(askedAt),
  credentialExpiresAt: iso(expiresAt),
  refused: refused && troubleJson(refused),
});

const signInJson = (signIn: SignInView): Json => ({
  flow: signIn.flow,
  url: signIn.url,
  userCode: signIn.userCode,
  device: signIn.device,
  endsAt: iso(signIn.endsAt),
  other: signIn.other && { before: signIn.other.before, now: signIn.other.now },
});

const sourceJson = (source: SourceView, context: Context): Json => {
  const { standing, signIn, neededAt } = source;
  return {
    id: source.id,
    aliases: aliasesOf(source.id, context),
    title: source.title,
    organisation: source.organisation,
    account: source.account,
    keptBy: source.keptBy,
    unattended: source.unattended,
    signInCommand: source.unattended ? undefined : source.signInCommand,
    hasDirectory: source.hasDirectory,
    state: signIn === undefined ? standing.kind : "signing-in",
    reason: standing.kind === "signed-out" ? standing.reason : undefined,
    error: troubleOf(standing),
    signedInUntil: iso(neededAt?.at),
    signedInUntilIsExact: neededAt?.exact,
    endIsFixed: source.endIsFixed,
    tokenExpiresAt: standing.kind === "signed-out" ? undefined : iso(standing.expiresAt),
    nextAttemptAt:
      standing.kind === "active"
        ? iso(standing.renewAt)
        : standing.kind === "failing"
          ? iso(standing.retryAt)
          : undefined,
    signIn: signIn && signInJson(signIn),
    durable: source.durable,
    signInWantedAt: iso(source.wantedAt),
    targets: source.offers.map(offerJson),
  };
};

/** The documented shape of `status --json`, version 1 (docs/status-json.md). */
export const statusJson = (view: View, context: Context): Json => ({
  version: 1,
  at: iso(view.at),
  headline: headlineOf(view, english),
  daemon: {
    version: context.daemon.version,
    pid: context.daemon.pid,
    socket: context.daemon.socket,
    keychain: context.daemon.keychain,
  },
  problems: view.problems.map(troubleJson),
  sources: view.sources.map((source) => sourceJson(source, context)),
});
