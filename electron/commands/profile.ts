import type { Route } from "../core/broker.ts";
import { errorOf, EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Session } from "../core/session.ts";
import { targetOf } from "../core/source.ts";
import type { Context, Request } from "./verb.ts";

const prefix = "aws:";

/** The names of all profiles that we can serve, sorted. */
export const profileNames = (context: Context): readonly string[] =>
  context.broker.targets
    .filter((target) => target.startsWith(prefix))
    .map((target) => target.slice(prefix.length))
    .sort();

/**
 * The profile that is meant: the flag, else the caller's AWS_PROFILE, else the configured one, else the
 * only one, else `default`. Throws `ambiguous-name` or `unknown-name` with what there is.
 */
export const profileOf = (
  flag: string | undefined,
  request: Request,
  context: Context,
): { readonly name: string } & Route => {
  const named =
    flag ??
    nonEmpty(request.env["AWS_PROFILE"]) ??
    nonEmpty(request.env["AWS_DEFAULT_PROFILE"]) ??
    context.defaultProfile();
  const names = profileNames(context);
  const [only] = names;
  const name = named ?? (names.length === 1 ? only : names.find((each) => each === "default"));
  if (name === undefined) {
    throw names.length === 0
      ? nothingToSignInTo(context)
      : new EvercredError("ambiguous-name", `Which profile? There are ${names.join(", ")}.`, {
          remedy: "Name one with --profile.",
        });
  }
  try {
    return { name, ...context.broker.route(targetOf("aws", name)) };
  } catch (thrown) {
    throw explained(errorOf(thrown), request, context);
  }
};

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** A name may be unknown because its file is another one, or could not be read: then that is what helps. */
const explained = (error: EvercredError, request: Request, context: Context): EvercredError => {
  if (error.code !== "unknown-name") return error;
  const theirs = nonEmpty(request.env["AWS_CONFIG_FILE"]);
  const { awsConfigFile } = context.daemon;
  if (theirs !== undefined && theirs !== awsConfigFile) {
    const sentence = `${error.message} Evercred reads ${awsConfigFile}, not this shell's AWS_CONFIG_FILE.`;
    return new EvercredError("unknown-name", sentence, {
      remedy: "To change that, restart it from this shell: evercred daemon restart",
      cause: error,
    });
  }
  return withProblems(error, context);
};

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
    remedy: `Add an organisation with: aws configure sso (or under "sources" in ${context.daemon.configFile}).`,
  });
};

/** The session that a source's id, or the name of one of its profiles, stands for. */
export const sessionOf = (name: string, context: Context): Session => {
  const { broker } = context;
  if (broker.sessions.length === 0) throw nothingToSignInTo(context);
  const session = broker.session(name);
  if (session !== undefined) return session;
  if (broker.targets.includes(targetOf("aws", name))) {
    return broker.route(targetOf("aws", name)).session;
  }
  const ids = broker.sessions.map(({ source }) => source.id);
  const near = nearest(name, [...ids, ...profileNames(context)]);
  const unknown = new EvercredError("unknown-name", `There is no source or profile ${name}.`, {
    remedy: near === undefined ? `There are ${ids.join(", ")}.` : `Did you mean ${near}?`,
  });
  throw withProblems(unknown, context);
};
