import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "..", "..");

/** A name in a domain of the public net; what a template fills in is `X`. */
const host = /(?:[\w*-]+\.)+(?:com|cn|eu|uk|gov|cloud|google|aws|amazon|net|org|io|dev|us)\b/g;

/** The texts that a file of the product has in its code: comments are none. */
const textsIn = (path: string): readonly string[] => {
  const texts: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    else if (ts.isTemplateExpression(node)) {
      texts.push(
        node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join(""),
      );
    }
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest));
  return texts;
};

/** The hosts that the product's code names, each with its files. */
const named = new Map<string, string[]>();
for (const name of readdirSync(join(project, "electron"), { recursive: true, encoding: "utf8" })) {
  if (!/\.tsx?$/.test(name)) continue;
  for (const text of textsIn(join(project, "electron", name))) {
    for (const [found] of text.matchAll(host)) {
      if (/(?:^|\.)example\./.test(found)) continue;
      named.set(found, [...(named.get(found) ?? []), name]);
    }
  }
}

/** What is no host to be reached, and why. */
const otherwise: Readonly<Record<string, RegExp>> = {
  "the name of a permission, an audience or a service account at Google":
    /^(?:www|iam)\.googleapis\.com$|\.gserviceaccount\.com$/,
  "a whole domain, in which names are told apart":
    /^(?:googleapis\.com|amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|microsoft\.com|cloud\.google)$/,
  "of partitions that the guide names as such":
    /(?:\.|^)(?:amazonaws\.(?:com\.cn|eu|cn)|amazonaws-us-gov\.com|us-gov\.amazonaws\.com|awsapps\.(?:com\.)?cn|amazonwebservices\.com\.cn|ic\.gov|sgov\.gov|adc-e\.uk)$/,
  "a service that is named where this is called": /^X\.X\.amazonaws\.com$/,
  "of Apple's, in a file's head and in a command that a person may type":
    /^(?:www|time)\.apple\.com$/,
  "a page of a company's own issuer":
    /^(?:www|login)\.microsoft\.com$|^login\.(?:partner\.)?microsoftonline\.(?:com|us|cn)$/,
};

/** The hosts of the guide's table, as patterns. */
const allowed = ((): readonly RegExp[] => {
  const guide = readFileSync(join(project, "docs", "it-deployment.md"), "utf8");
  const [, section = ""] = /^## Hosts\n(.*?)(?=^## |(?![^]))/ms.exec(guide) ?? [];
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return [...rows.join("\n").matchAll(/`([^`]+)`/g)].map(([, pattern]) => {
    const parts = pattern!.split(/(REGION|\*)/);
    const text = parts.map((part) =>
      part === "REGION" ? "[\\w-]+" : part === "*" ? "[\\w.*-]+" : part.replaceAll(".", "\\."),
    );
    return new RegExp(`^${text.join("")}$`);
  });
})();

const isAllowed = (name: string): boolean => allowed.some((pattern) => pattern.test(name));

test("each host that the product names is one that the guide for IT allows", () => {
  expect(named.size).toBeGreaterThan(15);
  const notReached = Object.values(otherwise);
  const missing = [...named].filter(
    ([name]) => !isAllowed(name) && !notReached.some((pattern) => pattern.test(name)),
  );
  expect(missing).toEqual([]);
});

test("a host that the guide does not have is found", () => {
  expect(isAllowed("oidc.eu-central-1.amazonaws.com")).toBe(true);
  expect(isAllowed("telemetry.evercred.dev")).toBe(false);
  expect(isAllowed("oauth2.googleapis.com.example.org")).toBe(false);
});
