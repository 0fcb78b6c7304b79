import * as z from "zod";
import { instantSchema, targetSchema } from "./door-tokens.ts";

const doorSchema = z.object({
  /** The name of its token file. */
  id: z.string().regex(/^[0-9a-f]{24}$/u),
  port: z.int().min(1).max(65_535),
  target: targetSchema,
  kind: z.enum(["run", "standing"]),
  project: z.string().optional(),
  usedAt: instantSchema,
});

/** What is kept of the metadata doors. */
export const metadataRecordSchema = z.object({ doors: z.array(doorSchema) });

export type MetadataRecord = z.infer<typeof metadataRecordSchema>;

/** One door, as it is kept. */
export type KeptMetadataDoor = z.infer<typeof doorSchema>;
