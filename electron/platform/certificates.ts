import { X509Certificate } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { reasonOf } from "./atomic-file.ts";
import type { Problem } from "./problem.ts";

export interface CertificateOptions {
  /** Files or folders, PEM or DER. */
  readonly caFiles: readonly string[];
  /** Whether what this system trusts counts too; its bundle is found on Linux only. */
  readonly systemCa: boolean;
  /** The daemon's NODE_EXTRA_CA_CERTS: Electron does not read it where its fuse for node options is off. */
  readonly extraFile: string | undefined;
}

/** What we trust, as PEM, and what could not be read of it. */
export interface Certificates {
  readonly pem: readonly string[];
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
export const readCertificates = (options: CertificateOptions): Certificates => {
  const pem = new Set(rootCertificates);
  const problems: Problem[] = [];
  if (options.systemCa) readSystem().forEach((certificate) => pem.add(certificate));
  const files = options.extraFile === undefined ? [] : [options.extraFile];
  for (const path of [...files, ...options.caFiles]) {
    try {
      const found = readPath(path);
      if (found.length === 0) problems.push(problem(path, "holds no certificate"));
      found.forEach((certificate) => pem.add(certificate));
    } catch (thrown) {
      problems.push(problem(path, `cannot be read (${reasonOf(thrown)})`));
    }
  }
  return { pem: [...pem], problems };
};

const problem = (path: string, what: string): Problem => ({
  severity: "warning",
  file: path,
  line: undefined,
  sentence: `The certificate file ${path} ${what}.`,
  remedy: "Correct network.caFiles, or NODE_EXTRA_CA_CERTS in the daemon's environment.",
});

const readSystem = (): readonly string[] => {
  if (process.platform !== "linux") return [];
  for (const bundle of systemBundles) {
    try {
      return blocksOf(readFileSync(bundle, "latin1"));
    } catch {
      // Another distribution's place.
    }
  }
  return [];
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
