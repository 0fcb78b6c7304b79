import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  gcloudFolderOf,
  gcloudSettings,
  withoutCredentials,
} from "../../../electron/sources/google/gcloud-settings.ts";
import { type Cloud, startCloud } from "../../fakes/cloud/cloud.ts";
import { gcloudEnv, gcloudPath } from "../../fakes/cloud/google/gcloud.ts";
import { put } from "./world.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gcloud-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

test("the folder is gcloud's own, on each system", () => {
  expect(gcloudFolderOf({}, "/home/dev", "linux")).toBe("/home/dev/.config/gcloud");
  expect(gcloudFolderOf({ CLOUDSDK_CONFIG: "" }, "/home/dev", "darwin")).toBe(
    "/home/dev/.config/gcloud",
  );
  expect(gcloudFolderOf({ CLOUDSDK_CONFIG: "/x" }, "/home/dev", "linux")).toBe("/x");
  expect(gcloudFolderOf({ APPDATA: "/roaming" }, "/home/dev", "win32")).toBe("/roaming/gcloud");
});

test("settings of credentials go, everything else stays as it is, byte for byte", () => {
  const text = [
    "# mine\r\n",
    "[core]\n",
    "account = dev@example.com\n",
    "project=example-claude\n",
    "  Account: other@example.com\n",
    "\n",
    "[auth]\n",
    "  impersonate_service_account : robot@example-claude.iam.gserviceaccount.com\n",
    "   robot@example-claude.iam.gserviceaccount.com\n",
    "\n",
    "    and more\n",
    "# a remark\n",
    "  disable_ssl_validation = False\n",
    "ACCESS_TOKEN_FILE = /tmp/t\n",
    "credential_file_override = /tmp/c\n",
    "client_id\n",
    "client_secret = s\n",
    "login_config_file = /tmp/l\n",
    "[compute]\n",
    "account = stays\n",
    "region =  europe-west1",
  ];
  const gone = [2, 7, 8, 10, 13, 14, 15, 16, 17];
  const kept = text.filter((_, index) => !gone.includes(index));
  // What is further in than a setting goes on from it, whatever it looks like.
  expect(withoutCredentials(text.join(""))).toBe(kept.join(""));
});

test("a value goes with all its lines, and no line of another one", () => {
  expect(withoutCredentials("[core]\n  account = a\n  project = p\n")).toBe(
    "[core]\n  project = p\n",
  );
  expect(withoutCredentials("[core]\nproject = p\n  account = q\n")).toBe(
    "[core]\nproject = p\n  account = q\n",
  );
  expect(withoutCredentials("[core]\naccount = a\n  [auth]\nproject = p\n")).toBe(
    "[core]\nproject = p\n",
  );
  expect(withoutCredentials("[core]\n  [auth]\nclient_secret = s\nx = y\n")).toBe(
    "[core]\n  [auth]\nx = y\n",
  );
  // A remark ends no value.
  expect(withoutCredentials("[core]\n  account = a\n# x\n    b\n; y\n    c\nd = e\n")).toBe(
    "[core]\n# x\n; y\nd = e\n",
  );
  expect(withoutCredentials("")).toBe("");
});

test("only settings are taken: no credentials, no other files, nothing endless", async () => {
  await put(folder, "active_config", "work");
  await put(folder, "configurations/config_work", "[core]\naccount = a\nproject = p\n");
  await put(folder, "configurations/config_default", "[core]\n");
  await put(folder, "configurations/config_Bad", "[core]\n");
  await put(folder, "configurations/notes", "x");
  await put(folder, "credentials.db", "x");
  await put(folder, "application_default_credentials.json", "{}");
  await truncate(await put(folder, "configurations/config_large", ""), 64 * 1024 + 1);
  await mkdir(join(folder, "configurations", "config_folder"));
  expect(await gcloudSettings(folder)).toEqual({
    active_config: "work",
    "configurations/config_work": "[core]\nproject = p\n",
    "configurations/config_default": "[core]\n",
  });
  for (let i = 0; i < 150; i++) await put(folder, `configurations/config_a${i}`, "[core]\n");
  expect(Object.keys(await gcloudSettings(folder))).toHaveLength(101);
  expect(await gcloudSettings(join(folder, "nowhere"))).toEqual({});
});

describe.skipIf(!existsSync(gcloudPath))("gcloud itself", () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  test("has the same settings under the copy, and works with a token file", async () => {
    await put(folder, "active_config", "work");
    await put(
      folder,
      "configurations/config_work",
      "[core]\naccount = dev@example.com\nproject = example-claude\n" +
        "[auth]\nimpersonate_service_account = robot@example-claude.iam.gserviceaccount.com\n" +
        "[compute]\nregion = europe-west1\n",
    );
    await put(folder, "credentials.db", "not a database");
    const copy = await mkdtemp(join(tmpdir(), "copy-"));
    try {
      for (const [path, text] of Object.entries(await gcloudSettings(folder))) {
        await mkdir(dirname(join(copy, path)), { recursive: true });
        await put(copy, path, text);
      }
      const { google } = cloud;
      const token = google.accessToken(google.grant(google.addClient()));
      const tokenFile = await put(copy, "token", token);
      const env = { ...gcloudEnv(cloud, copy), CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: tokenFile };
      const gcloud = async (...words: readonly string[]): Promise<unknown> => {
        const { stdout } = await promisify(execFile)(gcloudPath, [...words, "--format=json"], {
          env,
          timeout: 25_000,
        });
        return JSON.parse(stdout);
      };
      const settings = await gcloud("config", "list");
      expect(settings).toMatchObject({
        core: { project: "example-claude" },
        compute: { region: "europe-west1" },
      });
      expect(JSON.stringify(settings)).not.toMatch(/dev@example|impersonate/);
      await gcloud("projects", "list");
      expect(google.apiCalls()).toMatchObject([{ principal: "dev@example.com", token }]);
    } finally {
      await rm(copy, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
