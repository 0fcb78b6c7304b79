import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromIni } from "@aws-sdk/credential-providers";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Files, readTexts, resolveOurs } from "./resolved.ts";
import { put } from "./world.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ini-"));
  await put(folder, "token", "a-token");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rm(folder, { recursive: true }));

const expiration = new Date("2030-01-01T00:00:00Z");
const marked = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: "s", expiration });

/** What the AWS SDK for JavaScript takes profile `p` for. Nothing but the last request is not its own. */
const kindInJavaScript = async (
  { config = "", credentials = "" }: Files,
  name: string,
): Promise<string> => {
  // It keeps what it has read by the file's name, and hands only variables down to the part for organisations.
  vi.stubEnv("HOME", folder);
  vi.stubEnv("AWS_CONFIG_FILE", await put(folder, `${name}/config`, config));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", await put(folder, `${name}/credentials`, credentials));
  const resolve = fromIni({
    profile: "p",
    roleAssumer: () => Promise.resolve(marked("role")),
    roleAssumerWithWebIdentity: () => Promise.resolve(marked("web-identity")),
  });
  try {
    return (await resolve()).accessKeyId;
  } catch (thrown) {
    // Nobody is signed in: it gets as far as looking for the session.
    return String(thrown).includes("SSO session") ? "sso" : String(thrown);
  }
};

const keys = "aws_access_key_id = keys\naws_secret_access_key = s\n";
const role = "role_arn = arn:aws:iam::111122223333:role/R\n";

/** What may stand in a profile, each in one file. */
const parts: readonly Files[] = [
  { credentials: keys },
  { config: keys },
  { config: "credential_process = echo PROCESS\n" },
  { config: "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = R\n" },
  { config: "source_profile = k\n" },
  { config: "web_identity_token_file = TOKEN\n" },
  { config: role },
];

const filesOf = (chosen: readonly Files[]): Files => {
  const output = { Version: 1, AccessKeyId: "process", SecretAccessKey: "s" };
  const config = chosen
    .map((part) => part.config ?? "")
    .join("")
    .replace("PROCESS", `'${JSON.stringify(output)}'`)
    .replace("TOKEN", join(folder, "token"));
  return {
    config: `[sso-session s]\nsso_start_url = https://s.awsapps.com/start\nsso_region = us-east-1\n[profile p]\n${config}`,
    credentials: `[k]\n${keys}[p]\n${chosen.map((part) => part.credentials ?? "").join("")}`,
  };
};

test("a profile is said to be two things exactly where the AWS SDK for JavaScript takes it for another", async () => {
  let apart = 0;
  for (let choice = 1; choice < 2 ** parts.length; choice++) {
    const files = filesOf(parts.filter((_, index) => (choice & (2 ** index)) !== 0));
    const ours = readTexts(files);
    const kind = resolveOurs(ours)["p"]?.["kind"];
    if (kind === undefined) continue;
    const theirs = await kindInJavaScript(files, String(choice));
    const says = ours.problems.some(({ sentence }) => sentence.includes("is two things"));
    expect({ ...files, kind, theirs, says }).toEqual({
      ...files,
      kind,
      theirs,
      says: kind !== theirs,
    });
    if (says) apart += 1;
  }
  expect(apart).toBeGreaterThan(20);
});
