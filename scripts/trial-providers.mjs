import { chmod, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const project = dirname(import.meta.dirname);

/**
 * Providers that run here, with what a browser would do done by a script; `room` is a folder for them. `close` ends them.
 */
export async function startProviders(room) {
  const outfile = join(room, "cloud.mjs");
  const contents =
    'export { startCloud } from "./cloud.ts"; export { startBrowser } from "./browser.ts";';
  const resolveDir = join(project, "test", "fakes", "cloud");
  const stdin = { contents, resolveDir, loader: "ts" };
  await build({ stdin, bundle: true, platform: "node", format: "esm", outfile, logLevel: "error" });
  const { startCloud, startBrowser } = await import(outfile);
  const cloud = await startCloud();
  const browser = await startBrowser(room, async (url) => (await cloud.approve(url)).status);
  await chmod(browser.command, 0o755);
  const env = cloud.env();
  const authority = join(room, "authority.pem");
  await copyFile(env.NODE_EXTRA_CA_CERTS, authority);
  await chmod(authority, 0o644);
  for (const [name, value] of Object.entries(env)) {
    if (value === env.NODE_EXTRA_CA_CERTS && name !== "NODE_EXTRA_CA_CERTS") env[name] = authority;
  }
  return {
    cloud,
    env: { ...env, NODE_EXTRA_CA_CERTS: authority, BROWSER: browser.command },
    close: async () => {
      browser.close();
      await cloud.close();
    },
  };
}

/** `~/.aws/config` of somebody with one profile. */
export const awsConfig = ({ startUrl, region }) => `[sso-session corp]
sso_start_url = ${startUrl}
sso_region = ${region}
sso_registration_scopes = sso:account:access

[profile p]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = ${region}
`;
