import { expect, test } from "vitest";
import {
  type AdcConfig,
  adcDefinitionOf,
} from "../../../electron/sources/google/adc-definition.ts";
import { wellKnownAdcFile } from "../../../electron/sources/google/gcloud.ts";

const home = "/home/dev";
const wellKnown = "/home/dev/.config/gcloud/application_default_credentials.json";
const config: AdcConfig = {
  kind: "google-adc",
  enabled: true,
  timeout: 1_000,
  impersonate: [],
};
const definition = (env: Record<string, string> = {}, more?: Partial<AdcConfig>) =>
  adcDefinitionOf("adc", more && { ...config, ...more }, env, home, "linux");

test("without a word it is the file that gcloud writes, for 165 s of signing in", () => {
  expect(definition()).toEqual({
    id: "adc",
    title: "adc",
    file: wellKnown,
    isWellKnown: true,
    signIn: undefined,
    timeoutMs: 165_000,
    quotaProject: undefined,
    impersonate: [],
    allowExecutables: false,
  });
});

test("the file is the configured one, else the variable's in either spelling, else gcloud's", () => {
  const upper = { GOOGLE_APPLICATION_CREDENTIALS: "/a.json" };
  const lower = { google_application_credentials: "/b.json" };
  expect(definition({ ...upper, ...lower }, { file: "/c.json" }).file).toBe("/c.json");
  expect(definition({ ...upper, ...lower })).toMatchObject({ file: "/a.json", isWellKnown: false });
  expect(definition(lower).file).toBe("/b.json");
  expect(definition({ GOOGLE_APPLICATION_CREDENTIALS: "" }).file).toBe(wellKnown);
  expect(definition({ GOOGLE_APPLICATION_CREDENTIALS: "key.json" }).file).toBe(
    "/home/dev/key.json",
  );
  expect(definition({ GOOGLE_APPLICATION_CREDENTIALS: wellKnown }).isWellKnown).toBe(true);
  expect(definition({ CLOUDSDK_CONFIG: "/cfg" }).file).toBe(
    "/cfg/application_default_credentials.json",
  );
});

test("what is configured is taken over, and variables fill in", () => {
  const signIn = ["corp-login"] as const;
  const said = { title: "Work", signIn, quotaProject: "a-project", impersonate: ["r@p.iam"] };
  expect(definition({ GOOGLE_CLOUD_QUOTA_PROJECT: "b-project" }, said)).toMatchObject({
    ...said,
    timeoutMs: 1_000,
  });
  expect(definition({ GOOGLE_CLOUD_QUOTA_PROJECT: "b-project" }).quotaProject).toBe("b-project");
});

test("programs are run where the configuration allows it, or says nothing and the variable does", () => {
  const variable = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" };
  expect(definition(variable, {}).allowExecutables).toBe(true);
  expect(definition({}, { allowExecutables: true }).allowExecutables).toBe(true);
  expect(definition(variable, { allowExecutables: false }).allowExecutables).toBe(false);
  const other = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "true" };
  expect(definition(other, {}).allowExecutables).toBe(false);
});

test("each platform has its own place", () => {
  const name = "application_default_credentials.json";
  expect(wellKnownAdcFile({}, home, "darwin")).toBe(wellKnown);
  expect(wellKnownAdcFile({ APPDATA: "/roaming" }, home, "win32")).toBe(`/roaming/gcloud/${name}`);
});
