import type { Trouble } from "./view.ts";

/**
 * Why an update came to nothing. None of them leaves anything changed:
 * - `network`: nothing led to the server, `trouble` says why
 * - `refused`: it answered that it has none of it
 * - `web-page`: a page for people came in the place of what was asked for
 * - `unsigned`, `signature`: what it offers has no signature, or one by somebody else
 * - `metadata`: what it offers is signed, and not meant for this app
 * - `channel`: it is of another channel
 * - `older`: it is older than this one, or than what was offered before
 * - `truncated`: the download broke off
 * - `hash`: it is not the file that was signed
 * - `changed`: it is not any more what was downloaded
 * - `disk-full`, `disk`, `folder`: it could not be written, here, or where the app stands
 */
export type UpdateFault =
  | "network"
  | "refused"
  | "web-page"
  | "unsigned"
  | "signature"
  | "metadata"
  | "channel"
  | "older"
  | "truncated"
  | "hash"
  | "changed"
  | "disk-full"
  | "disk"
  | "folder";

/** What came in between; `trouble` only of `network`. */
export interface UpdateFailure {
  readonly fault: UpdateFault;
  readonly trouble?: Trouble;
}

/** Where the app's own update stands. */
export type UpdateView =
  /**
   * `build`: it knows no key that it could trust; `package`: who has installed it updates it; `policy`: an organisation has
   * decided so; `settings`: it is not wanted.
   */
  | { readonly kind: "off"; readonly why: "build" | "package" | "policy" | "settings" }
  /** Nothing newer was there, as far as is known. */
  | { readonly kind: "current"; readonly checkedAt: number | undefined }
  | { readonly kind: "checking" }
  /** There is a newer one, and a person wants only to know. */
  | { readonly kind: "found"; readonly version: string }
  | { readonly kind: "downloading"; readonly version: string }
  /** It is here, and is installed at the end of the app or by a click. */
  | { readonly kind: "ready"; readonly version: string }
  /** It is installed, and comes up once nothing is under way. */
  | { readonly kind: "installed"; readonly version: string }
  | ({ readonly kind: "failed" } & UpdateFailure);

/** Faults that may be somebody's doing, or need somebody, are said where everybody looks; of all others the next day may know better. */
const grave: ReadonlySet<UpdateFault> = new Set<UpdateFault>([
  "unsigned",
  "signature",
  "metadata",
  "channel",
  "older",
  "hash",
  "changed",
  "disk-full",
  "disk",
  "folder",
]);

/** Whether a fault is one that a person should see without looking for it. */
export const isGrave = ({ fault }: UpdateFailure): boolean => grave.has(fault);
