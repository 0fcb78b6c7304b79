import { type Kinds, path, program, scopes, text, texts } from "./kind-flags.ts";
import type { Flag } from "./verb.ts";

const title = ["title", text] as const;
const signIn = ["signIn", program] as const;

/** The kinds of sources, and what each of them takes. */
export const sourceKinds: Kinds = {
  what: "source",
  kinds: {
    "aws-sso": {
      needs: ["start-url", "region"],
      fields: {
        title,
        "start-url": ["startUrl", text],
        region: ["region", text],
        scopes: ["scopes", scopes],
        flow: ["flow", text],
        "sign-in-command": signIn,
      },
    },
    google: {
      needs: ["client-file"],
      fields: {
        title,
        "client-file": ["clientFile", path],
        account: ["account", text],
        scopes: ["scopes", scopes],
      },
    },
    "google-adc": { needs: [], fields: { title, "sign-in-command": signIn } },
    "google-workforce": {
      needs: ["login-config-file"],
      fields: {
        title,
        "login-config-file": ["loginConfigFile", path],
        scopes: ["scopes", scopes],
      },
    },
    oidc: {
      needs: ["issuer", "client-id"],
      fields: {
        title,
        issuer: ["issuer", text],
        "client-id": ["clientId", text],
        scopes: ["scopes", scopes],
        audience: ["audience", text],
        resource: ["resource", texts],
        "redirect-uri": ["redirectUri", text],
        flow: ["flow", text],
        "client-secret-key": ["clientSecretKey", text],
      },
    },
    command: {
      needs: ["sign-in-command"],
      fields: { title, "sign-in-command": signIn, "check-command": ["check", program] },
    },
  },
};

/** The flags of all kinds of sources. */
export const sourceFlags: Readonly<Record<string, Flag>> = {
  kind: { value: "KIND", summary: Object.keys(sourceKinds.kinds).join(", ") },
  title: { value: "TEXT", summary: "what people read; else the ID" },
  "start-url": { value: "URL", summary: "aws-sso: the organisation's start address" },
  region: { value: "REGION", summary: "aws-sso: where its Identity Center is" },
  scopes: { value: "SCOPES", summary: "aws-sso, google, google-workforce, oidc; with commas" },
  flow: { value: "FLOW", summary: "aws-sso, oidc: code or device; oidc also client-credentials" },
  "client-file": { value: "FILE", summary: "google: the client, as Google's console gives it" },
  "client-secret": { value: "SECRET", summary: "not taken: use --client-file" },
  account: { value: "E-MAIL", summary: "google: who is to sign in" },
  "login-config-file": { value: "FILE", summary: "google-workforce: the pool's configuration" },
  issuer: { value: "URL", summary: "oidc: the company's identity provider" },
  "client-id": { value: "ID", summary: "oidc: what Evercred is called there" },
  audience: { value: "TEXT", summary: "oidc: what its tokens are for, in the issuer's words" },
  resource: {
    value: "ADDRESS",
    summary: "oidc: the same as RFC 8707 has it; may be given several times",
  },
  "redirect-uri": { value: "URL", summary: "oidc: as the issuer knows it; port 0 is any free one" },
  "client-secret-key": {
    value: "NAME",
    summary: "oidc: the static key that is the client's secret",
  },
  "sign-in-command": {
    value: "LINE",
    summary: "command, aws-sso, google-adc: the program that signs in",
  },
  "check-command": { value: "LINE", summary: "command: exits 0 while somebody is signed in" },
};
