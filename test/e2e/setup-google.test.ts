import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorizedUserFile } from "../fakes/cloud/google/files.ts";
import { gcloudPath, hasGcloud } from "../fakes/cloud/google/gcloud.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { adcFileOf, configure, googleOnly, setUpGcloud, writeTo } from "./google-home.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let baseUrl: string;
/** What reached the gateway: the path, and whose token was shown. */
const asked: { readonly path: string | undefined; readonly whose: string | undefined }[] = [];
const gateway = createServer(({ url, headers }, response) => {
  const token = headers.authorization?.replace("Bearer ", "") ?? "";
  asked.push({ path: url, whose: house.cloud.google.whose(token) });
  response.end("{}");
});

beforeAll(async () => {
  baseUrl = `http://127.0.0.1:${await listen(gateway)}`;
  house = await openHouse(googleOnly);
  const { google } = house.cloud;
  await writeTo(adcFileOf(house), authorizedUserFile(google.grant(google.addClient())));
  await configure(house, { doors: { gceMetadata: true } });
});

afterAll(async () => {
  await house.close();
  gateway.close();
  await once(gateway, "close");
});

/** Google's own library, as Claude Code has it: it finds the credentials by itself. */
const client = `
  import { GoogleAuth } from "google-auth-library";
  const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
  const found = await new GoogleAuth({ scopes }).getClient();
  await found.request({ url: process.argv[1], method: "POST" });
`;

test("vertex through a gateway: it gets the account's token at its own path", async () => {
  const where = ["--region", "us-east5", "--project", "example-claude", "--no-verify"];
  const words = ["setup", "claude", "--provider", "vertex", "--base-url", baseUrl, ...where];
  expect(await house.evercred(...words)).toMatchObject({ code: 0 });
  const file = join(house.home, ".claude", "settings.json");
  const { env, gcpAuthRefresh } = JSON.parse(await readFile(file, "utf8")) as {
    readonly env: Readonly<Record<string, string>>;
    readonly gcpAuthRefresh: string;
  };
  expect(await house.run("/bin/sh", ["-c", gcpAuthRefresh], env)).toMatchObject({ code: 0 });
  const { ANTHROPIC_VERTEX_PROJECT_ID: project = "", CLOUD_ML_REGION: region = "" } = env;
  const path = `/projects/${project}/locations/${region}/publishers/anthropic/models/m:rawPredict`;
  const url = `${env["ANTHROPIC_VERTEX_BASE_URL"] ?? ""}${path}`;
  const program = ["--input-type=module", "--no-warnings", "-e", client, url];
  const direct = { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1", ...env };
  expect(await house.run(process.execPath, program, direct)).toMatchObject({ code: 0, stderr: "" });
  expect(asked).toEqual([{ path, whose: "dev@example.com" }]);
});

describe.runIf(hasGcloud)("setup gcp", () => {
  test("gcloud has the account's token without a sign-in of its own, and its settings come back", async () => {
    await setUpGcloud(house);
    const file = join(house.home, ".config", "gcloud", "configurations", "config_default");
    const before = await readFile(file, "utf8");
    expect(await house.evercred("setup", "gcp")).toMatchObject({ code: 0 });
    const { stdout } = await house.run(gcloudPath, ["auth", "print-access-token"]);
    expect(house.cloud.google.whose(stdout.trim())).toBe("dev@example.com");
    expect(await house.evercred("setup", "gcp", "--undo")).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await house.run(gcloudPath, ["auth", "print-access-token"])).toMatchObject({ code: 1 });
  });
});
