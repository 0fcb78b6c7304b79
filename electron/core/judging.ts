import type { EvercredError } from "./errors.ts";
import { type Limits, refusedBy, type Rule } from "./limits.ts";
import type { Offer, Source } from "./source.ts";
import { domainOf, isIssuerBelow, plainStartUrl } from "./urls.ts";

/** The path of a file with all links resolved; undefined where there is no such file. */
export type RealPath = (path: string) => string | undefined;

/** A refusal, undefined where something is allowed. */
export type Verdict = EvercredError | undefined;

/** Sources whose sign-in is a key's secret, or a key's program: what the configuration calls that kind of key. */
const keyKinds: Partial<Readonly<Record<Source["kind"], string>>> = {
  "static-key": "static",
  "command-key": "command",
  "jwt-key": "jwt",
};

/** Whether a source may be used, by its kind and where it leads. `programs` are judged apart. */
export const judgeSource = (
  { kind, reach = {} }: Pick<Source, "kind" | "reach">,
  rule: Rule,
): Verdict => {
  if (rule.closed !== undefined) return rule.closed;
  const keyKind = keyKinds[kind];
  if (keyKind !== undefined) return judgeKeyKind(keyKind, rule);
  const { sourceKinds, issuers } = rule.limits;
  if (!isAmong(kind, sourceKinds)) return refusedBy(rule, `sources of kind ${kind}`);
  const { startUrl, issuer } = reach;
  if (startUrl !== undefined) {
    const verdict = judgeStartUrl(startUrl, rule);
    if (verdict !== undefined) return verdict;
  }
  if (issuer === undefined || issuers === undefined) return undefined;
  if (issuers.some((beginning) => isIssuerBelow(issuer, beginning))) return undefined;
  return refusedBy(rule, `signing in to ${issuer}`);
};

/** Whether one thing that a source offers may be handed out. */
export const judgeOffer = ({ account, keyKind }: Offer, rule: Rule): Verdict =>
  (account === undefined ? undefined : judgeAccount(account, rule)) ??
  (keyKind === undefined ? undefined : judgeKeyKind(keyKind, rule));

/** Whether an organisation of AWS may be signed in to. */
export const judgeStartUrl = (startUrl: string, rule: Rule): Verdict => {
  const { awsStartUrls } = rule.limits;
  const plain = plainStartUrl(startUrl);
  const isAllowed = isAmong(plain, awsStartUrls?.map(plainStartUrl));
  return rule.closed ?? (isAllowed ? undefined : refusedBy(rule, `signing in to ${plain}`));
};

/** Whether keys of an AWS account may be handed out; undefined: nobody knows which one it is. */
export const judgeAccount = (account: string | undefined, rule: Rule): Verdict => {
  const { awsAccounts } = rule.limits;
  if (rule.closed !== undefined || awsAccounts === undefined) return rule.closed;
  if (account === undefined) return refusedBy(rule, "AWS keys whose account is not known");
  return isAmong(account, awsAccounts) ? undefined : refusedBy(rule, `AWS account ${account}`);
};

/** Whether keys of a kind may be handed out. */
export const judgeKeyKind = (kind: string, rule: Rule): Verdict => {
  const isAllowed = isAmong(kind, rule.limits.keyKinds);
  return rule.closed ?? (isAllowed ? undefined : refusedBy(rule, `keys of kind ${kind}`));
};

/** Whether somebody may use what is Google's; undefined: nobody knows who it is. */
export const judgePerson = (person: string | undefined, rule: Rule): Verdict => {
  const { googleDomains } = rule.limits;
  if (rule.closed !== undefined || googleDomains === undefined) return rule.closed;
  if (person === undefined) {
    return refusedBy(rule, "a Google sign-in that does not tell whose it is");
  }
  const domain = domainOf(person);
  const allowed = googleDomains.map((each) => each.toLowerCase());
  if (domain !== undefined && allowed.includes(domain)) return undefined;
  return refusedBy(rule, `the Google account ${person}`);
};

/** The word for command lines, which a shell takes apart and which can name any program. */
export const shellWord = "shell";

/** Whether all of these programs may be run: each by its path, by its name where it is not found, or `shell`. */
export const judgePrograms = (
  programs: readonly string[],
  rule: Rule,
  realPath: RealPath,
): Verdict => {
  const { commands } = rule.limits;
  if (rule.closed !== undefined || commands === undefined) return rule.closed;
  const allowed = new Set(
    commands.flatMap((each) => [each, realPath(each) ?? each]).map(comparable),
  );
  for (const program of programs) {
    const path = program === shellWord ? program : realPath(program);
    if (path !== undefined && allowed.has(comparable(path))) continue;
    const what =
      program === shellWord ? "command lines of the shell" : `the program ${path ?? program}`;
    return refusedBy(rule, what);
  }
  return undefined;
};

/** Windows takes no notice of case. */
const comparable = (path: string): string => (/^[a-z]:\\/iu.test(path) ? path.toLowerCase() : path);

/** Whether a door may be opened. */
export const judgeDoor = (door: NonNullable<Limits["doors"]>[number], rule: Rule): Verdict => {
  const isAllowed = isAmong(door, rule.limits.doors);
  return rule.closed ?? (isAllowed ? undefined : refusedBy(rule, `the ${door} door`));
};

/** Whether doors that are there may stay. While a policy cannot be read they do, and what is asked for there is refused. */
export const mayStand = (door: NonNullable<Limits["doors"]>[number], { limits }: Rule): boolean =>
  isAmong(door, limits.doors);

/** Whether bridges may be made. */
export const judgeBridges = (rule: Rule): Verdict =>
  rule.closed ?? (rule.limits.bridges === false ? refusedBy(rule, "bridges") : undefined);

/** Whether bridges that are there may stay, likewise. */
export const mayBridge = ({ limits }: Rule): boolean => limits.bridges !== false;

/** Whether secrets may be kept in memory where the keychain does not take them. */
export const judgeMemory = (rule: Rule): Verdict =>
  isAmong("memory", rule.limits.keychain)
    ? undefined
    : refusedBy(rule, "sign-ins that the keychain does not keep");

/** Throws a refusal, where there is one. */
export const throwWhere = (verdict: Verdict): void => {
  if (verdict !== undefined) throw verdict;
};

const isAmong = (word: string, allowed: readonly string[] | undefined): boolean =>
  allowed === undefined || allowed.includes(word);
