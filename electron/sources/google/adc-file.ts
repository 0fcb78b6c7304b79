import { createPrivateKey } from "node:crypto";
import type * as z from "zod";
import type { Instant } from "../../core/time.ts";
import { shown } from "../shown.ts";
import {
  accountIn,
  type Adc,
  type AdcBase,
  type AdcFederatedPerson,
  type AdcPerson,
  type AdcServiceAccount,
  externalForm,
  federatedPersonForm,
  impersonatedForm,
  personForm,
  serviceAccountForm,
} from "./adc-forms.ts";
import { type Fault, fileFaultOf, objectIn, readSmallFile } from "./small-file.ts";

/** What the file says now. */
export type AdcReading =
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly fault: Fault }
  | {
      readonly kind: "adc";
      readonly adc: Adc;
      readonly text: string;
      readonly writtenAt: Instant;
      readonly mode: number;
    };

/** Reads Application Default Credentials. Never rejects. */
export const readAdcFile = async (file: string): Promise<AdcReading> => {
  const read = await readSmallFile(file);
  if (read.kind === "missing") return { kind: "absent" };
  if (read.kind !== "text") return { kind: "broken", fault: fileFaultOf(file, read.kind) };
  const adc = adcOf(file, read.text);
  return "sentence" in adc ? { kind: "broken", fault: adc } : { ...read, kind: "adc", adc };
};

const renewRemedy = "Sign in again with whatever made it, or put a whole file there.";

/** What a file's text says, checked; or what is wrong with it. */
export const adcOf = (file: string, content: string): Adc | Fault => {
  const whole = objectIn(content);
  if (whole === undefined) {
    const sentence = `${file} is not whole: it holds no JSON object.`;
    return { sentence, remedy: renewRemedy };
  }
  if (whole["type"] !== "impersonated_service_account") return baseOf(file, whole);
  const parsed = impersonatedForm.safeParse(whole);
  if (!parsed.success) return misfit(file, parsed.error);
  const source = baseOf(file, parsed.data.source_credentials);
  if ("sentence" in source) return source;
  const adc = { ...parsed.data, source_credentials: source };
  return strangeHost(file, adc) ?? adc;
};

const forms = {
  authorized_user: personForm,
  external_account_authorized_user: federatedPersonForm,
  service_account: serviceAccountForm,
  external_account: externalForm,
} as const;

const baseOf = (file: string, content: Readonly<Record<string, unknown>>): AdcBase | Fault => {
  const { type } = content;
  if (typeof type !== "string" || !Object.hasOwn(forms, type)) return unknownType(file, content);
  const parsed = forms[type as keyof typeof forms].safeParse(content);
  if (!parsed.success) return misfit(file, parsed.error);
  const adc = parsed.data;
  const fault = adc.type === "service_account" ? keyFault(file, adc) : undefined;
  return fault ?? strangeHost(file, adc) ?? adc;
};

const unknownType = (file: string, content: Readonly<Record<string, unknown>>): Fault => {
  const { type } = content;
  if ("installed" in content || "web" in content) {
    return {
      sentence: `${file} is the file of an OAuth client, and holds no credentials.`,
      remedy: "Name it as clientFile of a source of kind google.",
    };
  }
  if (type === "gdch_service_account") {
    return {
      sentence: `${file} is of an air-gapped cloud (${type}), which Evercred does not know.`,
      remedy: "Name another file.",
    };
  }
  const what = typeof type === "string" ? `"${shown(type)}"` : "not named";
  return {
    sentence: `${file} holds no credentials that Evercred knows: their type is ${what}.`,
    remedy: "Name the file of a person, a service account or a federated identity.",
  };
};

const misfit = (file: string, { issues }: z.ZodError): Fault => {
  const name = shown(issues[0]?.path.map(String).join(".") ?? "");
  const sentence = `${file} is not whole: it has no usable ${name}.`;
  return name === "credential_source"
    ? {
        sentence,
        remedy: "Name a file, an address, a program, or AWS in it.",
      }
    : { sentence, remedy: renewRemedy };
};

const keyFault = (
  file: string,
  { private_key: key, ...adc }: AdcServiceAccount,
): Fault | undefined => {
  const renewed = "Download a new key of the service account.";
  if (adc.universe_domain !== "googleapis.com") {
    return {
      sentence: `${file} is the key of another cloud than Google's own (${shown(adc.universe_domain)}).`,
      remedy: "Name another file.",
    };
  }
  try {
    if (createPrivateKey(key).asymmetricKeyType === "rsa") return undefined;
  } catch {
    // It is none.
  }
  return { sentence: `The private_key in ${file} is no RSA key in PEM form.`, remedy: renewed };
};

const addresses = [
  "token_uri",
  "token_url",
  "token_info_url",
  "revoke_url",
  "service_account_impersonation_url",
];

const isUnder = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

/** An address in the file to which none of its secrets should go. */
const strangeHost = (file: string, adc: Adc): Fault | undefined => {
  const { universe_domain: universe } = adc;
  for (const name of addresses) {
    const url: unknown = Reflect.get(adc, name);
    if (typeof url !== "string") continue;
    const { hostname } = new URL(url);
    if (isUnder(hostname, "googleapis.com") || isUnder(hostname, universe)) continue;
    return {
      sentence: `${file} has a ${name} that is not Google's (${shown(hostname)}).`,
      remedy: "Use no file that you do not trust; make a new one.",
    };
  }
  return undefined;
};

/** The person in a file; undefined where it needs nobody. */
export const personIn = (adc: Adc): AdcPerson | AdcFederatedPerson | undefined => {
  const base = adc.type === "impersonated_service_account" ? adc.source_credentials : adc;
  return base.type === "authorized_user" || base.type === "external_account_authorized_user"
    ? base
    : undefined;
};

/** The service accounts that the file itself leads to, each by means of the one before it. */
export const chainIn = (adc: Adc): readonly string[] => {
  if (adc.type === "impersonated_service_account") {
    return [...adc.delegates, accountIn(adc.service_account_impersonation_url)];
  }
  if (adc.type !== "external_account") return [];
  const url = adc.service_account_impersonation_url ?? undefined;
  return url === undefined ? [] : [accountIn(url)];
};
