import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { readCertificates } from "../../electron/platform/certificates.ts";
import { temporaryFolder } from "./folder.ts";

const bundle = "/etc/ssl/certs/ca-certificates.crt";

test("Node's own roots are always trusted", () => {
  const { pem } = readCertificates({ caFiles: [], systemCa: false, extraFile: undefined });
  expect(new Set(pem)).toEqual(new Set(rootCertificates));
});

test.skipIf(!existsSync(bundle))("what the system trusts is trusted, where that is wanted", () => {
  const options = { caFiles: [], extraFile: undefined };
  const { pem, problems } = readCertificates({ ...options, systemCa: true });
  const inBundle = readFileSync(bundle, "latin1").match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  expect(inBundle.length).toBeGreaterThan(0);
  expect(pem.length).toBeGreaterThanOrEqual(inBundle.length);
  expect(problems).toEqual([]);
  const last = readFileSync(bundle, "latin1").trimEnd().split("\n\n").at(-1)!;
  const bare = (text: string): string => text.replaceAll(/\s/g, "");
  expect(pem.some((each) => bare(last).includes(bare(each)))).toBe(true);
});

test.skipIf(!existsSync(bundle))("a certificate that is named twice counts once", () => {
  const once = readCertificates({ caFiles: [], systemCa: true, extraFile: undefined });
  const twice = readCertificates({ caFiles: [bundle], systemCa: true, extraFile: bundle });
  expect(twice.pem.length).toBe(once.pem.length);
});

test("a certificate counts once, in whatever lines it is wrapped", () => {
  const folder = temporaryFolder();
  const file = join(folder, "wrapped.pem");
  const [first = ""] = rootCertificates;
  const body = first.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const lines = body.match(/.{1,32}/g) ?? [];
  writeFileSync(
    file,
    `-----BEGIN CERTIFICATE-----\n${lines.join("\r\n")}\n-----END CERTIFICATE-----\n`,
  );
  const { pem, problems } = readCertificates({
    caFiles: [file],
    systemCa: false,
    extraFile: undefined,
  });
  expect(problems).toEqual([]);
  expect(new Set(pem)).toEqual(new Set(rootCertificates));
});
