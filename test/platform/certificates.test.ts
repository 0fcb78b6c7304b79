import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { expect, test } from "vitest";
import { readCertificates } from "../../electron/platform/certificates.ts";

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
  expect(pem.some((each) => last.includes(each))).toBe(true);
});

test.skipIf(!existsSync(bundle))("a certificate that is named twice counts once", () => {
  const once = readCertificates({ caFiles: [], systemCa: true, extraFile: undefined });
  const twice = readCertificates({ caFiles: [bundle], systemCa: true, extraFile: bundle });
  expect(twice.pem.length).toBe(once.pem.length);
});
