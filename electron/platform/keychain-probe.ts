import { randomBytes } from "node:crypto";
import { EvercredError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { SecretStore } from "../core/store.ts";

/** The throw-away entry; what a crash leaves of it is overwritten by the next one. */
const key = "doctor";

/** Writes an entry, reads it and takes it away again. Rejects where one of them does not work. */
export const probeKeychain = async (store: SecretStore): Promise<void> => {
  const value = randomBytes(8).toString("hex");
  await store.set(key, new Secret(value));
  const kept = await store.get(key);
  await store.delete(key);
  if (kept?.reveal() === value) return;
  throw new EvercredError("keychain-unavailable", "The keychain does not keep what it is given.");
};
