import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.mjs";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const place = (architecture) =>
  join(project, "node_modules", ".cache", "evercred-musl", architecture);

/** The folder of the C library for another Debian architecture, if it has been fetched; else undefined. */
export function knownMusl(architecture) {
  const folder = place(architecture);
  return existsSync(folder) ? folder : undefined;
}

/**
 * As knownMusl, fetched from Debian where it is not there: apt checks its signature, and keeps its lists in a folder of
 * its own, so that nothing is installed and the system learns of no other architecture. Rejects with apt's output.
 */
export async function fetchMusl(architecture) {
  const known = knownMusl(architecture);
  if (known !== undefined) return known;
  const folder = await mkdtemp(join(tmpdir(), "evercred-musl-"));
  try {
    const settings = {
      "APT::Architecture": architecture,
      "APT::Architectures": architecture,
      "APT::Sandbox::User": "",
      "Dir::State": join(folder, "state"),
      "Dir::State::status": "/dev/null",
      "Dir::Cache": join(folder, "cache"),
    };
    for (const made of ["state/lists/partial", "cache/archives/partial"]) {
      await mkdir(join(folder, made), { recursive: true });
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    await runOrThrow(folder, "apt-get", [...options, "update"]);
    await runOrThrow(folder, "apt-get", [...options, "download", "musl-dev"]);
    const archive = (await readdir(folder)).find((name) => name.endsWith(".deb"));
    await runOrThrow(folder, "dpkg-deb", ["--extract", archive, "root"]);
    await mkdir(dirname(place(architecture)), { recursive: true });
    // A rename: who builds at the same time sees all of it or nothing.
    await rename(join(folder, "root"), place(architecture)).catch((error) => {
      if (knownMusl(architecture) === undefined) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return place(architecture);
}

async function runOrThrow(cwd, program, args) {
  const { status, output } = await run(program, args, { cwd });
  if (status === 127) throw new Error(`${program} is not there. Build this on Debian or Ubuntu.`);
  if (status !== 0) throw new Error(`musl could not be fetched: ${program} failed.\n${output}`);
}
