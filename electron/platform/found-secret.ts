import { createHmac, randomBytes } from "node:crypto";
import { Secret } from "../core/secret.ts";

/** A secret that stands in a file in clear. */
export interface FoundSecret {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly name: string;
  /** The section of the AWS tools' own files in which it stands. */
  readonly profile: string | undefined;
  /** Whether it is worked out there, and does not stand in clear. */
  readonly isComputed: boolean;
  /** Undefined where it can only be named. */
  readonly movable: MovableSecret | undefined;
}

/** A secret that can be taken out of its file. */
export interface MovableSecret {
  readonly secret: Secret;
  /** The same for the same secret; made with a key that nobody keeps. */
  readonly identity: string;
  /** The proxy whose password it is. */
  readonly proxy: { readonly url: string; readonly user: string } | undefined;
  /** Takes it out, and leaves word of the key in which it is. Throws `config-invalid` where it cannot. */
  take(key: string): void;
}

const identityKey = randomBytes(32);

/** A text that can be taken out of its file by `take`. */
export const movable = (
  text: string,
  proxy: MovableSecret["proxy"],
  take: MovableSecret["take"],
): MovableSecret => ({
  secret: new Secret(text),
  identity: createHmac("sha256", identityKey).update(text).digest("hex"),
  proxy,
  take,
});
