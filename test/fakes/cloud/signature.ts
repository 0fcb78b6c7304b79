import { createHash, createHmac } from "node:crypto";
import type { SiteRequest } from "./exchange.ts";

/** The parts of a Signature Version 4 Authorization header. */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly value: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/;

/** Reads the Authorization header; undefined when it has another form. */
export function readSignature(authorization: string): Signature | undefined {
  const match = form.exec(authorization);
  if (match === null) return undefined;
  const [, accessKeyId = "", date = "", region = "", service = "", names = "", value = ""] = match;
  return { accessKeyId, date, region, service, signedHeaders: names.split(";"), value };
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The signature that this secret key gives for the request (AWS Signature Version 4). */
export function sign(request: SiteRequest, signature: Signature, secretAccessKey: string): string {
  const header = (name: string): string => {
    const value = request.headers[name];
    return (Array.isArray(value) ? value.join(",") : (value ?? "")).trim().replace(/ +/g, " ");
  };
  const query = [...request.query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const canonical = [
    request.method,
    // All services but S3 have the path encoded once more.
    request.path.split("/").map(encode).join("/"),
    query,
    ...signature.signedHeaders.map((name) => `${name}:${header(name)}`),
    "",
    signature.signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
  const scope = [signature.date, signature.region, signature.service, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", header("x-amz-date"), scope.join("/"), sha256(canonical)];
  const key = scope.reduce<string | Buffer>(
    (outer, part) => createHmac("sha256", outer).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac("sha256", key).update(text.join("\n")).digest("hex");
}
