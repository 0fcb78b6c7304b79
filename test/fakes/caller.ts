import type { Caller } from "../../electron/core/caller.ts";

/** A program that is known: Claude Code, started by an editor. */
export const claude: Extract<Caller, { readonly kind: "program" }> = {
  kind: "program",
  program: {
    name: "claude",
    path: "/usr/bin/claude",
    identity: "/usr/bin/claude",
    parents: ["code"],
  },
};
