import type { AwsCredential } from "../../core/credential.ts";
import { EvercredError, hasCode } from "../../core/errors.ts";
import { type Offer, type Target, targetOf } from "../../core/source.ts";
import { accountOf, roleTitleOf } from "./arn.ts";
import type { AwsKeys } from "./aws-keys.ts";
import type { AssumedRole } from "./definition.ts";
import type { RoleWish, Sts } from "./sts.ts";

/**
 * Assumes a role with the keys that `parent` gives. Those that AWS no longer accepts are fetched anew, once; where
 * that changes nothing it rejects with what `refused` makes of it.
 */
export const assumeRole = async (
  sts: Sts,
  role: RoleWish,
  parent: (fresh: boolean) => Promise<AwsKeys>,
  refused: (cause: unknown) => EvercredError,
  signal: AbortSignal,
): Promise<AwsCredential> => {
  const keys = await parent(false);
  try {
    return await sts.assumeRole(keys, role, signal);
  } catch (thrown) {
    if (!hasCode(thrown, "token-rejected")) throw thrown;
    const fresh = await parent(true);
    if (fresh.accessKeyId === keys.accessKeyId) throw refused(thrown);
    try {
      return await sts.assumeRole(fresh, role, signal);
    } catch (again) {
      throw hasCode(again, "token-rejected") ? refused(again) : again;
    }
  }
};

/** The keys of another profile, which AWS does not accept though they have just been fetched. */
export const parentRefused =
  ({ name }: RoleWish) =>
  (cause: unknown): EvercredError =>
    new EvercredError(
      "access-denied",
      `AWS does not accept the keys with which ${name} is to assume its role.`,
      { cause, remedy: `Check what source_profile of ${name} leads to.` },
    );

/**
 * What is offered of assumed roles. `names` has the profiles of what they may be assumed with, by key;
 * `root` is what the source itself is called.
 */
export const assumedOffersOf = (
  roles: readonly AssumedRole[],
  names: ReadonlyMap<string, string>,
  root: string,
): readonly [Target, Offer][] => {
  const known = new Map([...roles.map(({ key, name }) => [key, name] as const), ...names]);
  return roles.map(({ name, key, parent, roleArn, region }) => {
    const via = parent === undefined ? root : (known.get(parent) ?? root);
    const account = accountOf(roleArn);
    return [
      targetOf("aws", name),
      { key, title: `${roleTitleOf(roleArn)} via ${via}`, region, account },
    ];
  });
};
