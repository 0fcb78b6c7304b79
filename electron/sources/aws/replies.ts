import { EvercredError } from "../../core/errors.ts";
import { portalIn } from "../captive-portal.ts";
import { loadErrorOf } from "../reply.ts";
import type { Headers } from "../retry-after.ts";

/** A reply that no AWS service gives. */
export const senselessReply = (host: string): EvercredError =>
  new EvercredError("reply-invalid", `What came back from ${host} is not the reply of AWS.`);

/** Whether this is a string with something in it. */
export const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "";

const isJsonObject = (body: Uint8Array): boolean => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    // The parser's message quotes the text, which may hold a token.
    return false;
  }
};

/** How a service writes: JSON, the token service XML, the console's sign-in also pages. */
export type ReplyForm = "json" | "xml" | "any";

/** The root element that every reply of the token service has, a refusal's too (service model sts 2011-06-15). */
const stsReply =
  /^\s*(?:<\?xml[^>]*\?>\s*)?<\w+Response\s+xmlns="https:\/\/sts\.amazonaws\.com\/doc\//;

const isOfForm = (form: ReplyForm, body: Uint8Array): boolean => {
  switch (form) {
    case "json":
      return isJsonObject(body);
    case "xml":
      return stsReply.test(Buffer.from(body).toString("utf8"));
    case "any":
      return true;
  }
};

/** What makes a reply useless whatever was asked; undefined for one that the service has to be asked about. */
export const replyErrorOf = (
  host: string,
  status: number,
  headers: Headers,
  body: Uint8Array,
  form: ReplyForm,
): EvercredError | undefined => {
  const loaded = loadErrorOf(host, status, headers);
  if (loaded !== undefined) return loaded;
  const portal = form === "any" ? undefined : portalIn(host, status, headers);
  if (portal !== undefined) return portal;
  if (status < 200 || (status >= 300 && status < 400)) return senselessReply(host);
  const mayBeEmpty = status < 300 || headers["x-amzn-errortype"] !== undefined;
  if (mayBeEmpty && body.length === 0) return undefined;
  return isOfForm(form, body) ? undefined : senselessReply(host);
};
