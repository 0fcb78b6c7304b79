import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../cloud.ts";
import type { GoogleClientOptions } from "./clients.ts";

const roots = ["/usr/lib/google-cloud-sdk", "/usr/share/google-cloud-sdk"];
const root = roots.find((each) => existsSync(join(each, "lib", "googlecloudsdk"))) ?? "";

/** Where the Python libraries are that gcloud brings along: google-auth is among them. */
export const gcloudLibraries = join(root, "lib", "third_party");

/** The program, as its package installs it. */
export const gcloudPath = "/usr/bin/gcloud";

/** Whether gcloud is on this machine: no Debian archive has it. */
export const hasGcloud = root !== "" && existsSync(gcloudPath);

function constant(path: readonly string[], name: string): string {
  const source = readFileSync(join(root, "lib", "googlecloudsdk", ...path), "utf8");
  const value = new RegExp(`^${name} = '([^']+)'`, "m").exec(source)?.[1];
  if (value === undefined) throw new Error(`gcloud has no ${name}.`);
  return value;
}

/** gcloud's own OAuth clients, as the installed gcloud has them: for itself, and for ADC. They stand nowhere here. */
export function gcloudClients(): {
  readonly cli: GoogleClientOptions;
  readonly adc: GoogleClientOptions;
} {
  const config = ["core", "config.py"];
  const util = ["api_lib", "auth", "util.py"];
  return {
    cli: {
      id: constant(config, "CLOUDSDK_CLIENT_ID"),
      secret: constant(config, "CLOUDSDK_CLIENT_NOTSOSECRET"),
      name: "Google Cloud SDK",
    },
    adc: {
      id: constant(util, "DEFAULT_CREDENTIALS_DEFAULT_CLIENT_ID"),
      secret: constant(util, "DEFAULT_CREDENTIALS_DEFAULT_CLIENT_SECRET"),
      name: "Google Auth Library",
    },
  };
}

/**
 * Environment variables that lead gcloud to a cloud, keep it quiet, and keep what it writes in a directory. `browser`
 * is a program that opens pages, as `Cloud.browser` makes it; without one gcloud opens none.
 */
export function gcloudEnv(
  cloud: Cloud,
  directory: string,
  browser?: string,
): Record<string, string> {
  return {
    ...cloud.env(),
    HOME: directory,
    PATH: "/usr/bin:/bin",
    CLOUDSDK_CONFIG: directory,
    CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: cloud.caFile,
    CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "1",
    CLOUDSDK_SURVEY_DISABLE_PROMPTS: "1",
    // gcloud looks for a display before it opens a page, and waits for the program unless it is in the background.
    ...(browser !== undefined && { BROWSER: `${browser} %s &`, DISPLAY: ":0" }),
  };
}
