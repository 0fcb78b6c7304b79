import { lstat, mkdir } from "node:fs/promises";
import { EvercredError } from "../core/errors.ts";
import { socketPathLimit } from "../protocol/endpoint.ts";

/** Makes a directory that only we can enter, where there is none. Rejects with `config-invalid`. */
export const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    // What stands in the way says more than that there is something.
    const stands = await lstat(path).catch(() => undefined);
    throw stands === undefined
      ? new EvercredError("config-invalid", `${path} cannot be made.`, {
          remedy: "Make sure that the directory above it is yours.",
          cause,
        })
      : unsafe(path, "is not a directory");
  }
};

/** The directory is the guard: a real one, ours, closed to everybody else. Rejects with `config-invalid`. */
export const verifyDirectory = async (path: string): Promise<void> => {
  const stats = await lstat(path);
  if (!stats.isDirectory()) throw unsafe(path, "is not a directory");
  // On Windows a directory of the user's profile is closed by its inherited rights, which have no mode.
  if (process.platform === "win32") return;
  if (stats.uid !== process.getuid?.()) throw unsafe(path, "belongs to another user");
  if ((stats.mode & 0o077) !== 0) throw unsafe(path, "can be entered by others");
};

/** Node cuts a longer path short without a word, and would listen elsewhere. Throws `config-invalid`. */
export const checkSocketPath = (socket: string): void => {
  if (Buffer.byteLength(socket) <= socketPathLimit(process.platform)) return;
  throw new EvercredError("config-invalid", `The path of the socket is too long: ${socket}`, {
    remedy: "Use a shorter XDG_RUNTIME_DIR or EVERCRED_HOME.",
  });
};

const unsafe = (path: string, what: string): EvercredError =>
  new EvercredError("config-invalid", `${path} ${what}.`, {
    remedy: "Remove it and start Evercred again.",
  });
