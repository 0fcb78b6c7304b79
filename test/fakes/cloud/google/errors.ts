import { json, Refusal } from "../exchange.ts";
import type { SiteReply } from "../exchange.ts";

/** A JSON reply as Google's servers write it. */
export function googleJson(status: number, value: unknown): SiteReply {
  return {
    ...json(status, value, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    }),
    body: JSON.stringify(value, undefined, 2),
  };
}

/** A refusal of a token endpoint. */
export function refuseToken(
  status: number,
  error: string,
  description?: string,
  more: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(
    googleJson(status, {
      error,
      ...(description !== undefined && { error_description: description }),
      ...more,
    }),
  );
}

const numbers = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
} as const;

/** A refusal of an API. */
export function refuseApi(
  status: keyof typeof numbers,
  message: string,
  info?: { readonly reason: string; readonly metadata?: Readonly<Record<string, string>> },
): Refusal {
  const code = numbers[status];
  const type = "type.googleapis.com/google.rpc.ErrorInfo";
  const details = info && { details: [{ "@type": type, domain: "googleapis.com", ...info }] };
  return new Refusal(googleJson(code, { error: { code, message, status, ...details } }));
}

/** A form, each field once. Unknown and missing fields are refused as the token endpoint does. */
export class Form {
  readonly #values: URLSearchParams;

  constructor(body: string, contentType = "") {
    if (!contentType.startsWith("application/x-www-form-urlencoded")) {
      throw refuseToken(400, "invalid_request", "Invalid content type.");
    }
    this.#values = new URLSearchParams(body);
    const names = [...this.#values.keys()];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw refuseToken(
        400,
        "invalid_request",
        `OAuth 2 parameters can only have a single value: ${twice}`,
      );
    }
  }

  /** Refuses every field that is not named here. */
  allow(names: readonly string[]): void {
    const strange = [...this.#values.keys()].find((name) => !names.includes(name));
    if (strange !== undefined) {
      const description = `Parameter not allowed for this message type: ${strange}`;
      throw refuseToken(400, "invalid_request", description);
    }
  }

  /** A field that must be there and not empty. */
  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      throw refuseToken(400, "invalid_request", `Missing required parameter: ${name}`);
    }
    return value;
  }

  /** A field, if there and not empty. */
  optional(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }
}
