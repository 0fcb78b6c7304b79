import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const project = join(import.meta.dirname, "..");

/** Licences that let us ship what is under them, with their text. Another one has to be looked at by a person first. */
const known = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
]);

/** Compiled into the client where it is static, by Debian's words of it. */
const musl = "/usr/share/doc/musl-dev/copyright";

/**
 * What is shipped of others: the packages of node_modules that bundles hold, and those that are shipped as they are.
 * @param {readonly import("esbuild").Metafile[]} metafiles of the bundles
 * @param {readonly string[]} whole names of packages
 * @returns {readonly { name: string, version: string, license: string, texts: readonly string[] }[]} by name
 */
export function thirdParties(metafiles, whole) {
  const folders = new Set(whole.map((name) => `node_modules/${name}`));
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        // The last one: packages have packages of their own.
        const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
        if (found !== null && bytesInOutput > 0) folders.add(found[1]);
      }
    }
  }
  const parties = [...folders].map(partyIn);
  return parties.sort(
    (one, other) => compare(one.name, other.name) || compare(one.version, other.version),
  );
}

const compare = (one, other) => (one < other ? -1 : Number(one > other));

function partyIn(path) {
  const folder = join(project, path);
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!known.has(license)) {
    throw new Error(
      `${name} is under ${String(license)}. Look whether it may be shipped, and name that licence in scripts/third-party.mjs.`,
    );
  }
  const names = readdirSync(folder).filter((each) => /^(?:licen[cs]e|copying|notice)/i.test(each));
  const texts = names.sort().map((each) => readFileSync(join(folder, each), "utf8").trim());
  return { name, version, license, texts };
}

/** The text of the list that is shipped: each licence once, below the names of all that are under it. */
export function thirdPartyText(parties) {
  const byText = new Map();
  for (const { name, version, license, texts } of parties) {
    const text =
      texts.length === 0 ? `(${license}; the package has no text of its own.)` : texts.join("\n\n");
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  if (existsSync(musl)) byText.set(readFileSync(musl, "utf8").trim(), ["musl, in the client"]);
  const line = "-".repeat(80);
  const parts = [...byText].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return ["What Evercred holds of others, and under which licences.\n", ...parts].join(
    `\n${line}\n\n`,
  );
}
