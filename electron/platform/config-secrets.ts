import { nameOf, type Path } from "./config-names.ts";

/** What secrets look like that people put into files by mistake. */
const secretPatterns: readonly RegExp[] = [
  // AWS access key, with its type in front.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/u,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/u,
  // A JSON Web Token.
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\./u,
  // Google's access and refresh tokens.
  /\bya29\.[\w-]{20,}|\b1\/\/0[\w-]{20,}/u,
  // Vault's service, batch and recovery tokens.
  /\bhv[sbr]\.[\w-]{20,}/u,
  // Keys of model providers, GitHub, GitLab and Slack.
  /\bsk-[\w-]{20,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}/u,
  // What a header carries of a key or a password.
  /^(?:basic|bearer|token) +[\w.~+/-]{16,}=*$/iu,
  // A password in an address.
  /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/iu,
];

/** Whether a value looks like a secret, and so does not belong into a file. */
export const looksLikeSecret = (value: string): boolean =>
  secretPatterns.some((pattern) => pattern.test(value));

/** What to do with a secret that stands in the file. */
export const remedyFor = ([section, name = ""]: Path): string => {
  const first = "Take it out of the file, and replace it where it is used";
  if (section === "keys") return `${first}; then run: evercred api-key set ${nameOf([name])}`;
  if (section === "headers") {
    return `${first}; make the new one a key, and write \${key:NAME} in its place.`;
  }
  return section === "network"
    ? `${first}; network.proxyUser and network.proxyPasswordKey are for the proxy's.`
    : `${first}: others may have read it.`;
};

/** What to do with a secret that somebody wanted to put there. */
export const remedyForEntered = ([section, name]: Path): string => {
  const key = section === "keys" && name !== undefined ? nameOf([name]) : "NAME";
  return `Nothing has been changed. Have it replaced, since other programs can read a command line; the new one is entered with: evercred api-key set ${key}`;
};
