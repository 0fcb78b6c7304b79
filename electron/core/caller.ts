import type { AuditEntry } from "./audit.ts";
import { misleading } from "./misleading.ts";

/** A program that runs, as the system knows it: no word of its own counts. */
export interface Program {
  /** What people call it: `claude`, `deploy.py`. */
  readonly name: string;
  /** The file that is run: its real path. */
  readonly path: string;
  /**
   * What it is told from all others by, later too: its real path and, of an interpreter, that of its script. Undefined
   * where nothing tells: an interpreter that reads its script from elsewhere, a file that is gone.
   */
  readonly identity: string | undefined;
  /** What people call those that started it, the nearest first. */
  readonly parents: readonly string[];
}

/**
 * Who asks for something: a program, the nearest one that is neither our shim nor a shell; a bridge, behind which
 * nobody is known; or nobody knows who.
 */
export type Caller =
  | { readonly kind: "program"; readonly program: Program }
  | { readonly kind: "bridge"; readonly name: string }
  | { readonly kind: "unknown" };

/** Nobody knows who. */
export const unknownCaller: Caller = { kind: "unknown" };

/** A name or path that a program has chosen for itself, as it may be shown to a person. */
export const shownName = (text: string): string => text.replace(misleading, "?");

/** What people call a caller. */
export const callerName = (caller: Caller): string => {
  switch (caller.kind) {
    case "program":
      return shownName(caller.program.name);
    case "bridge":
      return `bridge ${caller.name}`;
    case "unknown":
      return "unknown";
  }
};

/** What a caller is told from all others by, later too; undefined where nothing tells. */
export const identityOf = (caller: Caller): string | undefined => {
  switch (caller.kind) {
    case "program":
      return caller.program.identity;
    case "bridge":
      // No file is called so: a path begins with a slash, or with a drive.
      return callerName(caller);
    case "unknown":
      return undefined;
  }
};

/** What the record says of who asked. */
export const recordOf = (
  caller: Caller,
): Pick<AuditEntry, "bridge" | "program" | "path" | "parents"> => {
  switch (caller.kind) {
    case "program": {
      const { name, path, parents } = caller.program;
      return { program: name, path, parents };
    }
    case "bridge":
      return { bridge: caller.name };
    case "unknown":
      return { program: callerName(caller) };
  }
};
