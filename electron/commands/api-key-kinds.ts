import {
  accounts,
  claims,
  commandLine,
  duration,
  googleScopes,
  type Kinds,
  path,
  program,
  scopes,
  text,
  textOrTexts,
  variables,
} from "./kind-flags.ts";
import type { Flag } from "./verb.ts";

/** The kinds of keys, and what each of them takes. */
export const keyKinds: Kinds = {
  what: "key",
  kinds: {
    static: {
      needs: [],
      fields: { "expires-at": ["expiresAt", text], "remind-before": ["remindBefore", duration] },
    },
    command: {
      needs: ["command"],
      fields: {
        command: ["command", commandLine],
        ttl: ["ttl", duration],
        "run-timeout": ["timeout", duration],
        env: ["env", variables],
        cwd: ["cwd", path],
        "sign-in-command": ["signIn", program],
      },
    },
    jwt: {
      needs: ["algorithm"],
      fields: {
        algorithm: ["algorithm", text],
        "key-id": ["keyId", text],
        issuer: ["issuer", text],
        audience: ["audience", textOrTexts],
        lifetime: ["lifetime", duration],
        claim: ["claims", claims],
      },
    },
    oidc: {
      needs: ["source"],
      fields: {
        source: ["source", text],
        token: ["token", text],
        audience: ["audience", text],
        resource: ["resource", text],
        scopes: ["scopes", scopes],
      },
    },
    "gcp-id-token": {
      needs: ["audience"],
      fields: {
        source: ["source", text],
        audience: ["audience", text],
        impersonate: ["impersonate", accounts],
      },
    },
    "gcp-access-token": {
      needs: [],
      fields: {
        source: ["source", text],
        scopes: ["scopes", googleScopes],
        impersonate: ["impersonate", accounts],
      },
    },
    "aws-bedrock": {
      needs: ["profile"],
      fields: {
        profile: ["profile", text],
        region: ["region", text],
        lifetime: ["lifetime", duration],
      },
    },
  },
};

/** The kinds whose keys are sources too, each of its own: they share their names. */
export const ownKinds: ReadonlySet<string> = new Set(["static", "command", "jwt"]);

/** The flags of all kinds of keys. */
export const keyFlags: Readonly<Record<string, Flag>> = {
  kind: { value: "KIND", summary: Object.keys(keyKinds.kinds).join(", ") },
  "expires-at": { value: "DATE", summary: "static: its last day, as 2027-03-31, or an instant" },
  "remind-before": { value: "TIME", summary: "static: how long before that to be asked, else 14d" },
  command: {
    value: "LINE",
    summary: "command: what prints the key; run by the shell where it has shell syntax",
  },
  ttl: { value: "TIME", summary: "command: how long what it prints is good, else 5m" },
  "run-timeout": { value: "TIME", summary: "command: how long it may take, else 30s" },
  env: {
    value: "NAME=VALUE",
    summary: "command: a variable for it; may be given several times",
  },
  cwd: { value: "FOLDER", summary: "command: where it is run, else the home folder" },
  "sign-in-command": { value: "LINE", summary: "command: the program that signs in" },
  algorithm: { value: "NAME", summary: "jwt: HS256, RS256, PS256, ES256, EdDSA and their kin" },
  "key-id": { value: "ID", summary: "jwt: which key has signed it, the header kid" },
  issuer: { value: "TEXT", summary: "jwt: the claim iss" },
  audience: {
    value: "TEXT",
    summary: "jwt, oidc, gcp-id-token: for whom; of jwt it may be given several times",
  },
  lifetime: { value: "TIME", summary: "jwt, aws-bedrock: how long one is good" },
  claim: {
    value: "NAME=VALUE",
    summary: "jwt: what it says besides, a text or JSON; may be given several times",
  },
  source: { value: "SOURCE", summary: "oidc, gcp-…: the source whose sign-in it is of" },
  token: { value: "TOKEN", summary: "oidc: access or id" },
  resource: { value: "ADDRESS", summary: "oidc: for whom, as RFC 8707 has it" },
  scopes: { value: "SCOPES", summary: "oidc, gcp-access-token: what it is good for; with commas" },
  impersonate: {
    value: "SA",
    summary: "gcp-…: the service account to become; with commas a chain",
  },
  profile: { value: "PROFILE", summary: "aws-bedrock: the AWS profile that it stands for" },
  region: { value: "REGION", summary: "aws-bedrock: where it is good, else the profile's" },
};
