import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol, type Session } from "electron";

const scheme = "app";
const origin = `${scheme}://evercred`;

/** The address of the window's page. */
export const pageUrl = `${origin}/index.html`;

/** Whether an address is of our own page and its parts. */
export const isOurs = (url: string): boolean => url.startsWith(`${origin}/`);

/** All that there is under our scheme. Nothing else is ever read, whatever an address says. */
const files: ReadonlyMap<string, string> = new Map([
  ["/index.html", "text/html; charset=utf-8"],
  ["/app.js", "text/javascript; charset=utf-8"],
  ["/style.css", "text/css; charset=utf-8"],
]);

const headers = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes our scheme a proper origin. Call it before `ready`. */
export const declareScheme = (): void => {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
};

/** Serves the page out of `folder` to the windows of this session. */
export const servePage = (session: Session, folder: string): void => {
  session.protocol.handle(scheme, async (request) => {
    const { origin: from, pathname } = partsOf(request.url);
    const type = from === origin && request.method === "GET" ? files.get(pathname) : undefined;
    if (type === undefined) return new Response(undefined, { status: 404, headers });
    const body = await readFile(join(folder, pathname));
    return new Response(new Uint8Array(body), { headers: { ...headers, "content-type": type } });
  });
};

const partsOf = (url: string): { readonly origin: string; readonly pathname: string } => {
  const { protocol: prefix, host, pathname } = new URL(url);
  // A URL of a scheme that Node does not know has no origin of its own.
  return { origin: `${prefix}//${host}`, pathname };
};
