import { isAbsolute } from "node:path";
import * as z from "zod";
import { durationMs, durationPattern, expandHome } from "./config-units.ts";

/*
 * What values may be, whatever they are of. Each message goes on from the name of the value: "signIn.before must be a
 * duration such as …". It never repeats the value, which may be a secret that got into the wrong place.
 */

export const text = z.string("must be a text").min(1, "must not be empty");

export const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, mustBeOneOf(values));

export const mustBeOneOf = (values: readonly string[]): string =>
  `must be one of ${values.map((value) => `"${value}"`).join(", ")}`;

export const yesOrNo = z.boolean("must be true or false");

/** Milliseconds, once it is read. */
export const duration = z
  .string('must be a duration such as "90s", "20m", "8h" or "30d"')
  .regex(durationPattern, 'must be a duration such as "90s", "20m", "8h" or "30d"')
  .transform(durationMs);

export const listOf = <T extends z.ZodType>(item: T) => z.array(item, "must be a list");

export const region = text.regex(
  /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/u,
  'must be an AWS region such as "eu-central-1"',
);

/** The name of a source, a key or a set of headers. */
export const id = text.regex(
  /^[a-z0-9-]{1,32}$/u,
  "must be an ID of at most 32 of the characters a-z, 0-9 and -",
);

/** A word in which `~/` and `${HOME}` stand for the home directory. */
const word = (home: string) => text.transform((written) => expandHome(written, home));

/** `{url}` must be there, or the browser would open without the page. */
export const browser = (home: string) =>
  listOf(word(home))
    .min(1, "must name a program")
    .refine(
      (words) => words.some((each) => each.includes("{url}")),
      'must have a word with "{url}"',
    );

export const path = (home: string) =>
  word(home).refine(
    (written) => isAbsolute(written),
    'must be an absolute path, or begin with "~/"',
  );

/** A program and its arguments: there is no shell. */
export const argv = (home: string) =>
  listOf(word(home))
    .min(1, "must name a program")
    .transform((words) => words as [string, ...string[]]);

/** How a person is asked. */
export const ask = oneOf("notify", "open", "tray");

/** What Google's own programs ask for. */
export const cloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/** It goes into the address of requests. */
const serviceAccount = z
  .string("must be a text")
  .regex(
    /^[a-z0-9][\w.-]*@(?:[a-z0-9-]+\.)+gserviceaccount\.com$/u,
    'must be a service account such as "name@project.iam.gserviceaccount.com"',
  );

export const impersonate = z
  .union([serviceAccount, listOf(serviceAccount)], "must be a service account, or a list of them")
  .transform((accounts) => (typeof accounts === "string" ? [accounts] : accounts))
  .default([])
  .describe("Service accounts to become, each by means of the one before it.");

/** A scope of OAuth (RFC 6749, 3.3). */
export const scope = text.regex(/^[!#-[\]-~]+$/u, "must be one scope, without blanks");

/** What a token is for (RFC 8707, 2). */
export const resource = z
  .url("must be an absolute address without a fragment")
  .regex(/^[^#]*$/u, "must be an absolute address without a fragment");
