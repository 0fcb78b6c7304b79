import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf } from "../../core/time.ts";
import type { Option } from "./config-grammar.ts";
import type { Spot } from "../problem.ts";

/** The keys that one file has for a profile: one of the two at least, and perhaps a session token. */
export interface StaticKeys {
  /** The line of the key id, or of the secret where there is none. */
  readonly at: Spot;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: Secret | undefined;
  readonly sessionToken: Secret | undefined;
  /** When they end, where they are short-lived and the file says so. */
  readonly endsAt: Instant | undefined;
}

const keyId = "aws_access_key_id";
const secretKey = "aws_secret_access_key";

/** botocore takes the older name first. */
const tokens = ["aws_security_token", "aws_session_token"];

/** No standard names the end of keys; these are written by the tools that fetch them. */
const ends = [
  "aws_expiration",
  "x_security_token_expires",
  "aws_credential_expiration",
  "expiration",
];

/** What of a section is a secret, and must not go any further as plain text. */
export const isSecretName = (name: string): boolean => name === secretKey || tokens.includes(name);

/** The keys in a section of `file`. */
export const keysOf = (
  options: ReadonlyMap<string, Option>,
  file: string,
): StaticKeys | undefined => {
  const id = options.get(keyId);
  const secret = options.get(secretKey);
  const first = id ?? secret;
  if (first === undefined) return undefined;
  const valueOf = (name: string): string | undefined => options.get(name)?.value || undefined;
  // The name that stands counts, also where nothing stands behind it.
  const token = valueOf(tokens.find((name) => options.has(name)) ?? "");
  const end = ends.map(valueOf).find((value) => value !== undefined);
  return {
    at: { file, line: first.line },
    accessKeyId: id?.value,
    secretAccessKey: secret?.value ? new Secret(secret.value) : undefined,
    sessionToken: token === undefined ? undefined : new Secret(token),
    endsAt: token === undefined || end === undefined ? undefined : endOf(end),
  };
};

/** An instant as these tools write it: RFC 3339, or the same in UTC without saying so. */
const endOf = (text: string): Instant | undefined => {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const epochMs = Date.parse(`${day}T${time}${zone?.toUpperCase() ?? "Z"}`);
  return Number.isNaN(epochMs) ? undefined : instantOf(epochMs);
};
