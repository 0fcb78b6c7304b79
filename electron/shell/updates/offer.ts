import { createPublicKey, verify } from "node:crypto";
import { JSON_SCHEMA, load } from "js-yaml";
import * as z from "zod";
import { compareVersions, isPreRelease, isVersion } from "../../core/version.ts";
import { UpdateError } from "./update-error.ts";

/** How an installation can be brought up to date from within. */
export type RoadKind = "appimage" | "nsis" | "mac";

/** What a release offers to one kind of installation. */
export interface Offer {
  readonly version: string;
  /** A plain name, beside the metadata. */
  readonly file: string;
  /** Of the whole file, in base64. */
  readonly sha512: string;
  /** In bytes. */
  readonly size: number;
}

/** What the running app is, and what it has seen. */
export interface Standing {
  readonly version: string;
  readonly channel: string;
  /** The newest version that was ever offered to it; undefined where none was. */
  readonly newest: string | undefined;
}

/** What `scripts/update-metadata.mjs` writes: what electron-updater reads, and what the metadata is for. */
const metadataSchema = z.looseObject({
  name: z.string(),
  channel: z.string(),
  version: z.string().refine(isVersion),
  files: z.array(
    z.looseObject({
      url: z.string().regex(/^[A-Za-z0-9][\w.+~-]*$/),
      sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
      size: z.int().positive().max(2_000_000_000),
    }),
  ),
});

const endings: Readonly<Record<RoadKind, string>> = {
  appimage: ".AppImage",
  nsis: ".exe",
  mac: ".zip",
};

/** The file of a channel's metadata, as electron-updater names it. `arch` as Node has it. */
export const metadataNameOf = (road: RoadKind, channel: string, arch: string): string => {
  const prefix = channel === "stable" ? "latest" : channel;
  if (road === "nsis") return `${prefix}.yml`;
  if (road === "mac") return `${prefix}-mac.yml`;
  return arch === "x64" ? `${prefix}-linux.yml` : `${prefix}-linux-${arch}.yml`;
};

/**
 * Verifies the signature over a metadata file's bytes. Throws an UpdateError: `signature` where it is not by this key.
 * @param signature Ed25519 (RFC 8032), in base64
 * @param publicKey SubjectPublicKeyInfo in DER, in base64
 */
export const verifyMetadata = (bytes: Buffer, signature: Buffer, publicKey: string): void => {
  const key = createPublicKey({
    key: Buffer.from(publicKey, "base64"),
    format: "der",
    type: "spki",
  });
  const text = signature.toString("latin1").trim();
  const isSound =
    key.asymmetricKeyType === "ed25519" &&
    /^[A-Za-z0-9+/]{86}==$/.test(text) &&
    verify(undefined, bytes, key, Buffer.from(text, "base64"));
  if (!isSound) throw new UpdateError("signature");
};

/**
 * What a metadata file offers to this installation: undefined where that is the version which runs. Its signature has been
 * verified. Throws an UpdateError: `metadata` where it is not meant for this, `channel` and `older` as their names say.
 */
export const offerIn = (
  bytes: Buffer,
  name: string,
  road: RoadKind,
  { version, channel, newest }: Standing,
): Offer | undefined => {
  const metadata = metadataOf(bytes);
  if (metadata?.name !== name) throw new UpdateError("metadata");
  const isStable = !isPreRelease(metadata.version);
  if (metadata.channel !== channel || isStable !== (channel === "stable")) {
    throw new UpdateError("channel");
  }
  const seen = [version, newest ?? version];
  if (seen.some((each) => compareVersions(metadata.version, each) < 0)) {
    throw new UpdateError("older");
  }
  if (metadata.version === version) return undefined;
  const [file, another] = metadata.files.filter(({ url }) => url.endsWith(endings[road]));
  if (file === undefined || another !== undefined) throw new UpdateError("metadata");
  const { url, sha512, size } = file;
  return { version: metadata.version, file: url, sha512, size };
};

const metadataOf = (bytes: Buffer): z.output<typeof metadataSchema> | undefined => {
  try {
    return metadataSchema.parse(load(bytes.toString("utf8"), { schema: JSON_SCHEMA }));
  } catch {
    return undefined;
  }
};
