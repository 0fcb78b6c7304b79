// What the demo does on its private desktop: signs in, asks for keys, waits for a renewal, takes a picture.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { _electron, chromium } from "playwright-core";
import { electronPath } from "./electron-dist.mjs";

const project = dirname(import.meta.dirname);
const root = await mkdtemp(join(tmpdir(), "evercred-demo-"));
const picture = join(project, "dist", "demo.png");
const asRoot = process.getuid?.() === 0;
const sandbox = asRoot ? ["--no-sandbox"] : [];
const closers = [];

try {
  await demo();
} catch (error) {
  console.error(`The demo failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const close of closers.reverse()) await close().catch(() => undefined);
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}

async function demo() {
  say("AWS is played by this machine. Everything else is real: the app, the client, the keychain.");
  const { startCloud, startBrowser } = await fakes();
  const lifetimes = { accessTokenMs: 24_000, roleMs: 18_000 };
  const cloud = await startCloud({ lifetimes });
  closers.push(() => cloud.close());
  const home = process.env.HOME;
  await mkdir(join(home, ".aws"), { recursive: true });
  await writeFile(join(home, ".aws", "config"), awsConfig(cloud.organisation()));

  const browser = await startBrowser(root, await signerIn(cloud));
  closers.push(async () => browser.close());
  const env = { ...process.env, ...cloud.env(), BROWSER: browser.command };
  const app = await _electron.launch({
    executablePath: await electronPath(),
    args: [...sandbox, "--disable-gpu", project],
    env,
  });
  closers.push(() => app.close());
  const page = await app.firstWindow();
  const shim = join(project, "dist", "bin", "evercred");
  const evercred = (...args) => show(shim, args, env);

  await evercred("login");
  const first = await evercred("aws", "export", "--profile", "bedrock");
  await evercred("status");
  say("The access token lives for 24 seconds here, the role keys for 18. Waiting for a renewal…");
  const keyRequests = cloud.log.count({ path: "/federation/credentials" });
  await cloud.log.waitFor({ grantType: "refresh_token" });
  say("The session was renewed; nobody was asked.");
  await cloud.log.waitFor({ path: "/federation/credentials" }, keyRequests + 1);
  // The provider has answered; the daemon has it a moment later.
  let second = first;
  for (let tries = 0; keyOf(second) === keyOf(first); tries += 1) {
    if (tries === 10) throw new Error("the served keys did not change");
    second = await evercred("aws", "export", "--profile", "bedrock");
  }
  say(`The served keys changed by themselves: ${keyOf(first)} → ${keyOf(second)}`);

  await page.screenshot({ path: picture });
  say(`A picture of the window: ${picture}`);
  say("For Claude Code, put this into ~/.claude/settings.json:");
  console.log(JSON.stringify(settings(shim), undefined, 2));
}

function settings(shim) {
  const command = /\s/.test(shim) ? `"${shim}"` : shim;
  return {
    awsAuthRefresh: `${command} aws login --profile bedrock`,
    awsCredentialExport: `${command} aws export --profile bedrock`,
    env: { CLAUDE_CODE_USE_BEDROCK: "1", AWS_REGION: "us-east-1" },
  };
}

async function fakes() {
  const outfile = join(root, "cloud.mjs");
  await build({
    stdin: {
      contents:
        'export { startCloud } from "./cloud.ts"; export { startBrowser } from "./browser.ts";',
      resolveDir: join(project, "test", "fakes", "cloud"),
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
  });
  return import(outfile);
}

/** Resolves to what opens a page and signs in there: Chromium where it is installed, else a script. */
async function signerIn(cloud) {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
  if (executablePath === undefined) {
    say("Chromium is not installed: a script signs in.");
    return async (url) => (await cloud.approve(url)).status;
  }
  const quiet = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--ignore-certificate-errors-spki-list=${cloud.leafSpkiHash}`,
  ];
  return async (url) => {
    const browser = await chromium.launch({
      executablePath,
      args: [...sandbox, ...quiet],
      proxy: { server: cloud.proxyUrl, bypass: "127.0.0.1" },
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith("http://127.0.0.1")),
        page.click("#approve"),
      ]);
      say(`Chromium signed in; it now shows: ${(await page.title()).trim()}`);
      return answer.status();
    } finally {
      await browser.close();
    }
  };
}

function awsConfig({ startUrl, region }) {
  return [
    "[sso-session corp]",
    `sso_start_url = ${startUrl}`,
    `sso_region = ${region}`,
    "sso_registration_scopes = sso:account:access",
    "",
    "[profile bedrock]",
    "sso_session = corp",
    "sso_account_id = 111122223333",
    "sso_role_name = Developer",
    `region = ${region}`,
    "",
  ].join("\n");
}

/** Runs the shim as a person would, and prints what it prints, with the secrets cut short. */
async function show(shim, args, env) {
  console.log(`\n$ evercred ${args.join(" ")}`);
  const { stdout, stderr } = await promisify(execFile)(shim, args, { env }).catch((error) => {
    throw new Error(`evercred ${args.join(" ")}: ${error.stderr || error.message}`);
  });
  const long = /("(?:SecretAccessKey|SessionToken)":"[^"]{4})[^"]*/g;
  process.stdout.write(stderr + stdout.replace(long, "$1…"));
  return stdout;
}

function keyOf(exported) {
  return JSON.parse(exported).Credentials.AccessKeyId;
}

function say(sentence) {
  console.log(`\n${sentence}`);
}
