const nameClaims = ["email", "preferred_username", "sub"];

/** By what people know who signed in (OpenID Connect Core, 5.1); undefined where the claims do not tell. */
export const personIn = (
  ...claims: readonly (Readonly<Record<string, unknown>> | undefined)[]
): string | undefined => {
  for (const name of nameClaims) {
    for (const each of claims) {
      const value = each?.[name];
      if (typeof value === "string" && value !== "") return value;
    }
  }
  return undefined;
};
