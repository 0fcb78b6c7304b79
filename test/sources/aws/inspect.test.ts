import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inspectAws, signInAddress } from "../../../electron/sources/aws/inspect.ts";

test("keys and sign-ins without an sso-session are found, with their lines and nothing secret", async () => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-aws-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, "config");
  const credentials = join(folder, "credentials");
  await writeFile(
    config,
    `[profile old]
sso_region = us-east-1
sso_start_url = https://d-1.awsapps.com/start

[profile new]
sso_session = corp
sso_start_url = https://d-1.awsapps.com/start

[profile keys]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = planted
`,
  );
  await writeFile(credentials, "[other]\naws_secret_access_key = planted\n");
  const found = inspectAws(config, credentials);
  expect(found).toEqual({
    keys: [
      { profile: "keys", file: config, line: 10 },
      { profile: "other", file: credentials, line: 2 },
    ],
    legacy: [{ profile: "old", file: config, line: 3 }],
  });
  expect(JSON.stringify(found)).not.toContain("planted");
});

test("files that are not there say nothing", async () => {
  expect(inspectAws("/gone/config", "/gone/credentials")).toEqual({ keys: [], legacy: [] });
});

test("a region's sign-ins have their address in its partition", () => {
  expect(String(signInAddress("eu-west-1"))).toBe("https://oidc.eu-west-1.amazonaws.com/");
  expect(String(signInAddress("cn-north-1"))).toBe("https://oidc.cn-north-1.amazonaws.com.cn/");
});
