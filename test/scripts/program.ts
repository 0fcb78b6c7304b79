import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The checkout's folder, and a script in it. */
export const project = fileURLToPath(new URL("../..", import.meta.url));
export const script = (name: string): string => join(project, "scripts", name);

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "scripts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, maxRetries: 5 }));
  return folder;
}

/** Puts shell scripts of these names into a folder, to stand first on PATH. Gives the folder. */
export function programs(folder: string, texts: Readonly<Record<string, string>>): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}
