/** The URL that a text is; undefined where it is none. `URL.canParse` is younger than Node 18.15. */
export const urlOf = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};

/** A start URL without what people copy along: `https://HOST/start/#/?tab=accounts` is `https://HOST/start`. */
export const plainStartUrl = (startUrl: string): string => {
  const url = urlOf(startUrl);
  return url === undefined ? startUrl : `${url.origin}${withoutEndSlashes(url.pathname)}`;
};

/** A text without the slashes at its end. An expression would look at each slash that is not at the end with all after it. */
export const withoutEndSlashes = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === "/") end -= 1;
  return text.slice(0, end);
};

/**
 * What a server may take for a step up, or down, that a comparison of texts does not see: a dot, a stroke or a
 * semicolon that is encoded, however often, and a semicolon, which some cut off.
 */
const hiddenSteps = /%(?:25)*(?:2e|2f|5c|3b)|;/iu;

/**
 * Whether an issuer is at or below `beginning`, which ends in a slash. One that says anything but host and path, or
 * hides steps in its path, is below nothing.
 */
export const isIssuerBelow = (issuer: string, beginning: string): boolean => {
  const url = urlOf(issuer);
  const base = urlOf(beginning);
  if (url === undefined || base === undefined || hiddenSteps.test(url.pathname)) return false;
  const { origin, pathname } = url;
  if (url.href !== `${origin}${pathname}`) return false;
  return slashed(`${origin}${pathname}`).startsWith(slashed(`${base.origin}${base.pathname}`));
};

const slashed = (address: string): string => (address.endsWith("/") ? address : `${address}/`);

/** The domain of an e-mail address, or of another name that ends in one; undefined where there is none. */
export const domainOf = (name: string): string | undefined => {
  const at = name.lastIndexOf("@");
  const domain = name.slice(at + 1).toLowerCase();
  return at < 1 || domain === "" ? undefined : domain;
};
