/** The account in an ARN; undefined where it names none. */
export const accountOf = (arn: string): string | undefined => {
  const account = arn.split(":")[4] ?? "";
  return /^\d{12}$/.test(account) ? account : undefined;
};

/** What an ARN names in its account: `role/Deploy`. */
export const resourceOf = (arn: string): string => arn.split(":").slice(5).join(":");

/** A role for people: `role/Deploy in 111122223333`. */
export const roleTitleOf = (arn: string): string => {
  const account = accountOf(arn);
  return account === undefined ? arn : `${resourceOf(arn)} in ${account}`;
};

/** The last part of an ARN: of an assumed role's its session name, of a user's the user name. */
export const lastNameOf = (arn: string): string | undefined =>
  /^arn:[^:]+:(?:sts|iam)::\d{12}:(?:assumed-role|user)\/(?:[^/]+\/)*([^/]+)$/.exec(arn)?.[1];
