import { readdirSync } from "node:fs";
import { ESLint } from "eslint";
import { beforeAll, describe, expect, test } from "vitest";
import { lint, type Finding } from "./plant.ts";

interface Violation {
  readonly promise: string;
  readonly file: string;
  readonly planted: string;
  readonly clean: string;
  readonly rule: string;
  readonly message: RegExp;
}

/** Modules that the planted files import. */
const modules = {
  "electron/core/time.ts": "export const zero = 0;\n",
  "electron/protocol/view.ts": "export const view = 1;\n",
  "electron/commands/verb.ts": "export const verb = 2;\nexport type Verb = typeof verb;\n",
  "electron/platform/log.ts": "export const log = 3;\n",
  "electron/sources/loopback.ts": "export const loopback = 4;\n",
  "electron/sources/gcp/token.ts": "export const token = 5;\n",
  "electron/sources/aws/roles.ts": "export const roles = 6;\n",
  "electron/shell/tray.ts": "export const tray = 7;\n",
  "electron/daemon.ts": "export const daemon = 8;\n",
};

const imports = (name: string, from: string): string =>
  `import { ${name} } from "${from}";\n\nexport const x = ${name};\n`;
const loads = (from: string): string =>
  `export async function load(): Promise<unknown> {\n  return await import("${from}");\n}\n`;
const importsElectron = imports("app", "electron");

const borders: readonly Omit<Violation, "rule">[] = [
  {
    promise: "core imports no upper layer",
    file: "electron/core/planted.ts",
    planted: imports("view", "../protocol/view.ts"),
    clean: imports("zero", "./time.ts"),
    message: /^.*core\/ imports nothing outside core/,
  },
  {
    promise: "core imports no types of an upper layer either",
    file: "electron/core/planted-type.ts",
    planted: 'import type { Verb } from "../commands/verb.ts";\n\nexport type X = Verb;\n',
    clean: 'import type { zero } from "./time.ts";\n\nexport type X = typeof zero;\n',
    message: /core\/ imports nothing outside core/,
  },
  {
    promise: "core imports nothing of Node",
    file: "electron/core/planted-node.ts",
    planted: imports("join", "node:path"),
    clean: imports("zero", "./time.ts"),
    message: /core\/ imports nothing outside core/,
  },
  {
    promise: "no path climbs out of core after it has gone down",
    file: "electron/core/planted-climb.ts",
    planted: imports("log", "./deep/../../platform/log.ts"),
    clean: imports("zero", "./time.ts"),
    message: /core\/ imports nothing outside core/,
  },
  {
    promise: "protocol imports no other layer",
    file: "electron/protocol/planted.ts",
    planted: imports("log", "../platform/log.ts"),
    clean: imports("zero", "../core/time.ts"),
    message: /protocol\/ imports core, node:path and zod only/,
  },
  {
    promise: "a source does not import the platform",
    file: "electron/sources/aws/planted.ts",
    planted: imports("log", "../../platform/log.ts"),
    clean: imports("loopback", "../loopback.ts"),
    message: /it knows neither the platform nor another source/,
  },
  {
    promise: "a source does not import another source",
    file: "electron/sources/aws/planted-neighbour.ts",
    planted: imports("token", "../gcp/token.ts"),
    clean: imports("roles", "./roles.ts"),
    message: /it knows neither the platform nor another source/,
  },
  {
    promise: "what sources share imports no source",
    file: "electron/sources/planted.ts",
    planted: imports("token", "./gcp/token.ts"),
    clean: imports("loopback", "./loopback.ts"),
    message: /it knows neither the platform nor another source/,
  },
  {
    promise: "the platform imports no source",
    file: "electron/platform/planted.ts",
    planted: imports("token", "../sources/gcp/token.ts"),
    clean: imports("view", "../protocol/view.ts"),
    message: /platform\/ imports core, protocol, Node and its few libraries/,
  },
  {
    promise: "commands import no SDK",
    file: "electron/commands/planted.ts",
    planted: imports("SSOClient", "@aws-sdk/client-sso"),
    clean: imports("zero", "../core/time.ts"),
    message: /a verb knows no SDK and no Electron/,
  },
  {
    promise: "commands do not import what composes them",
    file: "electron/commands/planted-upward.ts",
    planted: imports("daemon", "../daemon.ts"),
    clean: imports("verb", "./verb.ts"),
    message: /commands\/ imports core and protocol only/,
  },
  {
    promise: "the server imports the types of commands, never their code",
    file: "electron/server/planted.ts",
    planted: imports("verb", "../commands/verb.ts"),
    clean: 'import type { Verb } from "../commands/verb.ts";\n\nexport type X = Verb;\n',
    message: /server\/ imports core, protocol and the types of commands/,
  },
  {
    promise: "the shell imports no platform",
    file: "electron/shell/planted.ts",
    planted: imports("log", "../platform/log.ts"),
    clean: imports("view", "../protocol/view.ts"),
    message: /shell\/ imports core, protocol, Node and Electron/,
  },
  {
    promise: "the renderer does not import core",
    file: "renderer/planted.tsx",
    planted: imports("zero", "../electron/core/time.ts"),
    clean: imports("view", "../electron/protocol/view.ts"),
    message: /renderer\/ imports electron\/protocol, Preact and uqr only/,
  },
  {
    promise: "the headless daemon imports no shell",
    file: "electron/headless.ts",
    planted: imports("tray", "./shell/tray.ts"),
    clean: imports("daemon", "./daemon.ts"),
    message: /This composes all that needs no Electron/,
  },
  {
    promise: "main composes and leaves libraries behind its folders",
    file: "electron/main.ts",
    planted: imports("SSOClient", "@aws-sdk/client-sso"),
    clean: importsElectron,
    message: /main\.ts composes our own folders and Electron/,
  },
  {
    promise: "the preload script imports the protocol and Electron only",
    file: "electron/preload.ts",
    planted: imports("zero", "./core/time.ts"),
    clean: importsElectron,
    message: /preload\.ts imports the protocol and Electron only/,
  },
  ...["core", "protocol", "sources/aws", "platform", "commands", "server"].map((folder) => ({
    promise: `${folder} does not know Electron`,
    file: `electron/${folder}/planted-electron.ts`,
    planted: importsElectron,
    clean: "export const x = 1;\n",
    message: /\S/,
  })),
];

