import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { publicHalf, signatureOf, signUpdate } from "../../../scripts/update-key.mjs";
import { writeUpdateMetadata } from "../../../scripts/update-metadata.mjs";
import { json, type Site } from "../../fakes/cloud/exchange.ts";

/** Where releases are published, as the build says. */
export const updateHost = ((): string => {
  const text = readFileSync(join(import.meta.dirname, "../../../electron-builder.yml"), "utf8");
  const { publish } = load(text) as { readonly publish: { readonly url: string } };
  return new URL(publish.url).host;
})();

/** A key that is thrown away: its private half, and its public one as a build gets it. */
export const throwAwayKey = (): { readonly key: KeyObject; readonly half: string } => {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { key: privateKey, half: publicHalf(privateKey) };
};

/** The name of a release's AppImage. */
export const imageName = (version: string): string => `evercred-${version}-x86_64.AppImage`;

/** The metadata for an AppImage on this processor. */
export const metadataName = process.arch === "x64" ? "latest-linux.yml" : "latest-linux-arm64.yml";

/** A folder of releases, made and signed by the project's own scripts, and the site that serves it. */
export class ReleaseServer {
  readonly folder = mkdtempSync(join(tmpdir(), "evercred-releases-"));
  /** What was asked for. */
  readonly asked: string[] = [];

  /** Publishes a version in the place of the one before. */
  async publish(version: string, image: string, key: KeyObject): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    // As electron-builder names it on another processor.
    const name = this.#nameOf(version);
    this.put(name, image);
    const file = {
      name,
      kind: "appimage",
      sha256: createHash("sha256").update(image).digest("hex"),
      size: Buffer.byteLength(image),
    };
    const release = {
      version,
      commit: "0".repeat(40),
      electron: { version: "45.4.1", standIn: false },
      files: [file],
    };
    this.put("release.json", JSON.stringify(release));
    for (const metadata of await writeUpdateMetadata(this.folder)) {
      await signUpdate(join(this.folder, metadata), key);
    }
  }

  #nameOf(version: string): string {
    return process.arch === "x64" ? imageName(version) : `evercred-${version}-arm64.AppImage`;
  }

  /** Changes the metadata, and signs it with a key where one is given. */
  async change(from: string | RegExp, to: string, key?: KeyObject): Promise<void> {
    this.put(metadataName, this.read(metadataName).replace(from, to));
    if (key !== undefined) await signUpdate(join(this.folder, metadataName), key);
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "latin1");
  }

  put(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, "latin1");
  }

  remove(name: string): void {
    rmSync(join(this.folder, name));
  }

  readonly site: Site = ({ path }) => {
    const name = path.slice(1);
    this.asked.push(name);
    try {
      const headers = { "content-type": "application/octet-stream" };
      return { status: 200, headers, body: this.read(name) };
    } catch {
      return json(404, {});
    }
  };

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export { signatureOf };
