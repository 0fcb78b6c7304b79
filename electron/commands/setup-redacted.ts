/** What may stand between a name and its value in JSON with comments. */
const between = String.raw`(?:[\s:]|/\*[^]*?\*/|//[^\n]*\n)*`;

/** A text in quotes whose name says that it is a secret. */
const named = new RegExp(
  String.raw`("[^"\n]*(?:KEY|TOKEN|SECRET|PASSWORD|PASSPHRASE|CREDENTIALS?|COOKIE|AUTHORIZATION|HEADERS)"${between})"(?:[^"\\\n]|\\.)*"`,
  "gi",
);

/** What secrets look like wherever they stand. */
const looks =
  /\b(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|ya29\.|AKIA|ASIA|eyJ)[\w.-]{8,}|\b(?:basic|bearer) +[\w.~+/-]{8,}=*/gi;

/** A user and a password in an address. */
const inAddress = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s"]+@/gi;

/** A text of settings in which no secret can be read any more; its lines stay. */
export const redacted = (text: string): string =>
  text.replace(named, '$1"…"').replace(looks, "…").replace(inAddress, "$1…@");
