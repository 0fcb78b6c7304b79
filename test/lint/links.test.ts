import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, documents, linksOf, project } from "./documents.ts";

/** Why a link of a text at that path leads nowhere; undefined: it leads somewhere, or out of the project. */
const broken = (path: string, link: string): string | undefined => {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? path : relative(project, join(project, dirname(path), file));
  if (target.startsWith("..")) return "outside";
  if (!existsSync(join(project, target))) return "no such file";
  if (anchor === undefined || anchorsOf(documents.get(target) ?? "").has(anchor)) return undefined;
  return "no such heading";
};

test("each link of the documentation leads to a file, and to a heading that is there", () => {
  const links = [...documents].flatMap(([path, text]) =>
    linksOf(text).map((link) => ({ path, link, why: broken(path, link) })),
  );
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ why }) => why !== undefined)).toEqual([]);
});

test("a link that leads nowhere is found", () => {
  const planted =
    "[a](no-such.md) [b](README.md#no-such) [c](#here)\n\n```\n[d](nowhere.md)\n```\n\n## Here\n";
  expect(linksOf(planted)).toEqual(["no-such.md", "README.md#no-such", "#here"]);
  expect(broken("README.md", "no-such.md")).toBe("no such file");
  expect(broken("docs/policy.md", "../README.md#no-such")).toBe("no such heading");
  expect(broken("docs/policy.md", "../../elsewhere.md")).toBe("outside");
  expect([...anchorsOf(planted)]).toEqual(["here"]);
  expect([...anchorsOf("# `a.b` and *c*, d\n## Same\n## Same\n")]).toEqual([
    "ab-and-c-d",
    "same",
    "same-1",
  ]);
});

test("the README leads to every text, by one link or by several", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    for (const link of linksOf(documents.get(path)!)) {
      const target = relative(project, join(project, dirname(path), link.split("#")[0]!));
      if (documents.has(target)) reached.add(target);
    }
  }
  expect([...documents.keys()].filter((path) => !reached.has(path))).toEqual([]);
});

test("each command of npm that the documentation names is there", () => {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = [...documents].flatMap(([path, text]) =>
    [...text.matchAll(/npm run ([\w-]+)/g)].map(([, script]) => ({ path, script: script! })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ script }) => manifest.scripts[script] === undefined)).toEqual([]);
});
