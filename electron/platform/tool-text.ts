import { createHash } from "node:crypto";

/** What tells a text from all others: SHA-256, in hexadecimal. Undefined stands for no file. */
export const textHash = <Text extends string | undefined>(text: Text): Text =>
  (text === undefined ? undefined : createHash("sha256").update(text).digest("hex")) as Text;
