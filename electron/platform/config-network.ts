import * as z from "zod";
import { id, listOf, path, text, yesOrNo } from "./config-values.ts";
import { isSocks } from "./proxy-address.ts";

const proxyMessage =
  'must be "auto", "system", "none", "http://host:port" or {"pac": "https://host/proxy.pac"}';

const socksMessage =
  "must be an HTTP proxy: Evercred does not speak SOCKS, and privoxy makes the one of the other";

/** The address of a proxy. */
const proxyUrl = z.url({
  protocol: /^https?$/u,
  error: ({ input }) => (typeof input === "string" && isSocks(input) ? socksMessage : proxyMessage),
});

/** Where a PAC file lies. */
const pac = (home: string) => z.union([z.url({ protocol: /^(?:https?|file)$/u }), path(home)]);

const hostMessage =
  'must be a host such as "gateway.example.com", or ".example.com" for all under it';

const host = z.string(hostMessage).regex(/^\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/iu, hostMessage);

const clientCertificate = (home: string) =>
  z.strictObject({
    certFile: path(home).describe("The certificate, and those between it and its authority: PEM."),
    keyFile: path(home).describe("Its private key: PEM."),
    passphraseKey: id.exactOptional().describe("The static key that opens the private key."),
    hosts: listOf(host).default([]).describe("Whom it is shown to, and nobody else."),
  });

/** The section `network`. */
export const networkSchema = (home: string) =>
  z
    .strictObject({
      proxy: z
        .union(
          [
            z.enum(["auto", "system", "none"]),
            proxyUrl,
            z.strictObject({ pac: pac(home).describe("The file that says which proxy to use.") }),
          ],
          proxyMessage,
        )
        .default("auto"),
      // RFC 7617, 2: a colon would be the end of it.
      proxyUser: text
        .regex(/^[^:]*$/u, "must not have a colon in it")
        .exactOptional()
        .describe("Who the proxy is told that we are."),
      proxyPasswordKey: id
        .exactOptional()
        .describe("The static key that is the password of that user."),
      noProxy: listOf(text).default([]).describe("Hosts that are reached without the proxy."),
      caFiles: listOf(path(home)).default([]).describe("Certificates to trust: files or folders."),
      systemCa: yesOrNo.default(true).describe("Whether to trust what this system trusts."),
      clientCertificate: clientCertificate(home)
        .exactOptional()
        .describe("What shows to servers that ask for it who we are."),
    })
    .prefault({});
