import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPackageWithOptions } from "@electron/asar";
import { fuseSentinel, releaseFuses } from "../../scripts/fuses.mjs";
import { exportKey, sign, type SigningKey } from "../../scripts/gpg.mjs";
import { packageFields, packageScripts } from "../../scripts/package-contents.mjs";
import { verifyRelease } from "../../scripts/release-checks.mjs";
import { digestOf, type Release, sumsOf } from "../../scripts/release.mjs";
import { writeUpdateMetadata } from "../../scripts/update-metadata.mjs";

export const debName = "evercred_1.2.3_amd64.deb";
export const rpmName = "evercred-1.2.3.x86_64.rpm";
export const metadataName = "latest-linux.yml";

/** A fuse wire of version 1 as Electron's program has it, as long as the given states: 0 off, 1 on. */
const wire = (states: string): Buffer =>
  Buffer.concat([Buffer.from(fuseSentinel), Buffer.from([1, states.length]), Buffer.from(states)]);

const asBuilt = Object.values(releaseFuses)
  .map((on) => (on ? "1" : "0"))
  .join("");

/** A folder like the one of a package, small: an archive, a program that has fuses, the sandbox, two scripts. */
async function makeTree(tree: string): Promise<void> {
  const app = join(tree, "opt/Evercred");
  const source = join(tree, "source");
  mkdirSync(join(app, "resources"), { recursive: true });
  mkdirSync(source);
  writeFileSync(join(source, "main.cjs"), "// the app\n");
  writeFileSync(join(source, "keytar.node"), "an addon");
  await createPackageWithOptions(source, join(app, "resources/app.asar"), { unpack: "*.node" });
  rmSync(source, { recursive: true });
  writeFileSync(join(app, "evercred-app"), Buffer.concat([Buffer.from("\x7fELF"), wire(asBuilt)]));
  writeFileSync(join(app, "chrome-sandbox"), "the sandbox");
  mkdirSync(join(tree, "DEBIAN"));
  const fields = ["Package: evercred", "Version: 1.2.3", "Architecture: amd64"];
  fields.push("Maintainer: Nobody <nobody@evercred.invalid>", "Depends: libsecret-1-0");
  fields.push("Description: a test", " that is small", "");
  writeFileSync(join(tree, "DEBIAN/control"), fields.join("\n"));
  mkdirSync(join(tree, "etc"));
  writeFileSync(join(tree, "etc/evercred.conf"), "a setting\n");
  writeFileSync(join(tree, "DEBIAN/conffiles"), "/etc/evercred.conf\n");
  writeFileSync(join(tree, "DEBIAN/postinst"), "#!/bin/sh\n");
  for (const [path, mode] of [
    ["opt/Evercred/evercred-app", 0o755],
    ["opt/Evercred/chrome-sandbox", 0o4755],
    ["DEBIAN/postinst", 0o755],
  ] as const) {
    chmodSync(join(tree, path), mode);
  }
}

/** A release in a folder of its own, and what it was made of. */
export class ReleaseFolder {
  readonly folder: string;
  readonly tree: string;
  readonly #key: SigningKey;

  private constructor(place: string, key: SigningKey) {
    this.folder = join(place, "release");
    this.tree = join(place, "tree");
    this.#key = key;
  }

  /** Makes one and signs it. */
  static async make(key: SigningKey): Promise<ReleaseFolder> {
    const release = new ReleaseFolder(mkdtempSync(join(tmpdir(), "release-")), key);
    mkdirSync(release.folder);
    await makeTree(release.tree);
    release.pack();
    await release.list();
    await release.sign();
    return release;
  }

  /** The same once more, to be changed; `key`: what it is signed with from then on. */
  copy(key = this.#key): ReleaseFolder {
    const place = mkdtempSync(join(tmpdir(), "release-"));
    const to = new ReleaseFolder(place, key);
    cpSync(this.folder, to.folder, { recursive: true });
    execFileSync("cp", ["-a", this.tree, to.tree]);
    return to;
  }

  remove(): void {
    rmSync(join(this.folder, ".."), { recursive: true, force: true });
  }

  path(name = debName): string {
    return join(this.folder, name);
  }

  /** Makes the package anew of the tree, its files given to root, or to those whose they are. */
  pack(toRoot = true): void {
    const owner = toRoot ? ["--root-owner-group"] : [];
    execFileSync("dpkg-deb", [...owner, "-Zgzip", "--build", this.tree, this.path()]);
  }

