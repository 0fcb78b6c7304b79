import { execFile } from "node:child_process";
import { createHash, randomUUID, X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A throw-away certificate authority and the one certificate it issued. */
export interface Authority {
  /** PEM file of the CA, for NODE_EXTRA_CA_CERTS and the like. */
  readonly caFile: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Base64 SHA-256 of the certificate's public key, as Chromium's --ignore-certificate-errors-spki-list takes it. */
  readonly leafSpkiHash: string;
}

/** By host names: what this process has made. */
const made = new Map<string, Promise<Authority>>();

/** As `createAuthority`, but made once in a process for the same host names: it costs three programs each time. */
export async function sharedAuthority(
  directory: string,
  hosts: readonly string[],
): Promise<Authority> {
  const names = hosts.join();
  const making = made.get(names) ?? createAuthority(directory, hosts);
  made.set(names, making);
  const authority = await making;
  const caFile = join(directory, "ca.pem");
  await writeFile(caFile, authority.ca);
  return { ...authority, caFile };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Makes a CA and a certificate for these host names in `directory`, with the `openssl` command. */
export async function createAuthority(
  directory: string,
  hosts: readonly string[],
): Promise<Authority> {
  const file = (name: string): string => join(directory, name);
  const caFile = file("ca.pem");
  await run("openssl", [
    ...["req", "-x509", ...newKey, "-keyout", file("ca.key"), "-out", caFile, "-days", "2"],
    // Trust stores look a CA up by its name: two clouds must not share one.
    ...["-subj", `/CN=Throw-away CA ${randomUUID()}`],
    ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
  ]);
  await writeFile(
    file("leaf.ext"),
    [
      "basicConstraints=critical,CA:FALSE",
      "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth",
      "subjectKeyIdentifier=hash",
      "authorityKeyIdentifier=keyid",
      `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}`,
    ].join("\n"),
  );
  await run("openssl", [
    ...["req", ...newKey, "-keyout", file("leaf.key"), "-out", file("leaf.csr")],
    ...["-subj", "/CN=Stand-in cloud"],
  ]);
  await run("openssl", [
    ...["x509", "-req", "-in", file("leaf.csr"), "-CA", caFile, "-CAkey", file("ca.key")],
    ...["-CAcreateserial", "-days", "2", "-extfile", file("leaf.ext"), "-out", file("leaf.pem")],
  ]);
  const [ca, certificate, key] = await Promise.all(
    [caFile, file("leaf.pem"), file("leaf.key")].map((path) => readFile(path, "utf8")),
  );
  if (ca === undefined || certificate === undefined || key === undefined) {
    throw new Error("openssl wrote no certificate.");
  }
  const publicKey = new X509Certificate(certificate).publicKey;
  const spki = publicKey.export({ type: "spki", format: "der" });
  const leafSpkiHash = createHash("sha256").update(spki).digest("base64");
  return { caFile, ca, certificate, key, leafSpkiHash };
}
