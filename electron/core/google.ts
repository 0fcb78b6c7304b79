/** What can be asked of a Google source. */
export interface GoogleAsk {
  /** An access token, or an identity token for `audience`. */
  readonly form: "access" | "id";
  /** Empty: as the source has them. */
  readonly scopes: readonly string[];
  /**
   * Service accounts to become, each by means of the one before it: the last one's token is wanted. Empty: as the
   * source has it.
   */
  readonly impersonate: readonly string[];
  /** Of an identity token; undefined: none of one's own choosing. */
  readonly audience: string | undefined;
}

/** What is asked where nothing special is: an access token, as the source has it. */
export const plainGoogleAsk: GoogleAsk = {
  form: "access",
  scopes: [],
  impersonate: [],
  audience: undefined,
};

/** The key under which a source issues it: the same for what is the same. */
export const googleKeyOf = ({ form, scopes, impersonate, audience }: GoogleAsk): string =>
  JSON.stringify([form, [...new Set(scopes)].sort(), impersonate, audience ?? null]);

/** What a key of `googleKeyOf` asks for; undefined for any other text. */
export const googleAskOf = (key: string): GoogleAsk | undefined => {
  let parts: unknown;
  try {
    parts = JSON.parse(key);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [form, scopes, impersonate, audience] = parts as readonly unknown[];
  if ((form !== "access" && form !== "id") || !isTexts(scopes) || !isTexts(impersonate)) {
    return undefined;
  }
  if (audience !== null && typeof audience !== "string") return undefined;
  return { form, scopes, impersonate, audience: audience ?? undefined };
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");