  /** Makes an rpm of the tree, with a script, and lists it with what was built. */
  async addRpm(scriptText: string, ...files: readonly string[]): Promise<void> {
    const room = join(this.folder, "../rpm");
    mkdirSync(room, { recursive: true });
    const spec = [
      ...["Name: evercred", "Version: 1.2.3", "Release: 1", "Summary: a test", "License: none"],
      ...["BuildArch: x86_64", "AutoReqProv: no", "%description", "a test", "%install"],
      ...[`cp -a ${this.tree}/opt %{buildroot}`, "%files", "%defattr(-,root,root)", "/opt"],
      ...files,
      ...["%post", scriptText, ""],
    ];
    writeFileSync(join(room, "evercred.spec"), spec.join("\n"));
    const settings = {
      _topdir: room,
      _rpmdir: this.folder,
      _build_name_fmt: rpmName,
      // What is packed is what was built: nothing is stripped.
      __os_install_post: "%{nil}",
    };
    const words = Object.entries(settings).flatMap(([name, text]) => [
      "--define",
      `${name} ${text}`,
    ]);
    execFileSync("rpmbuild", ["-bb", "--quiet", ...words, join(room, "evercred.spec")]);
    const { asarSha256, fuses } = this.release.files.find(({ name }) => name === debName)!;
    const scripts = await packageScripts(this.path(rpmName), "rpm");
    const fields = await packageFields(this.path(rpmName), "rpm");
    await this.relist(rpmName, { kind: "rpm", asarSha256, fuses, scripts, fields });
  }

  /** Writes release.json as a build does, of what was built here. */
  async list(): Promise<void> {
    const archive = join(this.tree, "opt/Evercred/resources/app.asar");
    await this.change({
      version: "1.2.3",
      commit: "0".repeat(40),
      electron: { version: "45.4.1", standIn: false },
      files: [
        {
          name: debName,
          kind: "deb",
          ...(await this.#measured(debName)),
          asarSha256: await digestOf(archive),
          fuses: releaseFuses,
          scripts: await packageScripts(this.path(), "deb"),
          fields: await packageFields(this.path(), "deb"),
        },
      ],
    });
  }

  /** What release.json says. */
  get release(): Release {
    return JSON.parse(readFileSync(this.path("release.json"), "utf8")) as Release;
  }

  /** Writes release.json with some of it changed. */
  async change(changes: Partial<Release>): Promise<void> {
    const file = this.path("release.json");
    const before = existsSync(file) ? this.release : {};
    writeFileSync(file, JSON.stringify({ ...before, ...changes }));
  }

  /** Lists a file as it is, with what else is to be said of it. */
  async relist(name: string, changes: Partial<Release["files"][number]> = {}): Promise<void> {
    const others = this.release.files.filter((file) => file.name !== name);
    const before = this.release.files.find((file) => file.name === name) ?? { kind: "deb" };
    const file = { name, ...before, ...(await this.#measured(name)), ...changes };
    await this.change({ files: [...others, file] });
  }

  async #measured(name: string): Promise<{ sha256: string; size: number }> {
    const file = this.path(name);
    return { sha256: await digestOf(file), size: statSync(file).size };
  }

  /** Writes metadata and sums, and signs all, as somebody does who has the key. */
  async sign(): Promise<void> {
    const names = [...this.release.files.map(({ name }) => name), "release.json"];
    names.push(...(await writeUpdateMetadata(this.folder)));
    await this.writeSums(names);
    await this.signOnly(...names, "SHA256SUMS");
    const testKey = this.path("test-key.asc");
    if (existsSync(testKey)) await exportKey(this.#key, testKey);
  }

  /** Signs only these, as they are. */
  async signOnly(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => sign(this.path(name), this.#key)));
  }

  /** Writes SHA256SUMS of these, or of all that is there. */
  async writeSums(names?: readonly string[]): Promise<void> {
    const all = readdirSync(this.folder).filter(
      (name) => !name.endsWith(".asc") && name !== "SHA256SUMS",
    );
    writeFileSync(this.path("SHA256SUMS"), await sumsOf(this.folder, names ?? all));
  }

  /** Packs the tree, lists and signs what came of it, but leaves said what was said of its inside. */
  async repack(toRoot = true): Promise<void> {
    this.pack(toRoot);
    await this.relist(debName);
    await this.sign();
  }
}

/** What a verification said. */
export interface Verified {
  readonly oks: readonly string[];
  readonly faults: readonly string[];
}

/** Verifies a release in this process. */
export async function verified(
  folder: string,
  wanted: Partial<Omit<Parameters<typeof verifyRelease>[0], "folder">>,
): Promise<Verified> {
  const oks: string[] = [];
  const faults: string[] = [];
  const reporter = {
    ok: (text: string) => void oks.push(text),
    fault: (text: string) => void faults.push(text),
  };
  await verifyRelease({ testBuild: false, ...wanted, folder }, reporter);
  return { oks, faults };
}
