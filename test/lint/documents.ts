import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's folder. */
export const project = fileURLToPath(new URL("../..", import.meta.url));

const notOurs = new Set(["node_modules", "dist", ".git"]);

const namesUnder = (folder: string): readonly string[] =>
  readdirSync(join(project, folder), { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return [];
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? namesUnder(path) : [path];
  });

/** The texts for people, by their paths from the top. */
export const documents: ReadonlyMap<string, string> = new Map(
  namesUnder("")
    .filter((path) => path.endsWith(".md"))
    .map((path) => [path, readFileSync(join(project, path), "utf8")]),
);

/** A text without its examples, in which neither links nor headings count. */
export const withoutExamples = (text: string): string =>
  text.replaceAll(/^(`{3,})[^\n]*\n.*?^\1$/gms, "");

/** The anchors of a text's headings, as GitHub makes them. */
export const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>();
  for (const [, heading] of withoutExamples(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number += 1) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
};

/** Where the links and pictures of a text lead, as they are written. */
export const linksOf = (text: string): readonly string[] => {
  const read = withoutExamples(text).replaceAll(/`[^`\n]*`/g, "");
  const links = [
    ...read.matchAll(/\]\(([^)\s]+)\)/g),
    ...read.matchAll(/(?:src|srcset)="([^"]+)"/g),
  ];
  return links.map(([, target]) => target!);
};
