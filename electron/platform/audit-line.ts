import * as z from "zod";
import type { AuditEvent, AuditLine } from "../core/audit.ts";
import { instantOf } from "../core/time.ts";

const events: Readonly<Record<AuditEvent, true>> = {
  served: true,
  refused: true,
  "signed-in": true,
  "sign-in-failed": true,
  "signed-out": true,
  "session-ended": true,
  renewed: true,
  "renewal-failed": true,
  consent: true,
  "consent-on": true,
  "consent-off": true,
  "consent-forgotten": true,
  "policy-refused": true,
  "bridge-added": true,
  "bridge-removed": true,
};

const isEvent = (value: unknown): value is AuditEvent =>
  typeof value === "string" && Object.hasOwn(events, value);

const date = z.iso.datetime().transform((text) => Date.parse(text));
const word = z.string().exactOptional();
const number = z.number().exactOptional();

/** A line of the file. What a later version has added is let be. */
const lineSchema = z.object({
  at: date.transform(instantOf),
  event: z.custom<AuditEvent>(isEvent),
  target: word,
  source: word,
  bridge: word,
  program: word,
  path: word,
  parents: z.array(z.string()).exactOptional(),
  verb: word,
  exit: number,
  code: word,
  answer: word,
  of: word,
  count: number,
  since: date.exactOptional(),
  expiresAt: date.exactOptional(),
});

/** A line of the record as it stands in the file: times are ISO 8601, UTC. */
export const jsonOfLine = ({ at, event, since, expiresAt, ...entry }: AuditLine): string =>
  JSON.stringify({
    at: dateOf(at),
    event,
    ...entry,
    ...(since !== undefined && { since: dateOf(since) }),
    ...(expiresAt !== undefined && { expiresAt: dateOf(expiresAt) }),
  });

/** What a line of the file says; undefined where it is none: a full disk may have cut it. */
export const lineOfJson = (text: string): AuditLine | undefined => {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** `never` is no date. */
const dateOf = (epochMs: number): string | undefined =>
  Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : undefined;
