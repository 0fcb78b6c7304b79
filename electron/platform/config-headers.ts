import * as z from "zod";
import { id, text } from "./config-values.ts";

/** A field name is a token (RFC 9110, 5.1 and 5.6.2). */
const name = text.regex(/^[!#$%&'*+.^_`|~\w-]+$/u, "must be the name of a header");

/** What a field value may be (RFC 9110, 5.5), without what is obsolete there. */
const value = text
  .regex(/^[ -~]*$/u, {
    error: "must be of visible ASCII characters and blanks",
    abort: true,
  })
  .regex(
    /^(?:(?!\$\{(?!key:[a-z0-9-]{1,32}\})).)*$/u,
    "may have ${key:NAME} filled in, and nothing else",
  );

/** Their names are the same in all letters (RFC 9110, 5.1): nobody could say which of two counts. */
const headerSet = z.record(name, value).superRefine((headers, context) => {
  const names = Object.keys(headers).map((each) => each.toLowerCase());
  for (const [index, each] of Object.keys(headers).entries()) {
    if (names.indexOf(each.toLowerCase()) === index) continue;
    const message = "stands there twice: capitals make no other header";
    context.addIssue({ code: "custom", path: [each], message });
  }
});

/** The section `headers`. */
export const headersSchema = z.record(id, headerSet).default({});
