import { EvercredError } from "./errors.ts";

/** What an organisation allows. What is undefined is not limited; an empty list allows nothing. */
export interface Limits {
  readonly sourceKinds?: readonly string[];
  readonly keyKinds?: readonly string[];
  /** Start URLs, normalised. */
  readonly awsStartUrls?: readonly string[];
  /** Numbers of accounts. */
  readonly awsAccounts?: readonly string[];
  /** Beginnings of issuers; each ends in a slash. */
  readonly issuers?: readonly string[];
  /** Domains of the people who may sign in. */
  readonly googleDomains?: readonly string[];
  /** Absolute paths of programs, links resolved; `shell` for command lines. */
  readonly commands?: readonly string[];
  readonly keychain?: readonly ("os" | "memory")[];
  readonly doors?: readonly ("container-credentials" | "gce-metadata")[];
  readonly bridges?: boolean;
}

/** The word of an organisation that binds the product on this machine. */
export interface Rule {
  readonly limits: Limits;
  /** The organisation, as people know it; undefined where it does not say. */
  readonly organization: string | undefined;
  /** Where people get help; undefined where it does not say. */
  readonly contact: string | undefined;
  /** Why nothing at all is served: its policy cannot be read, or others may have written it. */
  readonly closed: EvercredError | undefined;
}

/** Nothing is limited. */
export const noRule: Rule = {
  limits: {},
  organization: undefined,
  contact: undefined,
  closed: undefined,
};

/** Who has made a rule, at the beginning of a sentence. */
export const makerOf = ({ organization }: Pick<Rule, "organization">): string =>
  organization ?? "Your organisation";

/** Where those get help whom a rule binds: a remedy. */
export const helpOf = ({ contact }: Pick<Rule, "contact">): string =>
  contact === undefined ? "Ask your administrator." : `Help: ${contact}`;

/**
 * The refusal of what a rule does not allow, in its organisation's name: `what` goes on from "does not allow", as in
 * "signing in to https://other.awsapps.com/start".
 */
export const refusedBy = (rule: Rule, what: string): EvercredError =>
  refusal(rule, `does not allow ${what}`);

/** The refusal to change what a rule has set. `name` is that of the setting, or of the place that it is in. */
export const setBy = (rule: Rule, name: string): EvercredError => refusal(rule, `has set ${name}`);

const refusal = (rule: Rule, what: string): EvercredError =>
  new EvercredError("policy-refused", `${makerOf(rule)} ${what}.`, { remedy: helpOf(rule) });
