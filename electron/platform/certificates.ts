import { X509Certificate } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";
import { reasonOf } from "./atomic-file.ts";
import type { Problem } from "./problem.ts";

export interface CertificateOptions {
  /** Files or folders, PEM or DER. */
  readonly caFiles: readonly string[];
  /** Whether what this system trusts counts too. */
  readonly systemCa: boolean;
  /** The daemon's NODE_EXTRA_CA_CERTS: Electron does not read it where its fuse for node options is off. */
  readonly extraFile: string | undefined;
}

/** What we trust, as PEM, and what could not be read of it. */
export interface Certificates {
  readonly pem: readonly string[];
  /** The files and folders that count, also those that could not be read. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/** Where distributions keep the bundle that their own tools use: Debian, Fedora, SUSE, Alpine. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Node's own roots and all the others. Never throws: what cannot be read is a problem. */
export const readCertificates = ({
  caFiles,
  systemCa,
  extraFile,
}: CertificateOptions): Certificates => {
  // Each counts once, also where it is wrapped in other lines: most of a system's are Node's own.
  const pem = new Map<string, string>();
  const add = (certificate: string): void => {
    const key = certificate.replaceAll(/\s/gu, "");
    if (!pem.has(key)) pem.set(key, certificate);
  };
  tls.rootCertificates.forEach(add);
  const problems: Problem[] = [];
  const system = systemCa ? readSystem() : nothing;
  system.pem.forEach(add);
  const named = [...(extraFile === undefined ? [] : [extraFile]), ...caFiles];
  for (const path of named) {
    try {
      const found = readPath(path);
      if (found.length === 0) problems.push(problem(path, "holds no certificate"));
      found.forEach(add);
    } catch (thrown) {
      problems.push(problem(path, `cannot be read (${reasonOf(thrown)})`));
    }
  }
  return { pem: [...pem.values()], files: [...system.files, ...named], problems };
};

const problem = (path: string, what: string): Problem => ({
  severity: "warning",
  file: path,
  line: undefined,
  sentence: `The certificate file ${path} ${what}.`,
  remedy: "Correct network.caFiles, or NODE_EXTRA_CA_CERTS in the daemon's environment.",
});

type Store = Pick<Certificates, "pem" | "files">;

const nothing: Store = { pem: [], files: [] };

/** On Linux the bundle; on macOS and Windows what Node finds in the system's own store, where it can (22.15 and later). */
const readSystem = (): Store => {
  if (process.platform !== "linux") return { pem: fromSystemStore(), files: [] };
  for (const bundle of systemBundles) {
    try {
      return { pem: blocksOf(readFileSync(bundle, "latin1")), files: [bundle] };
    } catch {
      // Another distribution's place.
    }
  }
  return nothing;
};

const fromSystemStore = (): readonly string[] => {
  const read: unknown = Reflect.get(tls, "getCACertificates");
  return typeof read === "function" ? (Reflect.apply(read, tls, ["system"]) as string[]) : [];
};

/** A folder's other files are not certificates, and no reason to complain. */
const readPath = (path: string): readonly string[] => {
  if (!statSync(path).isDirectory()) return readFile(path);
  return readdirSync(path)
    .sort()
    .flatMap((name) => {
      try {
        return readFile(join(path, name));
      } catch {
        return [];
      }
    });
};

const readFile = (path: string): readonly string[] => {
  const bytes = readFileSync(path);
  const blocks = blocksOf(bytes.toString("latin1"));
  if (blocks.length > 0) return blocks.map(checked);
  // DER begins with a SEQUENCE (X.690, 0x30).
  return bytes[0] === 0x30 ? [checked(bytes)] : [];
};

const checked = (certificate: string | Buffer): string =>
  new X509Certificate(certificate).toString().trim();

const blocksOf = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