const rule = "no-restricted-syntax";

const inCore = (
  promise: string,
  planted: string,
  rule: string,
  message: RegExp,
  clean = "export const x = 1;\n",
): Violation => ({
  promise,
  file: `electron/core/planted-${promise.replaceAll(/\W+/g, "-")}.ts`,
  planted,
  clean,
  rule,
  message,
});

const notAsked = /ask the Clock/;

const violations: readonly Violation[] = [
  ...borders.map((border) => ({ ...border, rule: "no-restricted-imports" })),
  {
    promise: "import() does not pass a border either",
    file: "electron/commands/planted-dynamic.ts",
    planted: loads("../sources/gcp/token.ts"),
    clean: loads("./verb.ts"),
    rule,
    message: /commands\/ imports core and protocol only/,
  },
  {
    promise: "import() of a type does not pass a border either",
    file: "electron/commands/planted-import-type.ts",
    planted: 'export type X = typeof import("../sources/gcp/token.ts");\n',
    clean: 'export type X = typeof import("./verb.ts");\n',
    rule,
    message: /commands\/ imports core and protocol only/,
  },
  inCore(
    "core does not read Date.now",
    "export const x = Date.now();\n",
    "no-restricted-properties",
    notAsked,
  ),
  inCore(
    "core makes no new Date of nothing",
    "export const x = new Date();\n",
    rule,
    notAsked,
    "export const x = new Date(0);\n",
  ),
  inCore("core does not call Date", "export const x = Date();\n", rule, notAsked),
  inCore(
    "core starts no timer",
    "setTimeout(() => undefined, 1);\n\nexport const x = 1;\n",
    "no-restricted-globals",
    notAsked,
  ),
  inCore(
    "core does not draw lots",
    "export const x = Math.random();\n",
    "no-restricted-properties",
    /Chance is an argument/,
    "export const x = Math.max(1, 2);\n",
  ),
  inCore(
    "core does not read the process",
    "export const x = process.pid;\n",
    "no-restricted-globals",
    /Core knows neither Node nor the network/,
  ),
  inCore(
    "core does not fetch",
    'export const x = await fetch("http://127.0.0.1/");\n',
    "no-restricted-globals",
    /Core knows neither Node nor the network/,
  ),
  inCore(
    "core reaches nothing through globalThis",
    "export const x = globalThis.structuredClone(1);\n",
    "no-restricted-globals",
    /Core knows neither Node nor the network/,
  ),
  inCore(
    "core has no measure of time",
    "export const x = performance.now();\n",
    "no-restricted-globals",
    notAsked,
  ),
  inCore(
    "core has no crypto",
    "export const x = crypto.randomUUID();\n",
    "no-restricted-globals",
    /Chance/,
  ),
  ...[
    "electron/core/floating.ts",
    "electron/shell/floating.ts",
    "renderer/floating.ts",
    "test/floating.test.ts",
  ].map((file) => ({
    promise: `no promise floats in ${file}`,
    file,
    planted: "async function f(): Promise<void> {\n  await Promise.resolve();\n}\n\nf();\n",
    clean: "async function f(): Promise<void> {\n  await Promise.resolve();\n}\n\nawait f();\n",
    rule: "@typescript-eslint/no-floating-promises",
    message: /Promises must be awaited/,
  })),
  ...[
    "electron/core/opened.ts",
    "electron/protocol/opened.ts",
    "electron/platform/opened.ts",
    "electron/commands/opened.ts",
    "electron/server/opened.ts",
    "electron/shell/opened.ts",
    "renderer/opened.ts",
  ].map((file) => ({
    promise: `no secret is revealed in ${file}`,
    file,
    planted: "export const x = (secret: { reveal(): string }): string => secret.reveal();\n",
    clean: "export const x = (secret: { show(): string }): string => secret.show();\n",
    rule,
    message: /A secret is revealed only by the keychain, the sources and the one place/,
  })),
  {
    promise: "a verb hands nothing out past the gate",
    file: "electron/commands/past-the-gate.ts",
    planted: "export const x = (session: { issue(): string }): string => session.issue();\n",
    clean: "export const x = (session: { prove(): string }): string => session.prove();\n",
    rule,
    message: /passes the gate and is on record/,
  },
  {
    promise: "the renderer writes no markup",
    file: "renderer/markup.ts",
    planted: 'document.body.innerHTML = "";\n',
    clean: 'document.body.textContent = "";\n',
    rule,
    message: /never from markup/,
  },
  {
    promise: "the renderer's elements take no markup",
    file: "renderer/markup-element.tsx",
    planted: 'export const x = <p dangerouslySetInnerHTML={{ __html: "" }} />;\n',
    clean: "export const x = <p />;\n",
    rule,
    message: /never from markup/,
  },
  {
    promise: "the renderer stores nothing",
    file: "renderer/storage.ts",
    planted: 'export const x = localStorage.getItem("x");\n',
    clean: 'export const x = document.getElementById("x");\n',
    rule: "no-restricted-globals",
    message: /The renderer keeps nothing/,
  },
  {
    promise: "the renderer stores nothing by way of the window",
    file: "renderer/storage-window.ts",
    planted: 'export const x = window.localStorage.getItem("x");\n',
    clean: "export const x = window.name;\n",
    rule,
    message: /The renderer keeps nothing/,
  },
  {
    promise: "the product writes to its log, not to the console",
    file: "electron/platform/printed.ts",
    planted: 'console.log("x");\n',
    clean: "export const x = 1;\n",
    rule: "no-console",
    message: /console/,
  },
  {
    promise: "the product has no default export",
    file: "electron/platform/default.ts",
    planted: "export default 1;\n",
    clean: "export const x = 1;\n",
    rule: "no-restricted-exports",
    message: /default/,
  },
  {
    promise: "what Node 18 lacks is refused: the global crypto",
    file: "electron/platform/lacking.ts",
    planted: "export const x = crypto.randomUUID();\n",
    clean: 'import { randomUUID } from "node:crypto";\n\nexport const x = randomUUID();\n',
    rule: "no-restricted-globals",
    message: /node:crypto/,
  },
  {
    promise: "what Node 18 lacks is refused: AbortSignal.any",
    file: "electron/sources/aws/lacking.ts",
    planted: "export const x = AbortSignal.any([]);\n",
    clean: "export const x = AbortSignal.abort();\n",
    rule: "no-restricted-properties",
    message: /Node 18/,
  },
  {
    promise: "a private member is private at run time",
    file: "electron/shell/private.ts",
    planted:
      "export class A {\n  private readonly x = 1;\n  y(): number {\n    return this.x;\n  }\n}\n",
    clean: "export class A {\n  readonly #x = 1;\n  y(): number {\n    return this.#x;\n  }\n}\n",
    rule,
    message: /#private/,
  },
];

