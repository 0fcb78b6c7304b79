import { plainStartUrl, urlOf } from "../../core/urls.ts";

/** Whether a sign-in may start there: https, and no name or password inside. */
export const isStartUrl = (startUrl: string): boolean => {
  const url = urlOf(startUrl);
  return url?.protocol === "https:" && url.username === "" && url.password === "";
};

/** Whether two start URLs lead to the same organisation. */
export const isSamePlace = (a: string, b: string): boolean => plainStartUrl(a) === plainStartUrl(b);

/** The first label of a start URL's host: what an organisation is called where nothing else names it. */
export const labelOf = (startUrl: string): string => urlOf(startUrl)?.hostname.split(".")[0] ?? "";
