import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { inspectAdc } from "../../../electron/sources/google/inspect.ts";

const person = {
  type: "authorized_user",
  client_id: "client",
  client_secret: "planted",
  refresh_token: "planted",
};

test("a file says whose it is, and nothing secret", async () => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-adc-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "adc.json");
  const inspected = async (content: unknown): ReturnType<typeof inspectAdc> => {
    await writeFile(file, JSON.stringify(content));
    return inspectAdc(file);
  };
  expect(await inspectAdc(file)).toMatchObject({ state: "absent" });
  const found = await inspected({ ...person, quota_project_id: "example-claude" });
  expect(found).toEqual({
    state: "read",
    fault: undefined,
    type: "authorized_user",
    account: undefined,
    quotaProject: "example-claude",
  });
  const account = "robot@example-claude.iam.gserviceaccount.com";
  const url = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`;
  expect(
    await inspected({
      type: "impersonated_service_account",
      service_account_impersonation_url: url,
      source_credentials: person,
    }),
  ).toMatchObject({ state: "read", account, quotaProject: undefined });
  const broken = await inspected({ type: "authorized_user" });
  expect(broken).toMatchObject({ state: "broken", type: undefined });
  expect(broken.fault?.sentence).toContain(file);
  expect(JSON.stringify([found, broken])).not.toContain("planted");
});
