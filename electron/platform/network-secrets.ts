import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Secret } from "../core/secret.ts";

/** The value of a Proxy-Authorization header for a user and a password (RFC 7617). */
export const basicOf = (user: string, password: Secret): string =>
  `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString("base64")}`;

/** An encrypted private key in PEM, opened. Throws where that is not its passphrase. */
export const openedKey = (pem: string, passphrase: Secret): KeyObject =>
  createPrivateKey({ key: pem, format: "pem", passphrase: passphrase.reveal() });
