import { Refusal } from "../exchange.ts";
import type { SiteReply, SiteRequest } from "../exchange.ts";
import { namedClient } from "./client-authentication.ts";
import type { Form } from "./errors.ts";

/** What Google's servers are asked for. */
export type GoogleRequestKind =
  /** A sign-in page was opened. */
  | "authorize"
  | "workforce-authorize"
  /** A code was redeemed. */
  | "code"
  | "workforce-code"
  /** A refresh token was presented. */
  | "refresh"
  | "workforce-refresh"
  /** A service account's assertion was presented. */
  | "assertion"
  /** A subject token was exchanged. */
  | "exchange"
  | "revoke"
  | "token-info"
  /** Another service account's access token or identity token. */
  | "impersonate-access"
  | "impersonate-id"
  | "api";

/** A refresh token that was presented, and what came of it. */
export interface Presentation {
  readonly refreshToken: string;
  readonly clientId: string | undefined;
  /** The provider's time, epoch ms. */
  readonly at: number;
  /** `renewed`, or the error with its subtype: `invalid_grant invalid_rapt`. */
  readonly outcome: string;
}

/** A call of an API that was let in. */
export interface ApiCall {
  readonly host: string;
  readonly path: string;
  /** Whose token it came with: an address, or `principal://…`. */
  readonly principal: string;
  readonly token: string;
  readonly quotaProject: string | undefined;
}

/** What was asked for, in order. */
export class Records {
  readonly presentations: Presentation[] = [];
  readonly calls: ApiCall[] = [];
  /** Where answered sign-in pages led. */
  readonly redirects: string[] = [];
  readonly #counts = new Map<GoogleRequestKind, number>();

  /** Counts a request, whatever comes of it. */
  note(kind: GoogleRequestKind): void {
    this.#counts.set(kind, this.count(kind) + 1);
  }

  /** How many requests of this kind arrived and were not struck by a fault. */
  count(kind: GoogleRequestKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Answers a renewal, and keeps what was presented with what came of it. */
  present(form: Form, request: SiteRequest, answer: () => SiteReply): SiteReply {
    const refreshToken = form.optional("refresh_token") ?? "";
    const clientId = namedClient(request, form);
    const keep = (outcome: string): void => {
      this.presentations.push({ refreshToken, clientId, at: request.at, outcome });
    };
    try {
      const reply = answer();
      keep("renewed");
      return reply;
    } catch (error) {
      if (error instanceof Refusal) keep(outcomeOf(error.reply.body));
      throw error;
    }
  }
}

function outcomeOf(body: string): string {
  const { error, error_subtype: subtype }: { error: string; error_subtype?: string } =
    JSON.parse(body);
  return subtype === undefined ? error : `${error} ${subtype}`;
}
