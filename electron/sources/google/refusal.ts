/** What a provider's refusal says (RFC 6749 section 5.2, and Google's additions). */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly subtype: string;
}

/** The provider's no in something thrown; undefined where it is none. */
export const refusalIn = (thrown: unknown): Refusal | undefined => {
  const response =
    thrown instanceof Error ? (Reflect.get(thrown, "response") as unknown) : undefined;
  if (typeof response !== "object" || response === null) return undefined;
  const status: unknown = Reflect.get(response, "status");
  const data: unknown = Reflect.get(response, "data");
  if (typeof status !== "number" || typeof data !== "object" || data === null) return undefined;
  const text = (name: string): string => {
    const value: unknown = Reflect.get(data, name);
    return typeof value === "string" ? value : "";
  };
  const nested: unknown = Reflect.get(data, "error");
  if (typeof nested === "object" && nested !== null) {
    // An API's error (AIP-193) instead of an OAuth endpoint's.
    const word: unknown = Reflect.get(nested, "status");
    const message: unknown = Reflect.get(nested, "message");
    return {
      status,
      error: typeof word === "string" ? word : "",
      description: typeof message === "string" ? message : "",
      subtype: "",
    };
  }
  return {
    status,
    error: text("error"),
    description: text("error_description"),
    subtype: text("error_subtype"),
  };
};
