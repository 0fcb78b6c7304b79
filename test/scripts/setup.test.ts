import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../scripts/command.mjs";
import {
  isDebianLike,
  missingPackages,
  missingTools,
  needsOf,
} from "../../scripts/system-packages.mjs";
import { programs, script, temporaryFolder } from "./program.ts";

const asRoot = process.getuid?.() === 0;
/** Another user, who may still read this checkout wherever it is. */
const somebody = [
  "setpriv",
  "--reuid=65534",
  "--regid=65534",
  "--clear-groups",
  "--inh-caps=+dac_read_search",
  "--ambient-caps=+dac_read_search",
];
const notRoot = asRoot ? somebody : [];
const canBeSomebody = !asRoot || spawnSync("setpriv", [...somebody.slice(1), "true"]).status === 0;

/** Says that nothing is installed, as on a machine that has only just been set up. */
const nothingInstalled = { "dpkg-query": "exit 1" };

function runSetup(step: string, words: readonly string[], env: Record<string, string> = {}) {
  const [program, ...args] = [...words, process.execPath, script("setup.mjs"), step];
  return run(program, args, { env: { ...process.env, CI: "", ...env } });
}

const withFirst = (bin: string): Record<string, string> => ({
  PATH: `${bin}:${process.env["PATH"] ?? ""}`,
});

test("a set-up where nothing is missing does nothing and says nothing", async () => {
  expect(await runSetup("test", [])).toEqual({ status: 0, stdout: "", output: "" });
});

test("an unknown step is a usage error", async () => {
  expect(await runSetup("everything", [])).toMatchObject({
    status: 2,
    output: "Usage: npm run setup [build|demo|test|bench|dist]\n",
  });
});

test("each step needs what the steps before it need", () => {
  expect(needsOf("demo")).toEqual(expect.arrayContaining(needsOf("build")));
  expect(needsOf("test")).toEqual(expect.arrayContaining(needsOf("demo")));
  expect(needsOf("bench")).toEqual(expect.arrayContaining(needsOf("demo")));
});

describe.runIf(isDebianLike())("on a system with dpkg and apt", () => {
  test("what is not installed is found, and either name of a renamed package will do", async () => {
    const absent = { packages: ["no-such-package-for-sure"] };
    const present = { packages: ["no-such-package-either", "dpkg"] };
    expect(await missingPackages([absent, present])).toEqual([absent]);
  });

  test.runIf(canBeSomebody)("a person who is not root is given the exact command", async () => {
    const bin = programs(temporaryFolder(), nothingInstalled);
    expect(await runSetup("build", notRoot, withFirst(bin))).toEqual({
      status: 1,
      stdout: "",
      output:
        "System packages are missing. Run: sudo apt-get install -y --no-install-recommends libsecret-1-dev musl-tools python3 make g++\n",
    });
  });

  test.runIf(asRoot)(
    "root's missing packages are named and installed without questions",
    async () => {
      const folder = temporaryFolder();
      const record = `echo "$DEBIAN_FRONTEND $*" >> ${join(folder, "calls")}`;
      const bin = programs(folder, { ...nothingInstalled, "apt-get": record });
      const wanted = "libsecret-1-dev musl-tools python3 make g++";
      expect(await runSetup("build", [], withFirst(bin))).toMatchObject({
        status: 0,
        output: `Installing system packages with apt-get: ${wanted}\n`,
      });
      expect(readFileSync(join(folder, "calls"), "utf8").split("\n")).toEqual([
        "noninteractive -o DPkg::Lock::Timeout=120 update",
        `noninteractive -o DPkg::Lock::Timeout=120 install -y --no-install-recommends ${wanted}`,
        "",
      ]);
    },
  );

  test.runIf(canBeSomebody)("on a CI machine, one who is not root goes through sudo", async () => {
    const sudo = '[ "$2" = true ] || { echo "sudo $*" >&2; exit 1; }';
    const bin = programs(temporaryFolder(), { ...nothingInstalled, sudo });
    const result = await runSetup("build", notRoot, { ...withFirst(bin), CI: "true" });
    expect(result.status).toBe(1);
    expect(result.output).toContain(
      "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y ",
    );
  });

  test.runIf(asRoot)("a failing installation shows apt's own words and a remedy", async () => {
    const bin = programs(temporaryFolder(), {
      ...nothingInstalled,
      "apt-get": "echo E: no such thing >&2; exit 100",
    });
    const { status, output } = await runSetup("build", [], withFirst(bin));
    expect(status).toBe(1);
    expect(output).toMatch(
      /E: no such thing\napt-get could not install libsecret-1-dev .* run this again\.\n$/s,
    );
  });
});

test("without dpkg the tools themselves are looked for", async () => {
  const there = [
    { packages: ["a"], program: "sh" },
    { packages: ["b"], library: "libc.so.6" },
    { packages: ["c"], module: "libsecret-1" },
    { packages: ["d"], python: "json" },
  ];
  const absent = [
    { packages: ["e"], program: "no-such-program" },
    { packages: ["f"], library: "libnosuch.so.1" },
    { packages: ["g"], module: "no-such-module" },
    { packages: ["h"], python: "no_such_module" },
  ];
  expect(await missingTools([...there, ...absent])).toEqual(absent);
});

test("a system without dpkg that lacks the tools is told what to install", async () => {
  const { status, output } = await runSetup("build", [], { PATH: temporaryFolder() });
  expect(status).toBe(1);
  expect(output).toMatch(/^Missing here, by Debian's names: libsecret-1-dev musl-tools python3 /);
});

test("what this machine has by its packages it also has by its tools", async () => {
  expect(await missingTools(needsOf("test"))).toEqual([]);
});

test("keytar is what the set-up compiled", () => {
  expect(existsSync(script("../node_modules/keytar/build/Release/keytar.node"))).toBe(true);
});
