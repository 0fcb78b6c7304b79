import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { type Instant, instantOf } from "../../core/time.ts";

/** What a token file of the AWS tools says, and when it was written. */
export interface TokenFile {
  readonly startUrl: string;
  readonly region: string;
  readonly accessToken: string;
  readonly expiresAt: Instant;
  readonly refreshToken: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly registrationExpiresAt: Instant | undefined;
  readonly writtenAt: Instant;
}

/** `garbled` may be a file that another tool is just writing. */
export type TokenReading =
  | { readonly kind: "token"; readonly token: TokenFile }
  | { readonly kind: "absent" | "garbled" | "unreadable" };

/** Where the AWS tools look for the token of an sso-session, or of a start URL (botocore SSOTokenLoader). */
export const tokenPathOf = (directory: string, name: string): string =>
  join(directory, `${createHash("sha1").update(name).digest("hex")}.json`);

const maxBytes = 256 * 1024;

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(Z|UTC|[+-]\d\d:\d\d)$/;

/** An instant as the AWS tools write them: RFC 3339, also with fractions, an offset, or the `UTC` of old CLIs. */
export const readInstant = (text: string): Instant | undefined => {
  const [, time, zone] = rfc3339.exec(text) ?? [];
  const ms = Date.parse(`${time ?? ""}${zone === "UTC" ? "Z" : (zone ?? "")}`);
  return Number.isNaN(ms) ? undefined : instantOf(ms);
};

/** An instant as every AWS tool reads it: whole seconds, never later than it is. */
export const writeInstant = (at: Instant): string =>
  `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;

const instant = z.string().transform((text, context) => {
  const at = readInstant(text);
  if (at !== undefined) return at;
  context.addIssue({ code: "custom", message: "no instant" });
  return z.NEVER;
});

const optionalText = z.string().min(1).optional().catch(undefined);

const tokenForm = z.object({
  startUrl: z.string(),
  region: z.string(),
  accessToken: z.string().min(1),
  expiresAt: instant,
  refreshToken: optionalText,
  clientId: optionalText,
  clientSecret: optionalText,
  registrationExpiresAt: instant.optional().catch(undefined),
});

/** Reads a token file. Links are not followed: what is behind them is somebody else's. */
export const readTokenFile = (path: string): TokenReading => {
  const bytes = readBytes(path);
  if (typeof bytes === "string") return { kind: bytes };
  const form = tokenForm.safeParse(jsonOf(bytes.text)).data;
  if (form === undefined) return { kind: "garbled" };
  return {
    kind: "token",
    token: {
      startUrl: form.startUrl,
      region: form.region,
      accessToken: form.accessToken,
      expiresAt: form.expiresAt,
      refreshToken: form.refreshToken,
      clientId: form.clientId,
      clientSecret: form.clientSecret,
      registrationExpiresAt: form.registrationExpiresAt,
      writtenAt: bytes.writtenAt,
    },
  };
};

const registrationForm = z.object({
  clientId: z.string(),
  accessToken: z.never().optional(),
  scopes: z.array(z.string()).nullish(),
});

/** The scopes that another tool registered this client with; undefined where no file tells. */
export const registeredScopes = async (
  directory: string,
  clientId: string,
): Promise<readonly string[] | undefined> => {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.slice(0, 1_000)) {
    if (!name.endsWith(".json")) continue;
    const bytes = readBytes(join(directory, name));
    if (typeof bytes === "string") continue;
    const form = registrationForm.safeParse(jsonOf(bytes.text)).data;
    if (form?.clientId === clientId) return form.scopes ?? [];
  }
  return undefined;
};

/** The paths of the files that have this access token, under whatever name. */
export const filesWithToken = async (
  directory: string,
  accessToken: string,
): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.endsWith(".json")) continue;
    const path = join(directory, name);
    const reading = readTokenFile(path);
    if (reading.kind === "token" && reading.token.accessToken === accessToken) found.push(path);
  }
  return found;
};

/** Writes a file of our own as one step: readers see the old one or the new one. Rejects where it cannot. */
export const writeFileWhole = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw new Error("not a plain file");
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(draft, path);
  } catch (thrown) {
    await handle.close().catch(() => undefined);
    await unlink(draft).catch(() => undefined);
    throw thrown;
  }
};

const readBytes = (
  path: string,
): { readonly text: string; readonly writtenAt: Instant } | "absent" | "unreadable" => {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    // Without O_NONBLOCK a pipe of that name would hold us for ever.
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.size > maxBytes) return "unreadable";
      return { text: readFileSync(fd, "utf8"), writtenAt: instantOf(Math.round(stat.mtimeMs)) };
    } finally {
      closeSync(fd);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR" ? "absent" : "unreadable";
  }
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
