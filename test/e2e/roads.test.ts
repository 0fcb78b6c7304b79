import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { authorizedUserFile } from "../fakes/cloud/google/files.ts";
import { project } from "./app.ts";
import { anchorsOf } from "../lint/documents.ts";
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

/** What the README says of a road. */
interface Shown {
  readonly anchor: string;
  readonly commands: readonly string[];
  /** Lines of the settings. */
  readonly settings: readonly string[];
}

const inCode = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

const readme = await readFile(join(project, "README.md"), "utf8");
const shown = [...readme.matchAll(/^\| \[[^\]]*\]\(docs\/roads\.md#([^)]+)\)(.*)\|$/gm)].map(
  ([, anchor, rest]): Shown => {
    const [, commands = "", settings = ""] = rest!.split(" | ");
    return {
      anchor: anchor!,
      commands: inCode(commands).filter((code) => code.startsWith("evercred ")),
      settings: inCode(settings).filter((code) => code.startsWith('"')),
    };
  },
);

const anchorOf = (title: string): string => [...anchorsOf(`# ${title}`)].join("");

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

test.each(roads)("$title", async ({ title, lines, settings }) => {
  expect(lines).not.toEqual([""]);
  for (const line of lines) {
    const outcome = await type(line);
    expect({ line, ...outcome }).toEqual({ ...outcome, line, code: 0 });
  }
  if (settings !== undefined) {
    const text = await readFile(join(house.home, ".claude", "settings.json"), "utf8");
    const written = text.replaceAll(client, '"/usr/bin/evercred ');
    expect(written).toBe(settings);
    const row = shown.find(({ anchor }) => anchor === anchorOf(title))!;
    expect(row.settings).not.toEqual([]);
    const writtenLines = written.split("\n").map((line) => line.trim().replace(/,$/, ""));
    expect(row.settings.filter((line) => !writtenLines.includes(line))).toEqual([]);
  }
  if (lines.some((line) => line.endsWith(" claude"))) {
    expect(await readFile(join(house.home, "seen"), "utf8")).toBe(key);
  }
});

test("the README has each road, with lines that are run here, and the first one's settings whole", () => {
  expect(shown.map(({ anchor }) => anchor)).toEqual(roads.map(({ title }) => anchorOf(title)));
  const run = new Set(roads.flatMap(({ lines }) => lines));
  const others = shown.flatMap(({ commands }) => commands).filter((line) => !run.has(line));
  expect(others).toEqual(["evercred bridge ssh HOST"]);
  expect(readme).toContain(`\`\`\`json\n${roads[0]!.settings!}\`\`\``);
});
