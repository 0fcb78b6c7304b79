import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import {
  arm64Compiler,
  buildArm64Shim,
  buildShim,
  buildWindowsShim,
  cString,
  windowsCompiler,
} from "../../scripts/build-shim.mjs";
import { programPath } from "../../scripts/command.mjs";
import { knownMusl } from "../../scripts/musl.mjs";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "shim-build-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

it("a long usage with every kind of character is printed byte for byte", async () => {
  const outFile = join(temporaryFolder(), "evercred");
  const all = Array.from({ length: 0x250 }, (_, i) => String.fromCodePoint(i + 1)).join("");
  const usage = `${all}0123 😀 \\n ??/ %s "quoted"\r\n\n${"x".repeat(70_000)}`;
  expect(await buildShim({ usage, version: 'v"1\\2é', outFile })).toBe("built");
  expect(spawnSync(outFile).stdout.toString() === usage).toBe(true);
  expect(spawnSync(outFile, ["version"]).stdout.toString()).toBe('evercred v"1\\2é\n');
});

it("a shim that is up to date is kept, and compiled again when anything has changed", async () => {
  const folder = temporaryFolder();
  const outFile = join(folder, "bin", "evercred");
  const shim = { usage: "a", version: "1", outFile };
  expect(await buildShim(shim)).toBe("built");
  expect(await buildShim(shim)).toBe("kept");
  expect(await buildShim({ ...shim, usage: "b" })).toBe("built");
  expect(await buildShim({ ...shim, usage: "b", version: "2" })).toBe("built");
  appendFileSync(outFile, "x");
  expect(await buildShim({ ...shim, usage: "b", version: "2" })).toBe("built");
  rmSync(outFile);
  expect(await buildShim({ ...shim, usage: "b", version: "2" })).toBe("built");
  expect(readdirSync(join(folder, "bin"))).toEqual(["evercred"]);
});

it("a text with a NUL is refused", () => {
  expect(() => cString("a\0b")).toThrow("A C string cannot hold a NUL character.");
});

it.skipIf(programPath("musl-gcc") === undefined)(
  "the shim is static and at most 64 KiB with a usage of 12 KiB",
  async () => {
    const outFile = join(temporaryFolder(), "evercred");
    await buildShim({ usage: "x".repeat(12 << 10), version: "1.2.3", outFile });
    expect(statSync(outFile).size).toBeLessThanOrEqual(64 << 10);
    const bare = spawnSync(outFile, ["version"], { env: {}, cwd: "/" });
    expect(bare.stdout.toString()).toBe("evercred 1.2.3\n");
    const interpreter = spawnSync("ldd", [outFile]);
    expect(interpreter.stdout.toString() + interpreter.stderr.toString()).toMatch(
      /not a dynamic executable|statically linked/,
    );
  },
);

// Needs the MinGW-w64 compiler; its output runs on Windows only.
it.skipIf(programPath(windowsCompiler) === undefined)(
  "the Windows half compiles without a warning",
  async () => {
    const outFile = join(temporaryFolder(), "evercred.exe");
    expect(await buildWindowsShim({ usage: "é\n", version: "1", outFile })).toBe("built");
    expect(statSync(outFile).size).toBeLessThanOrEqual(64 << 10);
  },
);

it("the shim for Linux on arm64 is static, small and runs", async ({ skip }) => {
  const musl = knownMusl("arm64");
  if (musl === undefined || programPath(arm64Compiler) === undefined) {
    skip("its C library is fetched by: npm run build -- --target linux-arm64");
    return;
  }
  const outFile = join(temporaryFolder(), "evercred");
  expect(await buildArm64Shim({ usage: "é\n", version: "1", outFile }, musl)).toBe("built");
  expect(statSync(outFile).size).toBeLessThanOrEqual(64 << 10);
  const emulator = programPath("qemu-aarch64-static");
  if (emulator === undefined) {
    skip("qemu-aarch64-static (Debian: qemu-user-static) is not installed, so it was only built");
    return;
  }
  const env = { EVERCRED_BRIDGE: "/bridge" };
  expect(spawnSync(emulator, [outFile, "version"], { env }).stdout.toString()).toBe(
    "evercred 1 (bridge /bridge)\n",
  );
});
