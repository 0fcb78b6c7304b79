import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { billOfMaterials } from "../../scripts/bill-of-materials.mjs";
import { run } from "../../scripts/command.mjs";
import { thirdParties, thirdPartyText } from "../../scripts/third-party.mjs";
import { project, script } from "./program.ts";

/** It has no types of its own. */
const { load } = createRequire(import.meta.url)("js-yaml") as { load: (text: string) => unknown };

const text = (name: string): string => readFileSync(join(project, name), "utf8");
const json = (name: string): unknown => JSON.parse(text(name));

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        integrity?: string;
        resolved?: string;
        hasInstallScript?: boolean;
        dev?: boolean;
        optional?: boolean;
      }
    >
  >;
}

/** The folders in which something is installed: the project's, and one for what only mutants need. */
const installed = [".", "scripts/mutation"];

test("what is installed runs no code, and our own manifest has none for it to run", () => {
  for (const folder of installed) {
    expect(text(`${folder}/.npmrc`)).toMatch(/^ignore-scripts=true$/m);
  }
  const names = installed.flatMap((folder) =>
    Object.keys((json(`${folder}/package.json`) as Manifest).scripts ?? {}),
  );
  expect(names.filter((name) => /^(?:pre|post)?(?:install|prepare|prepack)/.test(name))).toEqual(
    [],
  );
});

test("of all that is shipped only keytar would like to run code when it is installed", () => {
  const { packages } = json("package-lock.json") as Lock;
  const wishing = Object.entries(packages)
    .filter(([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true)
    .map(([path]) => path);
  expect(wishing).toEqual(["node_modules/keytar"]);
});

test("every version is exact, and every package is locked to its bytes", () => {
  for (const folder of installed) {
    const { dependencies, devDependencies } = json(`${folder}/package.json`) as Manifest;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect([name, version]).toEqual([
        name,
        expect.stringMatching(/^(?:npm:[\w-]+@)?\d+\.\d+\.\d+$/),
      ]);
    }
    const { packages } = json(`${folder}/package-lock.json`) as Lock;
    for (const [path, { integrity }] of Object.entries(packages)) {
      if (path === "") continue;
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
    }
  }
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { steps: readonly Step[]; permissions?: Record<string, string>; "timeout-minutes"?: number }
    >
  >;
}

const folder = ".github/workflows";
const workflows = readdirSync(join(project, folder)).map((name) => `${folder}/${name}`);

test.each(workflows)(
  "%s: every action is pinned to its commit, and no job may more than it needs",
  (name) => {
    const source = text(name);
    const { on, permissions, jobs } = load(source) as Workflow;
    // Of a stranger's pull request nothing runs with rights or secrets.
    expect(Object.keys(on)).not.toContain("pull_request_target");
    expect(permissions).toEqual({ contents: "read" });
    for (const line of source.match(/uses: .*/g) ?? []) {
      expect(line).toMatch(/^uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      for (const { uses = "", run: command = "", with: words } of job.steps) {
        if (uses.startsWith("actions/checkout@")) {
          expect(words).toEqual({ "persist-credentials": false });
        }
        expect(command).not.toMatch(/npm (?:install|i)\b|npx /);
        // What an event says is data: in a script it would be code.
        expect(command).not.toContain("${{");
      }
    }
  },
);

test.each(workflows)("%s: its scripts are scripts", async (name) => {
  const { jobs } = load(text(name)) as Workflow;
  const commands = Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run }) => run ?? []),
  );
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    expect(await run("bash", ["-n", "-c", command])).toMatchObject({ status: 0, output: "" });
  }
});

test("a release is built with proof of where, and only the job that drafts it may write", () => {
  const { jobs } = load(text(`${folder}/release.yml`)) as Workflow;
  const { installers, draft } = jobs as Record<"installers" | "draft", Workflow["jobs"][string]>;
  expect(installers.permissions).toEqual({
    contents: "read",
    attestations: "write",
    "id-token": "write",
  });
  expect(draft.permissions).toEqual({ contents: "write" });
  const uses = installers.steps.map(({ uses = "" }) => uses.split("@")[0]);
  expect(uses).toContain("actions/attest-build-provenance");
});

test("the list of what is in an installer names Electron and each package, the same for the same build", async () => {
  const build = { version: "1.2.3", electron: "45.4.1" };
  process.env["SOURCE_DATE_EPOCH"] = "1700000000";
  const [one, two] = await Promise.all([billOfMaterials(build), billOfMaterials(build)]);
  delete process.env["SOURCE_DATE_EPOCH"];
  expect(two).toBe(one);
  const { components, metadata } = JSON.parse(one) as {
    components: readonly { name: string; version: string }[];
    metadata: { component: object; timestamp: string };
  };
  expect(metadata).toMatchObject({
    component: { name: "evercred", version: "1.2.3" },
    timestamp: "2023-11-14T22:13:20.000Z",
  });
  const { dependencies } = json("package.json") as Manifest;
  for (const [name, version] of Object.entries({ ...dependencies, electron: "45.4.1" })) {
    expect(components).toContainEqual(expect.objectContaining({ name, version }));
  }
  expect(components.map(({ name }) => name)).not.toContain("vitest");
}, 120_000);

test("two builds of the same sources are the same, wherever and whenever they are made", async () => {
  const { status, output } = await run(process.execPath, [script("reproducible.mjs")]);
  expect(output).toMatch(/^\d+ files are the same in both builds\.\n$/);
  expect(status).toBe(0);
}, 300_000);

test("the list of licences has the text of all that is in a bundle, and nothing that was left out of it", () => {
  const metafile = (inputs: Record<string, { bytesInOutput: number }>) =>
    ({ inputs: {}, outputs: { "dist/main.cjs": { inputs } } }) as never;
  const found = thirdParties(
    [
      metafile({
        "electron/main.ts": { bytesInOutput: 1 },
        "node_modules/zod/v4/core/core.js": { bytesInOutput: 10 },
        "node_modules/@aws-sdk/client-sso/dist-es/a.js": { bytesInOutput: 10 },
        "node_modules/preact/dist/preact.mjs": { bytesInOutput: 0 },
      }),
    ],
    ["keytar"],
  );
  expect(found.map(({ name }) => name)).toEqual(["@aws-sdk/client-sso", "keytar", "zod"]);
  const written = thirdPartyText(found);
  for (const { texts } of found) expect(written).toContain(texts[0]);
  expect(written).toMatch(/^@aws-sdk\/client-sso \d+\.\d+\.\d+ \(Apache-2\.0\)$/m);
  expect(() =>
    thirdParties([metafile({ "node_modules/axe-core/axe.js": { bytesInOutput: 1 } })], []),
  ).toThrow("axe-core is under MPL-2.0. Look whether it may be shipped");
});
