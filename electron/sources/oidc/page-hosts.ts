import { urlOf } from "../../core/urls.ts";

/** Those of Entra ID, for all of its clouds (`microsoft.com/devicelogin`, `/deviceloginus`, `/deviceloginchina`). */
const microsoft = ["microsoft.com", "www.microsoft.com", "login.microsoft.com"];

/** Issuers, by a host of theirs, whose page for codes is on a host that none of their endpoints is on (RFC 8628 names no place for it). */
const codePages: Readonly<Record<string, readonly string[]>> = {
  "accounts.google.com": ["www.google.com"],
  "login.microsoftonline.com": microsoft,
  "login.microsoftonline.us": microsoft,
  "login.partner.microsoftonline.cn": microsoft,
};

/** The hosts of an issuer's pages: its own, and those of the endpoints that people, or their codes, come to. */
export const pageHostsIn = (issuer: string, document: string | undefined): readonly string[] => {
  const { host } = new URL(issuer);
  const said = document === undefined ? {} : (JSON.parse(document) as Record<string, unknown>);
  const endpoints = [said["authorization_endpoint"], said["device_authorization_endpoint"]];
  const hosts = endpoints.flatMap((each) => {
    const url = typeof each === "string" ? urlOf(each) : undefined;
    return url === undefined ? [] : [url.host];
  });
  const own = [host, ...hosts];
  return [...new Set([...own, ...own.flatMap((each) => codePages[each] ?? [])])];
};
