import {
  createHash,
  createPrivateKey,
  createSecretKey,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { EvercredError } from "../../core/errors.ts";
import type { TokenCredential } from "../../core/credential.ts";
import { Secret } from "../../core/secret.ts";
import { type Clock, instantOf, never } from "../../core/time.ts";
import { type Algorithm, signerNameOf, signers } from "./algorithms.ts";
import { filledIn, type Json } from "./claims.ts";
import type { EnteredKey } from "./entered-source.ts";
import { privateKeyIn } from "./private-key.ts";
import { withoutNewline } from "./static-key.ts";

/** A key that is a JWT, minted here, as the configuration has it. */
export interface JwtKeyConfig {
  readonly kind: "jwt";
  readonly algorithm: Algorithm;
  readonly keyId?: string;
  /** `${user}` and `${hostname}` stand for what they say. */
  readonly claims: Readonly<Record<string, Json>>;
  readonly issuer?: string;
  readonly audience?: string | readonly string[];
  /** Of each token, in milliseconds. */
  readonly lifetime: number;
}

/** The clock of whoever looks at a token may be behind ours by so much, in seconds. */
const slackSeconds = 60;

/** A key that is minted with what was entered. */
export const jwtKeyOf = (name: string, config: JwtKeyConfig, clock: Clock): EnteredKey => {
  const { algorithm } = config;
  const isText = signers[algorithm].kind === "text";
  const digest = createHash("sha256").update(JSON.stringify(config)).digest("base64url");
  return {
    name,
    kind: "jwt-key",
    title: `JWT (${algorithm})`,
    asked: { what: `the ${isText ? "secret" : "private key"} of ${name}`, hasLines: !isText },
    boundTo: JSON.stringify(["jwt-key", signerNameOf(algorithm)]),
    offerKey: `${name} ${digest}`,
    endsAt: never,
    accept: (entered) => acceptedFor(entered, algorithm, name),
    issue: (secret) => mint(config, secret, clock),
  };
};

/** What is kept of what was entered for an algorithm. Throws `usage` where it cannot sign so. */
const acceptedFor = (entered: string, algorithm: Algorithm, name: string): string => {
  const signer = signers[algorithm];
  if (signer.kind === "private") return privateKeyIn(entered, algorithm, signer.family, name);
  const text = withoutNewline(entered);
  const { leastBytes } = signer;
  const length = Buffer.byteLength(text);
  if (length >= leastBytes) return text;
  const sentence = `${algorithm} needs a secret of ${leastBytes} bytes or more; this one has ${length}.`;
  throw new EvercredError("usage", sentence, {
    remedy: `Make a longer one, such as: openssl rand -hex ${leastBytes}`,
  });
};

const mint = async (
  { algorithm, keyId, claims, issuer, audience, lifetime }: JwtKeyConfig,
  secret: string,
  clock: Clock,
): Promise<TokenCredential> => {
  // It is not needed before somebody asks for such a key.
  const { SignJWT } = await import("jose");
  const iat = Math.floor(clock.now() / 1000);
  const exp = iat + Math.floor(lifetime / 1000);
  const token = await new SignJWT({
    ...(filledIn(claims) as Readonly<Record<string, Json>>),
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: typeof audience === "string" ? audience : [...audience] }),
    iat,
    nbf: iat - slackSeconds,
    exp,
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }), typ: "JWT" })
    .sign(signingKeyOf(algorithm, secret));
  return {
    kind: "token",
    token: new Secret(token),
    scopes: [],
    issuedAt: instantOf(iat * 1000),
    expiresAt: instantOf(exp * 1000),
  };
};

const signingKeyOf = (algorithm: Algorithm, secret: string): KeyObject =>
  signers[algorithm].kind === "text" ? createSecretKey(secret, "utf8") : createPrivateKey(secret);
