/** The scopes of a usual sign-in. */
export const usualScopes = [
  "openid",
  "https://www.googleapis.com/auth/userinfo.email",
  "https://www.googleapis.com/auth/cloud-platform",
] as const;

/** The scope that an organisation's session control is about. */
export const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

const shortForms = new Map([
  ["email", "https://www.googleapis.com/auth/userinfo.email"],
  ["profile", "https://www.googleapis.com/auth/userinfo.profile"],
]);

const known = /^(?:openid|https:\/\/www\.googleapis\.com\/auth\/[a-z][a-z._-]*)$/;

/** Scopes as they were asked for, in full and each once; undefined when one is none of Google's. */
export function readScopes(text: string): readonly string[] | undefined {
  const asked = text.split(" ").filter((scope) => scope !== "");
  const scopes = [...new Set(asked.map((scope) => shortForms.get(scope) ?? scope))];
  return scopes.every((scope) => known.test(scope)) ? scopes : undefined;
}
