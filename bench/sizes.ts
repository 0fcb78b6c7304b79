import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { atMost, type Findings, mib } from "./figures.ts";
import { project } from "./place.ts";

const run = promisify(execFile);
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const installer = /\.(?:deb|rpm|AppImage|exe|msi|dmg|pkg)$/;

/** How large what is installed is, as far as it has been built. */
export const measureSizes = async (): Promise<Findings> => {
  const dist = join(project, "dist");
  const shim = await strippedSize(join(dist, "bin", "evercred"));
  const bundles = ["app/main.cjs", "headless.cjs", "renderer/app.js"];
  const rows: string[][] = [["the client, stripped", kib(shim)]];
  for (const name of bundles) rows.push([name, mib((await stat(join(dist, name))).size)]);
  rows.push(["app/, all pieces", mib(await sizeOf(join(dist, "app")))]);
  const compiled = join(dist, "compiled");
  for (const name of await readdir(compiled)) {
    const size = mib(await sizeOf(join(compiled, name)));
    rows.push([`app/, compiled for ${name.replace(/^[^-]*-/, "")}`, size]);
  }
  const release = join(dist, "release");
  const files = await readdir(release).catch(() => []);
  const packages = files.filter((name) => installer.test(name)).sort();
  for (const name of packages) rows.push([name, mib((await stat(join(release, name))).size)]);
  return {
    budgets: [
      atMost("`evercred.c`, stripped", {
        value: shim,
        most: 64 * 1024,
        show: kib,
        because: "see the sections with size -A",
      }),
    ],
    tables: [
      {
        title: "Sizes",
        head: ["file", "size"],
        rows,
        note:
          packages.length > 0
            ? "The installers are those of the last `npm run dist`."
            : "No installers are there: `npm run dist` makes them.",
      },
    ],
  };
};

const sizeOf = async (folder: string): Promise<number> => {
  const files = (await readdir(folder)).map((name) => stat(join(folder, name)));
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
};

const strippedSize = async (program: string): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-size-"));
  try {
    const copy = join(folder, "shim");
    await copyFile(program, copy);
    await run("strip", [copy]);
    return (await stat(copy)).size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
