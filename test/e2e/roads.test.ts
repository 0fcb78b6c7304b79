import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { authorizedUserFile } from "../fakes/cloud/google/files.ts";
import { project } from "./app.ts";
import { adcFileOf, writeTo } from "./google-home.ts";
import { type Issuer, startIssuer } from "../fakes/oidc/issuer.ts";
import { signInAt } from "../fakes/oidc/person.ts";
import { type House, oneProfile, openHouse, type Outcome } from "./house.ts";
import { runWith } from "./key-home.ts";

/** How a helper names the client of this checkout, in the settings. */
const client = /"[^" ]*\/bin\/evercred /g;

const key = "sk-0123456789";

interface Road {
  readonly title: string;
  readonly lines: readonly string[];
  /** What Claude Code's settings are said to be then. */
  readonly settings: string | undefined;
}

/** The text of the first fenced block of a language. */
const block = (section: string, language: string): string | undefined =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(section)?.[1];

const roads = (await readFile(join(project, "docs", "roads.md"), "utf8"))
  .split(/^## /m)
  .slice(1)
  .map((section): Road => ({
    title: section.slice(0, section.indexOf("\n")),
    // A line that ends with a backslash goes on.
    lines: (block(section, "sh") ?? "").trimEnd().split(/(?<!\\)\n/),
    settings: block(section, "json"),
  }));

let house: House;
let issuer: Issuer;
let env: Readonly<Record<string, string>>;

/** What a person has who takes any of the roads. */
beforeAll(async () => {
  issuer = await startIssuer();
  house = await openHouse({
    awsConfig: oneProfile.replace("[profile p]", "[profile bedrock]"),
    sites: { [issuer.host]: issuer.site },
  });
  const { google } = house.cloud;
  const { id, secret } = google.addClient();
  await writeTo(adcFileOf(house), authorizedUserFile(google.grant(google.addClient())));
  const installed = { client_id: id, client_secret: secret };
  await writeTo(join(house.home, "google-client.json"), JSON.stringify({ installed }));
  // Claude Code, as far as it is seen from here: it has the key in its environment.
  const claude = 'printf "%s" "$AWS_BEARER_TOKEN_BEDROCK" >"$HOME/seen"';
  await writeFile(join(dirname(house.shim), "claude"), `#!/bin/sh\n${claude}\n`, { mode: 0o755 });
  env = { ...house.env, PATH: `${dirname(house.shim)}:${house.env["PATH"] ?? ""}` };
});

afterEach(async () => {
  expect(await house.evercred("setup", "claude", "--undo")).toMatchObject({ code: 0 });
  for (const part of ["keys", "sources", "network"]) {
    expect(await house.evercred("config", "unset", part)).toMatchObject({ code: 0 });
  }
});

afterAll(async () => {
  await house.close();
  await issuer.close();
});

/** Types a line into a shell. Whether the identity may use Claude there is another matter, and not asked. */
const type = async (line: string): Promise<Outcome> => {
  const words = line.replace(/ setup claude /, " setup claude --no-verify ");
  if (line !== "evercred login company") {
    return runWith(house, "/bin/sh", ["-c", words], { input: key, env });
  }
  const login = house.start("/bin/sh", ["-c", words], { ...env, BROWSER: "true" });
  await signInAt(house.cloud, await login.line(/^https:/));
  return login.outcome;
};

test.each(roads)("$title", async ({ lines, settings }) => {
  expect(lines).not.toEqual([""]);
  for (const line of lines) {
    const outcome = await type(line);
    expect({ line, ...outcome }).toEqual({ ...outcome, line, code: 0 });
  }
  if (settings !== undefined) {
    const text = await readFile(join(house.home, ".claude", "settings.json"), "utf8");
    expect(text.replaceAll(client, '"/usr/bin/evercred ')).toBe(settings);
  }
  if (lines.some((line) => line.endsWith(" claude"))) {
    expect(await readFile(join(house.home, "seen"), "utf8")).toBe(key);
  }
});
