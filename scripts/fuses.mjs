import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";

/** How each fuse of a release stands, by the names of @electron/fuses; one that this Electron does not have stands nowhere. */
export const releaseFuses = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
};

/** What @electron/fuses puts before the fuses in Electron's program. */
export const fuseSentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";

const states = { 0: false, 1: true, r: "removed" };

/**
 * How the fuses of Electron's program stand, by the names of releaseFuses; "removed" where Electron has done away with
 * one, "broken" where somebody has written something else. Throws if it has none.
 * @param {string} program
 * @returns {Promise<Record<string, boolean | string>>}
 */
export async function readFuses(program) {
  const wire = await getCurrentFuseWire(program);
  const known = Object.keys(releaseFuses).filter((name) => wire[FuseV1Options[name]] !== undefined);
  return Object.fromEntries(
    known.map((name) => {
      const state = String.fromCharCode(wire[FuseV1Options[name]]);
      return [name, states[state] ?? "broken"];
    }),
  );
}
