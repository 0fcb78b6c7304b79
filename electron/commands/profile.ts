import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Session } from "../core/session.ts";
import { type Source, targetOf } from "../core/source.ts";
import { type NamedRoute, routeOnBridge } from "./on-bridge.ts";
import type { Context, Request } from "./verb.ts";

const prefix = "aws:";

/** The names of all profiles that we can serve, sorted; of those sources that `counts` is true of. */
export const profileNames = (
  { broker }: Context,
  counts: (source: Source) => boolean = () => true,
): readonly string[] =>
  broker.targets
    .filter((target) => target.startsWith(prefix) && counts(broker.route(target).session.source))
    .map((target) => target.slice(prefix.length))
    .sort();

/** Whose profiles come first where nobody names one: keys that lie about make no organisation's profile ambiguous. */
const precedence: readonly ((source: Source) => boolean)[] = [
  ({ kind }) => kind === "aws-sso",
  ({ unattended }) => !unattended,
  () => true,
];

/** The profile that is meant where nobody names one; undefined where several may be. */
const usualProfile = (context: Context): string | undefined => {
  const ranks = precedence.map((counts) => profileNames(context, counts));
  const alone = ranks.find(({ length }) => length === 1);
  return alone?.[0] ?? profileNames(context).find((name) => name === "default");
};

/**
 * The profile that is meant: the flag, else the caller's AWS_PROFILE, else the configured one (which comes before AWS_PROFILE where a policy has set it), else the only one of
 * an organisation, else the only one that a person signs in for, else the only one, else `default`. Throws `ambiguous-name` or `unknown-name` with what there is.
 */
export const profileOf = (
  flag: string | undefined,
  request: Request,
  context: Context,
): NamedRoute => {
  if (request.bridge !== undefined) return routeOnBridge("aws", flag, request.bridge, context);
  const named = flag ?? variableOf(request, context) ?? context.defaultProfile();
  const name = named ?? usualProfile(context);
  if (name === undefined) {
    const names = profileNames(context);
    throw names.length === 0
      ? noProfileYet(context)
      : new EvercredError("ambiguous-name", `Which profile? There are ${names.join(", ")}.`, {
          remedy: "Name one with --profile.",
        });
  }
  const target = targetOf("aws", name);
  if (!context.broker.targets.includes(target)) throw unknown(name, request, context);
  return { name, target, ...context.broker.route(target) };
};

/** What the caller's environment says, where no policy says which profile is meant. */
const variableOf = ({ env }: Request, { policy }: Context): string | undefined =>
  policy.isForced(["aws", "defaultProfile"])
    ? undefined
    : (nonEmpty(env["AWS_PROFILE"]) ?? nonEmpty(env["AWS_DEFAULT_PROFILE"]));

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** A name may be unknown because its file is another one, or could not be read: then that is what helps. */
const unknown = (name: string, request: Request, context: Context): EvercredError => {
  if (context.broker.targets.includes(targetOf("gcp", name))) return notAws(name);
  const others = context.broker.targets.filter((target) => target.startsWith(prefix));
  const near = nearest(targetOf("aws", name), others)?.slice(prefix.length);
  const sentence = `There is no profile ${name} to sign in for.`;
  const remedy = near === undefined ? "See: evercred status" : `Did you mean ${near}?`;
  const theirs = nonEmpty(request.env["AWS_CONFIG_FILE"]);
  const { awsConfigFile } = context.daemon;
  if (theirs !== undefined && theirs !== awsConfigFile) {
    const why = `Evercred reads ${awsConfigFile}, not this shell's AWS_CONFIG_FILE.`;
    return new EvercredError("unknown-name", `${sentence} ${why}`, {
      remedy: "To change that, restart it from this shell: evercred daemon restart",
    });
  }
  return withProblems(new EvercredError("unknown-name", sentence, { remedy }), context);
};

/** What is said to whoever takes a Google account for something of AWS. */
const notAws = (id: string): EvercredError =>
  new EvercredError("usage", `${id} is a Google account, and has nothing of AWS.`, {
    remedy: "See: evercred help gcp token",
  });

const withProblems = (error: EvercredError, context: Context): EvercredError => {
  const [problem] = context.problems();
  if (problem === undefined) return error;
  return new EvercredError("unknown-name", `${error.message} ${problem.sentence}`, {
    remedy: `${error.remedy} ${problem.remedy}`,
    cause: error,
  });
};

/** What to say to somebody who has nothing configured. */
export const nothingToSignInTo = (context: Context): EvercredError => {
  const [problem] = context.problems();
  const why = problem === undefined ? "" : ` ${problem.sentence}`;
  return new EvercredError("usage", `There is nothing to sign in to yet.${why}`, {
    remedy: `Add an organisation with: evercred aws profiles add --start-url URL (or under "sources" in ${context.daemon.configFile}).`,
  });
};

/** What to say to somebody who has no profile; what else there is is no help. */
const noProfileYet = (context: Context): EvercredError => {
  const nothing = nothingToSignInTo(context);
  if (context.broker.sessions.length === 0) return nothing;
  return new EvercredError("usage", "There is no AWS profile yet.", { remedy: nothing.remedy });
};

/** As `sessionOf`, of AWS only. */
export const awsSessionOf = (name: string, context: Context): Session => {
  const session = sessionOf(name, context);
  const { id, directory, offers } = session.source;
  if (offers.has(targetOf("gcp", id))) throw notAws(id);
  const isAws = directory !== undefined || [...offers.keys()].some((key) => key.startsWith(prefix));
  if (isAws) return session;
  throw new EvercredError("usage", `${id} has nothing of AWS.`, { remedy: "See: evercred status" });
};

/** The session that a source's id or another name of it, or the name of one of its profiles or keys, stands for. */
export const sessionOf = (name: string, context: Context): Session => {
  const { broker } = context;
  if (broker.sessions.length === 0) throw nothingToSignInTo(context);
  const session = broker.session(name);
  if (session !== undefined) return session;
  const target = [targetOf("aws", name), targetOf("api-key", name)].find((each) =>
    broker.targets.includes(each),
  );
  if (target !== undefined) return broker.route(target).session;
  const ids = broker.sessions.map(({ source }) => source.id);
  const near = nearest(name, [...ids, ...profileNames(context)]);
  const unknown = new EvercredError("unknown-name", `There is no source or profile ${name}.`, {
    remedy: near === undefined ? `There are ${ids.join(", ")}.` : `Did you mean ${near}?`,
  });
  throw withProblems(unknown, context);
};

/** The other names under which a source can be asked for. */
export const aliasesOf = (id: string, { broker }: Context): readonly string[] =>
  broker.session(id)?.source.aliases ?? [];
