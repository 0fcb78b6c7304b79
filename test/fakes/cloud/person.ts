import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import type { Edge } from "./edge.ts";

/** What a person does with a sign-in page. */
export interface Answer {
  readonly deny?: boolean;
  /** One of the organisation's users; left out: the one that the page offers first. */
  readonly user?: string;
  /** Scopes that the person does not grant, where the page lets them choose. */
  readonly withhold?: readonly string[];
}

/** Where the browser ended up. */
export interface FinalPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

interface Form {
  readonly action: string;
  readonly fields: URLSearchParams;
}

function readAttribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function readForm(html: string): Form | undefined {
  const form = /<form method="post"[^>]*>/.exec(html)?.[0];
  if (form === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input type="(?:hidden|checkbox)"[^>]*>/g)) {
    fields.append(readAttribute(tag, "name"), readAttribute(tag, "value"));
  }
  fields.set("user", /<option>([^<]*)<\/option>/.exec(html)?.[1] ?? "");
  return { action: readAttribute(form, "action"), fields };
}

type Fetch = (url: URL, form?: URLSearchParams) => Promise<FinalPage>;

function createFetch(edge: Edge): Fetch {
  const load: Fetch = async (url, form) => {
    const headers = {
      host: url.host,
      ...(form && { "content-type": "application/x-www-form-urlencoded" }),
    };
    const options = {
      method: form === undefined ? "GET" : "POST",
      path: `${url.pathname}${url.search}`,
      host: "127.0.0.1",
      headers,
      agent: false,
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing =
        url.protocol === "https:"
          ? requestHttps(
              { ...options, port: edge.sitePort, servername: url.hostname, ca: edge.ca },
              resolve,
            )
          : requestHttp({ ...options, port: url.port }, resolve);
      outgoing.on("error", reject).end(form?.toString());
    });
    const body = await text(response);
    const { location } = response.headers;
    if (location !== undefined) return load(new URL(location, url));
    return { url: url.href, status: response.statusCode ?? 0, text: body };
  };
  return load;
}

/** Visits a sign-in page as a browser would: reads it, presses a button, follows the redirects. Http goes to 127.0.0.1. */
export async function visit(edge: Edge, url: string, answer: Answer = {}): Promise<FinalPage> {
  const load = createFetch(edge);
  const page = await load(new URL(url));
  const form = readForm(page.text);
  if (form === undefined) return page;
  const { fields } = form;
  for (const scope of answer.withhold ?? []) fields.delete("scope", scope);
  fields.set("decision", answer.deny === true ? "deny" : "approve");
  if (answer.user !== undefined) fields.set("user", answer.user);
  return load(new URL(form.action, page.url), fields);
}
