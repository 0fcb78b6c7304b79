import { join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { targetOf } from "../core/source.ts";
import { type NamedRoute, routeOnBridge } from "./on-bridge.ts";
import { plain } from "./plain.ts";
import type { Context, Flag, Request } from "./verb.ts";

/** The flag of every verb that works with a Google source. */
export const accountFlag: Flag = {
  value: "ACCOUNT",
  summary: "the Google source, or who is signed in there; else the only one",
};

/**
 * The Google source that is meant: the flag, which is its id or the e-mail of who is signed in there, else the
 * configured one, else the only one that we keep, else the only one that a person signs in to, else the only one. Throws `ambiguous-name` or `unknown-name` with what there is.
 */
export const googleSourceOf = (
  flag: string | undefined,
  request: Request,
  context: Context,
): NamedRoute => {
  if (request.bridge !== undefined) return routeOnBridge("gcp", flag, request.bridge, context);
  const named = flag ?? context.defaultGoogleSource();
  const all = googleSources(context);
  if (all.length === 0) throw noneYet(request, context);
  if (named !== undefined) return namedIn(all, named, request, context);
  const usual = precedence.map((counts) => all.filter(counts)).find(({ length }) => length === 1);
  if (usual?.[0] !== undefined) return usual[0];
  throw new EvercredError("ambiguous-name", `Which Google account? There are ${listOf(all)}.`, {
    remedy: "Name one with --account.",
  });
};

/** Whose tokens come first where nobody names one: a file that lies about makes no sign-in of ours ambiguous. */
const precedence: readonly ((route: NamedRoute) => boolean)[] = [
  ({ session }) => session.source.keptBy === undefined,
  ({ session }) => !session.source.unattended,
  () => true,
];

/** All that can be asked for Google tokens. */
const googleSources = ({ broker }: Context): readonly NamedRoute[] =>
  broker.sessions.flatMap((session) => {
    const { id } = session.source;
    const target = targetOf("gcp", id);
    return broker.targets.includes(target) ? [{ name: id, target, ...broker.route(target) }] : [];
  });

const accountOf = ({ session }: NamedRoute): string | undefined =>
  session.account ?? session.source.account;

const listOf = (all: readonly NamedRoute[]): string =>
  all
    .map((each) => {
      const account = accountOf(each);
      return account === undefined ? each.name : `${each.name} (${plain(account)})`;
    })
    .join(", ");

const namedIn = (
  all: readonly NamedRoute[],
  named: string,
  request: Request,
  context: Context,
): NamedRoute => {
  const source = context.broker.session(named)?.source;
  const byName = all.find(({ name }) => name === source?.id);
  if (byName !== undefined) return byName;
  if (source !== undefined) {
    throw new EvercredError("usage", `${source.id} is no Google account.`, {
      remedy: `There are ${listOf(all)}.`,
    });
  }
  const email = named.toLowerCase();
  const byAccount = all.filter((each) => accountOf(each)?.toLowerCase() === email);
  const [only] = byAccount;
  if (only === undefined) throw unknown(all, named, request, context);
  if (byAccount.length === 1) return only;
  const names = byAccount.map(({ name }) => name).join(", ");
  throw new EvercredError("ambiguous-name", `${named} is the account of ${names}.`, {
    remedy: "Name one of them.",
  });
};

const unknown = (
  all: readonly NamedRoute[],
  named: string,
  request: Request,
  context: Context,
): EvercredError => {
  const near = nearest(
    named,
    all.flatMap((each) => [each.name, accountOf(each) ?? []].flat()),
  );
  const usual = near === undefined ? `There are ${listOf(all)}.` : `Did you mean ${near}?`;
  return explained("unknown-name", `There is no Google account ${named}.`, usual, request, context);
};

const noneYet = (request: Request, context: Context): EvercredError => {
  const remedy = `Run: gcloud auth application-default login (or name a source of kind google under "sources" in ${context.daemon.configFile}).`;
  return explained("usage", "There is no Google account yet.", remedy, request, context);
};

/** A name may be unknown because its file is another one, or could not be read: then that is what helps. */
const explained = (
  code: "usage" | "unknown-name",
  sentence: string,
  remedy: string,
  { env }: Request,
  context: Context,
): EvercredError => {
  const { adcFile } = context.google;
  const theirs = adcFileOf(env);
  if (theirs !== undefined && theirs.file !== adcFile) {
    const why = `Evercred reads ${adcFile}, not this shell's ${theirs.variable}.`;
    return new EvercredError(code, `${sentence} ${why}`, {
      remedy: "To change that, restart it from this shell: evercred daemon restart",
    });
  }
  const [problem] = context.problems();
  if (problem === undefined) return new EvercredError(code, sentence, { remedy });
  return new EvercredError(code, `${sentence} ${problem.sentence}`, {
    remedy: `${remedy} ${problem.remedy}`,
  });
};

/** The file of credentials that the caller's variables name. */
const adcFileOf = (
  env: Request["env"],
): { readonly variable: string; readonly file: string } | undefined => {
  const file = env["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
  if (file !== "") return { variable: "GOOGLE_APPLICATION_CREDENTIALS", file };
  const folder = env["CLOUDSDK_CONFIG"] ?? "";
  if (folder === "") return undefined;
  return {
    variable: "CLOUDSDK_CONFIG",
    file: join(folder, "application_default_credentials.json"),
  };
};
