/** A start URL without what people copy along: `https://HOST/start/#/?tab=accounts` is `https://HOST/start`. */
export const plainStartUrl = (startUrl: string): string => {
  if (!URL.canParse(startUrl)) return startUrl;
  const { origin, pathname } = new URL(startUrl);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

/** Whether a sign-in may start there: https, and no name or password inside. */
export const isStartUrl = (startUrl: string): boolean => {
  if (!URL.canParse(startUrl)) return false;
  const { protocol, username, password } = new URL(startUrl);
  return protocol === "https:" && username === "" && password === "";
};

/** Whether two start URLs lead to the same organisation. */
export const isSamePlace = (a: string, b: string): boolean => plainStartUrl(a) === plainStartUrl(b);

/** The first label of a start URL's host: what an organisation is called where nothing else names it. */
export const labelOf = (startUrl: string): string =>
  URL.canParse(startUrl) ? (new URL(startUrl).hostname.split(".")[0] ?? "") : "";
