import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGcloudSetup } from "../../electron/platform/gcloud-setup.ts";
import { temporaryFolder } from "./folder.ts";

const tokenFile = "/run/user/1000/evercred/tokens/abc";
const line = `access_token_file = ${tokenFile}\n`;

const home = (config?: string, active?: string) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "configurations"));
  const name = active ?? "default";
  const file = join(folder, "configurations", `config_${name}`);
  if (config !== undefined) writeFileSync(file, config);
  if (active !== undefined) writeFileSync(join(folder, "active_config"), active);
  const gcloud = openGcloudSetup(folder, "/run/user/1000/evercred/tokens");
  return { gcloud, file, text: () => readFileSync(file, "utf8") };
};

test.each([
  ["no configuration", undefined, undefined, `[auth]\n${line}`],
  ["another section", "[core]\nproject = x\n", "work", `[core]\nproject = x\n\n[auth]\n${line}`],
  ["its own section", "[auth]\na = b\n[core]\n", undefined, `[auth]\n${line}a = b\n[core]\n`],
])("%s: gcloud reads our file, and an undo gives the bytes back", (_, before, active, after) => {
  const { gcloud, file, text } = home(before, active);
  gcloud.set(tokenFile).make();
  expect(text()).toBe(after);
  expect(gcloud.set(tokenFile).after).toBe(after);
  gcloud.undo()?.make();
  expect(existsSync(file) ? text() : undefined).toBe(before);
  expect(gcloud.undo()).toBeUndefined();
});

test("a file of somebody else's stays", () => {
  const before = "[auth]\naccess_token_file = /home/ann/token\n";
  const { gcloud, text } = home(before);
  expect(() => gcloud.set(tokenFile)).toThrow(
    "gcloud takes its token from /home/ann/token already.",
  );
  expect(gcloud.undo()).toBeUndefined();
  expect(text()).toBe(before);
});
