import { createHash } from "node:crypto";
import type { Grant } from "../../core/credential.ts";
import { EvercredError } from "../../core/errors.ts";
import { never } from "../../core/time.ts";
import { adcOf, type AdcReading, chainIn, personIn } from "./adc-file.ts";
import type { Adc } from "./adc-forms.ts";
import type { FreshTokens } from "./exchanges.ts";
import { grantOf, type SavedTokens, tokensIn } from "./tokens.ts";

/** A whole file, as it was read. */
export type FoundAdc = Extract<AdcReading, { kind: "adc" }>;

/** What the grants of a file are bound to: another identity in it has no use for them. */
export const bindingOf = (file: string, adc: Adc | undefined): string => {
  if (adc === undefined || personIn(adc) !== undefined) {
    return JSON.stringify(["adc", file, "person", ...(adc === undefined ? [] : chainIn(adc))]);
  }
  return JSON.stringify([
    "adc",
    file,
    adc.type,
    accountOf(adc) ?? audienceOf(adc),
    ...chainIn(adc),
  ]);
};

const audienceOf = (adc: Adc): string => (adc.type === "external_account" ? adc.audience : "");

/** Who a file is of, by a name that people know; undefined where it does not say. */
export const accountOf = (adc: Adc): string | undefined => {
  const person = personIn(adc);
  if (person !== undefined) return person.account;
  return chainIn(adc).at(-1) ?? (adc.type === "service_account" ? adc.client_email : undefined);
};

/**
 * The grant that a file is. Of a person it has no access token yet: it is renewed at once. Whatever else it is needs
 * no renewal: it is presented each time.
 */
export const foundGrantOf = (file: string, { adc, text, writtenAt }: FoundAdc): Grant => {
  const person = personIn(adc);
  const account = accountOf(adc);
  const grant = grantOf({
    version: 1,
    kind: "google-adc",
    boundTo: bindingOf(file, adc),
    ...(person !== undefined && { refreshToken: person.refresh_token }),
    ...(account !== undefined && { account }),
    scopes: [],
    signedInAt: writtenAt,
    issuedAt: writtenAt,
    expiresAt: writtenAt,
    file: text,
    before: [],
  });
  return person === undefined ? { ...grant, expiresAt: never } : grant;
};

/** What comes of a grant by a renewal. */
export const successorOf = (saved: SavedTokens, fresh: FreshTokens): Grant => {
  const { refreshToken: old = "", before = [] } = saved;
  const { accessToken, refreshToken = old, scopes, issuedAt, expiresAt } = fresh;
  return grantOf({
    ...saved,
    accessToken,
    refreshToken,
    scopes: scopes.length > 0 ? [...scopes] : saved.scopes,
    issuedAt,
    expiresAt,
    before: refreshToken === old ? before : [...before, markOf(old)].slice(-mostMarks),
  });
};

/** Of a sign-in of months, renewed each hour. */
const mostMarks = 2_000;

/** By what a refresh token is known again that is itself no longer kept. */
const markOf = (token: string): string =>
  createHash("sha256").update(token).digest("base64url").slice(0, 16);

/** Whether a file has what this grant is, or comes from. */
export const kinshipOf = (known: Grant, found: FoundAdc, id: string): "same" | "older" | "none" => {
  const saved = tokensIn(known, id);
  const person = personIn(found.adc);
  const ours = personIn(adcIn(saved, id));
  if (person === undefined || ours === undefined) {
    return saved.file === found.text ? "same" : "none";
  }
  if (person.type !== ours.type || person.client_id !== ours.client_id) return "none";
  if (person.refresh_token === saved.refreshToken) return "same";
  return saved.before?.includes(markOf(person.refresh_token)) === true ? "older" : "none";
};

/** The file that a grant was found in. */
export const adcIn = ({ file = "" }: SavedTokens, id: string): Adc => {
  const adc = adcOf("", file);
  if ("sentence" in adc) throw new EvercredError("internal", `The grant is not one of ${id}.`);
  return adc;
};