const reveals = "export const x = (secret: { reveal(): string }): string => secret.reveal();\n";
const revealers = {
  "electron/platform/keychain.ts": reveals,
  "electron/platform/keychain-chunks.ts": reveals,
  "electron/platform/network-secrets.ts": reveals,
  "electron/platform/secret-page.ts": reveals,
  "electron/sources/aws/reveals.ts": reveals,
  "electron/server/kept.ts": reveals,
  "electron/server/reply.ts": reveals,
};

type Text = "planted" | "clean";
let found: Readonly<Record<Text, ReadonlyMap<string, readonly Finding[]>>>;

const files = (text: Text): Record<string, string> =>
  Object.fromEntries(violations.map((violation) => [violation.file, violation[text]]));

beforeAll(async () => {
  found = {
    planted: await lint({ ...modules, ...files("planted") }),
    clean: await lint({ ...modules, ...files("clean"), ...revealers }),
  };
}, 60_000);

test("each violation has a file of its own", () => {
  expect(Object.keys(files("planted"))).toHaveLength(violations.length);
});

describe.each(violations.map((violation) => [violation.promise, violation] as const))(
  "%s",
  (_, violation) => {
    test("a violation is found and explained", () => {
      expect(found.planted.get(violation.file)).toContainEqual({
        rule: violation.rule,
        message: expect.stringMatching(violation.message),
      });
    });

    test("its clean counterpart passes", () => {
      expect(found.clean.get(violation.file)).toEqual([]);
    });
  },
);

test.each(Object.keys(revealers))("a secret may be revealed in %s", (file) => {
  expect(found.clean.get(file)).toEqual([]);
});

test("every part of electron/ has a border", async () => {
  const parts = readdirSync("electron", { withFileTypes: true })
    .filter((entry) => entry.name !== "shim")
    .map((entry) =>
      entry.isDirectory() ? `electron/${entry.name}/x.ts` : `electron/${entry.name}`,
    )
    .filter((file) => file.endsWith(".ts"));
  const eslint = new ESLint();
  for (const file of [...parts, "renderer/x.tsx"]) {
    const { rules } = await eslint.calculateConfigForFile(file);
    expect(rules, file).toMatchObject({ "no-restricted-imports": [2, expect.anything()] });
  }
});
