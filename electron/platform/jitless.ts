import * as z from "zod";

/*
 * Schemas are read as they stand. Left alone, zod makes a function out of text for each at its first use: most are used once
 * in the life of a daemon, at its start, and nothing here is to run what is made of text.
 */

z.config({ jitless: true });
