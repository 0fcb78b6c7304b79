import { createHash, createHmac } from "node:crypto";
import type { AwsCredential } from "../../core/credential.ts";
import type { Secret } from "../../core/secret.ts";
import { shifted } from "../../core/time.ts";
import { jsonOf, textOf } from "../access.ts";
import { type FetchPorts, replyOver } from "../fetch.ts";
import { keyHeaders } from "../key-headers.ts";
import { withoutKey } from "../without-key.ts";

/** What Bedrock, or a gateway in its stead, answers. */
export interface BedrockAnswer {
  readonly host: string;
  readonly status: number;
  /** The name of the exception, `AccessDeniedException`; empty where nobody names one. */
  readonly code: string;
  readonly message: string;
  /** The JSON of the reply; undefined where it is none. */
  readonly body: unknown;
}

/** By what a request is known: keys sign it, or a gateway is shown a key, or nothing. */
export type BedrockIdentity =
  | { readonly kind: "signed"; readonly credential: AwsCredential; readonly region: string }
  | { readonly kind: "shown"; readonly key: Secret | undefined };

/** Asks for an address; with a body it is a POST. */
export type AskBedrock = (
  url: URL,
  body: string | undefined,
  signal: AbortSignal,
) => Promise<BedrockAnswer>;

/** AWS takes a time of signing that is up to five minutes off: less than this has to do with nothing, in milliseconds. */
const skewMs = 60_000;

/**
 * Asks in somebody's name, and once more where the reply has shown that the time of signing was wrong. Rejects with what
 * `replyOver` rejects with.
 */
export const bedrockAs =
  (identity: BedrockIdentity, ports: FetchPorts): AskBedrock =>
  async (url, body, signal) => {
    const offsetMs = (): number =>
      identity.kind === "signed" ? ports.providerTime.offsetMs(identity.region) : 0;
    const send = async (): Promise<BedrockAnswer> => {
      const method = body === undefined ? "GET" : "POST";
      const now = shifted(ports.clock, offsetMs).now();
      const headers = await headersOf({ method, url, body, now }, identity);
      const init = { method, headers, signal, ...(body !== undefined && { body }) };
      const response = await replyOver(ports)(url, init);
      return answerOf(url.host, response, await response.text(), secretOf(identity));
    };
    const before = offsetMs();
    const answer = await send();
    const isSkewed = Math.abs(offsetMs() - before) > skewMs;
    return answer.status === 403 && isSkewed ? send() : answer;
  };

interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly body: string | undefined;
  /** The provider's time. */
  readonly now: number;
}

const headersOf = async (
  { method, url, body, now }: Unsigned,
  identity: BedrockIdentity,
): Promise<Record<string, string>> => {
  const plain = { accept: "application/json", "content-type": "application/json" };
  if (identity.kind === "shown") return { ...plain, ...keyHeaders(identity.key) };
  const { credential, region } = identity;
  // It brings modules of the SDK with it.
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: credential.accessKeyId,
      secretAccessKey: credential.secretAccessKey.reveal(),
      sessionToken: credential.sessionToken.reveal(),
    },
    region,
    service: "bedrock",
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...plain, host: url.host },
      ...(body !== undefined && { body }),
    },
    { signingDate: new Date(now) },
  );
  return headers;
};

/** SHA-256 as the signer wants it, with Node's own. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", viewOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(viewOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

const viewOf = (data: string | ArrayBuffer | ArrayBufferView): string | NodeJS.ArrayBufferView =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string | NodeJS.ArrayBufferView);

/** What nobody who reads an answer may find in it: AWS quotes whole requests whose signatures it does not like. */
const secretOf = (identity: BedrockIdentity): Secret | undefined =>
  identity.kind === "signed" ? identity.credential.sessionToken : identity.key;

/** Of a longer message only so much is looked at, in characters. */
const mostMessage = 2_000;

const answerOf = (
  host: string,
  { status, headers }: Response,
  text: string,
  secret: Secret | undefined,
): BedrockAnswer => {
  const body = jsonOf(text);
  // Either may carry the namespace of its service (Smithy 2.0, AWS restJson1 protocol, "operation error serialization").
  const type = headers.get("x-amzn-errortype") ?? textOf(body, "__type");
  const code = type.replace(/^.*#/u, "").replace(/:.*$/u, "");
  const says = (textOf(body, "message") || textOf(body, "Message")).slice(0, mostMessage);
  const message = secret === undefined ? says : withoutKey(says, secret.reveal());
  return { host, status, code, message, body };
};
