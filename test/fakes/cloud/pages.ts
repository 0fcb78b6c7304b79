function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#16191f}" +
  "button,input,select{font:inherit;padding:.4rem 1rem}.code{font:700 1.6rem ui-monospace,monospace;letter-spacing:.1em}";

function page(title: string, main: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    `<title>${escape(title)}</title><style>${style}</style></head>` +
    `<body><main><h1>${escape(title)}</h1>${main}</main></body></html>`
  );
}

/** A page that only says something. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p id="message">${escape(message)}</p>`);
}

/** The page that asks for a user code (field `user_code`, button `#next`). */
export function userCodePage(): string {
  const main =
    '<form method="get" action="/"><label>Code <input name="user_code" autofocus required></label> ' +
    '<button id="next">Next</button></form>';
  return page("Authorize request", main);
}

/** What a consent page shows, and where it sends the answer. */
export interface Consent {
  readonly organisation: string;
  readonly client: string;
  readonly users: readonly string[];
  readonly userCode?: string;
  /** What the client asks for; left out: AWS accounts. */
  readonly wish?: string;
  /** What a person can leave out: a checked box each. */
  readonly scopes?: readonly string[];
  readonly action: string;
  /** Hidden fields. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The page on which a person approves (`#approve`) or denies (`#deny`), as one of the users (`#user`). */
export function consentPage(consent: Consent): string {
  const options = consent.users.map((user) => `<option>${escape(user)}</option>`);
  const hidden = Object.entries(consent.fields).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  const code =
    consent.userCode === undefined
      ? ""
      : `<p>Check that your device shows this code:</p><p class="code" id="user-code">${escape(consent.userCode)}</p>`;
  const boxes = (consent.scopes ?? []).map((scope) => {
    const text = escape(scope);
    const box = `<input type="checkbox" name="scope" value="${text}" checked>`;
    return `<p><label>${box} ${text}</label></p>`;
  });
  const wish = consent.wish ?? "asks to access your AWS accounts.";
  const main =
    `<p id="organisation">${escape(consent.organisation)}</p>${code}` +
    `<p><b id="client">${escape(consent.client)}</b> ${escape(wish)}</p>` +
    `<form method="post" action="${escape(consent.action)}">${hidden.join("")}` +
    `<p><label>Signed in as <select id="user" name="user">${options.join("")}</select></label></p>${boxes.join("")}` +
    '<button id="approve" name="decision" value="approve">Allow access</button> ' +
    '<button id="deny" name="decision" value="deny">Deny access</button></form>';
  return page("Allow access?", main);
}
