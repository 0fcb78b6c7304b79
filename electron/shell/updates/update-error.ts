import { EvercredError, errorOf } from "../../core/errors.ts";
import type { UpdateFailure, UpdateFault } from "../../protocol/update-view.ts";

/** An update that comes to nothing. */
export class UpdateError extends Error {
  readonly failure: UpdateFailure;

  constructor(fault: UpdateFault, cause?: unknown) {
    super(`update: ${fault}`, { cause });
    this.name = "UpdateError";
    this.failure = { fault };
  }
}

/** What came in between, of anything thrown on the way. */
export const failureOf = (thrown: unknown): UpdateFailure => {
  if (thrown instanceof UpdateError) return thrown.failure;
  if (thrown instanceof EvercredError) return networkFailure(thrown);
  const code = codeOf(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") return { fault: "disk-full" };
  if (diskCodes.has(code)) return { fault: "disk" };
  return networkFailure(errorOf(thrown));
};

const networkFailure = ({ code, message, remedy }: EvercredError): UpdateFailure => ({
  fault: "network",
  trouble: { code, sentence: message, remedy },
});

const diskCodes: ReadonlySet<string> = new Set([
  "EACCES",
  "EBUSY",
  "EEXIST",
  "EFBIG",
  "EIO",
  "EISDIR",
  "ELOOP",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/** The system's own word for what went wrong; empty where it has none. */
export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
