import { type IncomingMessage, request as requestPlainly } from "node:http";
import { request as requestSecurely } from "node:https";
import { text } from "node:stream/consumers";
import type { Edge } from "../cloud/edge.ts";
import type { Answer, FinalPage } from "../cloud/person.ts";

/** More pages than this are no sign-in, but a circle. */
const mostPages = 20;

/**
 * Signs in at an issuer as a person with a browser does: keeps cookies, follows redirects, fills in each form. Http goes
 * to 127.0.0.1.
 */
export const signInAt = async (
  edge: Pick<Edge, "sitePort" | "ca">,
  address: string,
  answer: Answer = {},
): Promise<FinalPage> => {
  const cookies = new Map<string, string>();
  const fetch = async (url: URL, form?: URLSearchParams): Promise<IncomingMessage> => {
    const isOurs = url.protocol === "https:";
    const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const options = {
      method: form === undefined ? "GET" : "POST",
      path: `${url.pathname}${url.search}`,
      host: "127.0.0.1",
      headers: {
        host: url.host,
        ...(isOurs && jar !== "" && { cookie: jar }),
        ...(form && { "content-type": "application/x-www-form-urlencoded" }),
      },
      agent: false,
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const secure = { ...options, port: edge.sitePort, servername: url.hostname, ca: edge.ca };
      const outgoing = isOurs
        ? requestSecurely(secure, resolve)
        : requestPlainly({ ...options, port: url.port }, resolve);
      outgoing.on("error", reject).end(form?.toString());
    });
    for (const cookie of response.headers["set-cookie"] ?? []) keep(cookies, cookie);
    return response;
  };
  let url = new URL(address);
  let form: URLSearchParams | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const response = await fetch(url, form);
    const page = await text(response);
    const { location } = response.headers;
    const next = location === undefined ? formIn(page, answer) : { action: location };
    if (next === undefined) {
      return { url: url.href, status: response.statusCode ?? 0, text: page };
    }
    url = new URL(next.action, url);
    form = "fields" in next ? next.fields : undefined;
  }
  throw new Error(`There is no end at ${url.href}.`);
};

const keep = (cookies: Map<string, string>, header: string): void => {
  const [pair = "", ...attributes] = header.split(";");
  const [name = "", value = ""] = pair.split(/=(.*)/s);
  const isOver = attributes.some((attribute) => /^\s*expires=.*1970/iu.test(attribute));
  if (isOver || value === "") cookies.delete(name);
  else cookies.set(name, value);
};

const attribute = (tag: string, name: string): string => {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
};

const formIn = (
  page: string,
  { deny = false, user }: Answer,
): { readonly action: string; readonly fields: URLSearchParams } | undefined => {
  const tag = /<form [^>]*method="post"[^>]*>/.exec(page)?.[0];
  // Where something has to be typed, a person has nothing more to say.
  if (tag === undefined || page.includes('type="text"')) return undefined;
  const fields = new URLSearchParams();
  for (const [input] of page.matchAll(/<input type="hidden"[^>]*>/g)) {
    fields.append(attribute(input, "name"), attribute(input, "value"));
  }
  const first = /<option>([^<]*)<\/option>/.exec(page)?.[1];
  if (first !== undefined) {
    fields.set("user", user ?? first);
    fields.set("decision", deny ? "deny" : "approve");
  }
  return { action: attribute(tag, "action"), fields };
};
