import { createHash } from "node:crypto";

/** What the page says. */
export interface PageText {
  readonly product: string;
  readonly good: boolean;
  readonly heading: string;
  readonly lines: readonly string[];
}

const style = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1b1f27;--soft:#5a6372;--edge:#dfe3e9;--good:#157347;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#14171c;--card:#1d2128;--ink:#eceff4;--soft:#a3adbb;--edge:#323945;--good:#5fce95;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{width:100%;max-width:27rem;padding:2rem;background:var(--card);border:1px solid var(--edge);border-radius:12px;overflow-wrap:anywhere}
.product{margin:0 0 1.5rem;color:var(--soft);font-size:.875rem}
h1{display:flex;gap:.625rem;margin:0 0 .75rem;font-size:1.375rem;line-height:1.3;font-weight:600}
svg{flex:none;width:1.5rem;height:1.5rem;margin-top:.15rem;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.good svg{color:var(--good)}.bad svg{color:var(--bad)}
p{margin:.5rem 0 0}
`;

const marks = {
  good: '<circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-7"/>',
  bad: '<circle cx="12" cy="12" r="10"/><path d="M12 7v6M12 16.8v.2"/>',
};

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The page: one file, no script, nothing fetched. Light or dark as the browser is. */
export const redirectPage = ({ product, good, heading, lines }: PageText): string => {
  const kind = good ? "good" : "bad";
  const paragraphs = lines.map((line) => `<p>${escape(line)}</p>`).join("");
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    `<title>${escape(heading)} – ${escape(product)}</title><style>${style}</style></head>` +
    `<body><main class="${kind}"><p class="product">${escape(product)}</p>` +
    `<h1><svg viewBox="0 0 24 24" aria-hidden="true">${marks[kind]}</svg>${escape(heading)}</h1>` +
    `${paragraphs}</main></body></html>`
  );
};

const styleHash = createHash("sha256").update(style).digest("base64");

/** What goes with it: nothing may be run, fetched, framed, kept or passed on. */
export const redirectHeaders: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
  Connection: "close",
};
