import { EvercredError } from "../core/errors.ts";
import type { AccountRole } from "./directory.ts";
import type { NewProfile } from "./ports.ts";

/** How profiles are named where nobody says otherwise. */
export const usualTemplate = "{account}-{role}";

/** What every AWS tool reads: the JS SDK takes a section for no profile where its name has anything else. */
const nameForm = /^[A-Za-z0-9_.@+%:/][A-Za-z0-9_.@+%:/-]*$/;

/** Whether every AWS tool can read a profile of this name. */
export const isProfileName = (name: string): boolean => nameForm.test(name);

const placeholders = {
  account: ({ account }: AccountRole) => fitted(account.name) || account.id,
  "account-id": ({ account }: AccountRole) => account.id,
  role: ({ role }: AccountRole) => fitted(role) || "role",
} as const;

const isPlaceholder = (name: string): name is keyof typeof placeholders =>
  Object.hasOwn(placeholders, name);

/** Text made to fit into a profile's name: accents are dropped, all else that does not fit is a dash. */
const fitted = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9_.@+%:/-]+/g, "-")
    .replace(/^-+|-+$/g, "");

/** Throws `usage` unless this can be a template of names. */
export const checkTemplate = (template: string): void => {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
  const unknown = names.find((name) => !isPlaceholder(name));
  const sample = template.replace(/\{[^{}]*\}/g, "x");
  if (unknown === undefined && names.length > 0 && isProfileName(sample)) return;
  const why =
    unknown !== undefined
      ? `a template knows no {${unknown}}`
      : names.length === 0
        ? "a template without {account}, {account-id} or {role} gives all the same name"
        : "the name of a profile has only letters, digits and _.@+%:/-";
  throw new EvercredError("usage", `"${template}" is of no use: ${why}.`, {
    remedy: `Write it like ${usualTemplate}.`,
  });
};

/** The name that a template gives a role. */
export const nameOf = (template: string, role: AccountRole): string =>
  template.replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    isPlaceholder(name) ? placeholders[name](role) : whole,
  );

/** What is added to a name that several would have, one after the other until it is nobody else's. */
const additions: readonly ((role: AccountRole) => string)[] = [
  ({ account }) => `-${account.id}`,
  ({ account, role }) => `-${account.id}-${fitted(role)}`,
];

/** A profile for each role, no two of one name. Throws `usage` where the template gives none. */
export const planOf = (
  roles: readonly AccountRole[],
  template: string,
  region: string | undefined,
): readonly NewProfile[] => {
  let named = roles.map((role) => ({ role, name: nameOf(template, role) }));
  for (const addition of additions) {
    const several = repeated(named.map(({ name }) => name));
    named = named.map(({ role, name }) => ({
      role,
      name: several.has(name) ? nameOf(template, role) + addition(role) : name,
    }));
  }
  const [clash] = repeated(named.map(({ name }) => name));
  if (clash !== undefined) {
    throw new EvercredError("usage", `Several profiles would have the name ${clash}.`, {
      remedy: "Give another --template.",
    });
  }
  return named.map(({ role: { account, role }, name }) => ({
    name,
    account: account.id,
    role,
    region,
  }));
};

const repeated = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name, index) => names.indexOf(name) !== index));
