import { EvercredError } from "../core/errors.ts";
import { type GoogleAsk, googleKeyOf, plainGoogleAsk } from "../core/google.ts";
import type { Offer } from "../core/source.ts";
import { plain } from "./plain.ts";
import type { Flag, Parsed } from "./verb.ts";

/** The flags that say whose token it is to be. */
export const impersonateFlag: Flag = {
  value: "SA",
  summary: "become this service account; several, with commas, are a chain: the last is meant",
};

/** More than anybody needs: what is longer was not meant. */
const most = { items: 32, chars: 512 };

/** What a command line asks of a Google source, before anything is done. Throws `usage` for what cannot be meant. */
export const askOf = (form: GoogleAsk["form"], parsed: Parsed): GoogleAsk => ({
  form,
  scopes: listed(parsed, "scopes", /[\s,]+/).map(scopeOf),
  impersonate: listed(parsed, "impersonate", /\s*,\s*/).map(serviceAccountOf),
  audience: form === "id" ? audienceOf(parsed.value("audience")) : undefined,
});

/** The key of what is asked: the offer's own where nothing special is. */
export const keyOf = (ask: GoogleAsk, offer: Offer): string =>
  googleKeyOf(ask) === googleKeyOf(plainGoogleAsk) ? offer.key : googleKeyOf(ask);

const listed = (parsed: Parsed, flag: string, between: RegExp): readonly string[] => {
  const values = parsed.values(flag);
  const items = values.flatMap((value) => value.trim().split(between)).filter(Boolean);
  if (values.length > 0 && items.length === 0) throw refused(`--${flag} names nothing.`);
  if (items.length > most.items) throw refused(`--${flag} names too many at once.`);
  return items;
};

const refused = (sentence: string, remedy = "See: evercred help gcp token"): EvercredError =>
  new EvercredError("usage", sentence, { remedy });

/** The scopes of OpenID, whose names are whole as they are. */
const whole: ReadonlySet<string> = new Set(["openid", "email", "profile"]);

/** A scope by its whole name: a short one is one of Google's own. Throws `usage` for what is none. */
export const scopeOf = (text: string): string => {
  if (text.length <= most.chars) {
    if (whole.has(text)) return text;
    if (/^[a-z][a-z0-9._-]*$/.test(text)) return `https://www.googleapis.com/auth/${text}`;
    if (/^https:\/\/[a-z0-9.-]+\/[\w./:~-]*$/i.test(text)) return text;
  }
  throw refused(
    `"${shortened(text)}" is no scope.`,
    "Write it like cloud-platform, or https://www.googleapis.com/auth/cloud-platform.",
  );
};

const serviceAccountOf = (text: string): string => {
  if (text.length <= most.chars && /^[\w.:-]+@(?:[\w-]+\.)*gserviceaccount\.com$/i.test(text)) {
    return text;
  }
  throw refused(
    `"${shortened(text)}" is no service account.`,
    "Write its e-mail address, like NAME@PROJECT.iam.gserviceaccount.com.",
  );
};

const audienceOf = (text: string | undefined): string => {
  if (text === undefined) {
    throw refused(
      "An identity token is good for one audience.",
      "Name it: evercred gcp id-token --audience AUDIENCE",
    );
  }
  if (text.length <= most.chars && /^[!-~]+$/.test(text)) return text;
  throw refused(
    `"${shortened(text)}" is no audience.`,
    "Write it as the service that takes the token expects it, like https://service.example.com.",
  );
};

const shortened = (text: string): string =>
  plain(text.length > 80 ? `${text.slice(0, 79)}…` : text);
