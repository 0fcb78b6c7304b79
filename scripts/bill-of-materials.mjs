import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { npmFolder, run } from "./command.mjs";

const project = join(import.meta.dirname, "..");

/**
 * What an installer is made of, as text in CycloneDX: the packages of package-lock.json that are no tools, and Electron. The
 * same packages and the same SOURCE_DATE_EPOCH give the same text.
 * @param {{ version: string, electron: string }} build
 * @returns {Promise<string>}
 */
export async function billOfMaterials({ version, electron }) {
  const npm = await npmFolder();
  if (npm === undefined) throw new Error("The list of what is in it is npm's. Install npm.");
  const words = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application"];
  const program = join(npm, "bin", "npm-cli.js");
  const { status, stdout, output } = await run(process.execPath, [program, ...words], {
    cwd: project,
  });
  if (status !== 0) throw new Error(`npm sbom could not do its part. It said: ${output.trim()}`);
  const bill = withoutTools(JSON.parse(stdout), await shipped());
  const { metadata } = bill;
  // npm takes the folder's name for the program's.
  Object.assign(metadata.component, { name: "evercred", version });
  const root = metadata.component["bom-ref"];
  const part = {
    "bom-ref": `electron@${electron}`,
    type: "framework",
    name: "electron",
    version: electron,
    scope: "required",
    purl: `pkg:npm/electron@${electron}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  bill.components.push(part);
  bill.dependencies.find(({ ref }) => ref === root).dependsOn.push(part["bom-ref"]);
  const seconds = Number(process.env.SOURCE_DATE_EPOCH || Date.now() / 1000);
  metadata.timestamp = new Date(seconds * 1000).toISOString();
  delete bill.serialNumber;
  const digest = createHash("sha256").update(JSON.stringify(bill)).digest("hex");
  return `${JSON.stringify({ ...bill, serialNumber: `urn:uuid:${uuidOf(digest)}` }, undefined, 2)}\n`;
}

/** What package-lock.json has that is no tool, as `name@version`. */
async function shipped() {
  const { packages } = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
  const found = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== "" && dev !== true && devOptional !== true,
  );
  return new Set(
    found.map(
      ([path, { version, name = path.split("node_modules/").at(-1) }]) => `${name}@${version}`,
    ),
  );
}

/** npm's own --omit=dev leaves out what a tool and the app both need. */
function withoutTools(bill, wanted) {
  const components = bill.components.filter(({ name, version }) =>
    wanted.has(`${name}@${version}`),
  );
  const refs = new Set(components.map((component) => component["bom-ref"]));
  const root = bill.metadata.component["bom-ref"];
  const dependencies = bill.dependencies
    .filter(({ ref }) => ref === root || refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  return { ...bill, components, dependencies };
}

/** A UUID of version 8 (RFC 9562), made of the beginning of a digest. */
function uuidOf(digest) {
  const [a, b, c, d] = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(13, 16),
    digest.slice(17, 20),
  ];
  return `${a}-${b}-8${c}-8${d}-${digest.slice(20, 32)}`;
}
