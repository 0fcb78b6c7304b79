/** Header values by lower-cased name. */
export type Headers = Readonly<Record<string, string>>;

/** The longest that we take a provider's `Retry-After` at its word. */
const longestWaitMs = 60 * 60_000;

/** `Retry-After` in milliseconds: seconds, or a date, which counts from the reply's own `Date`. */
export const retryAfterOf = (headers: Headers): number | undefined => {
  const text = headers["retry-after"]?.trim() ?? "";
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers["date"] ?? "");
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestWaitMs) : undefined;
};
