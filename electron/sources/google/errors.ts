import { EvercredError, errorOf } from "../../core/errors.ts";
import { shown } from "../shown.ts";
import { ownErrorIn } from "../own-error.ts";
import { type Refusal, refusalIn } from "./refusal.ts";

/** How far a computer's clock may be off before Google takes no assertion that is dated by it, in words of its own. */
const wrongTime = /short-lived token|reasonable timeframe|iat|expir(?:y|ation) time/iu;

/**
 * What a refused exchange of a grant means (facts of Google's token endpoints). `rotates`: whether its refresh tokens
 * are spent at each use, so that a refusal may be the echo of a lost reply.
 */
export const exchangeErrorOf = (id: string, rotates: boolean, thrown: unknown): EvercredError => {
  const own = ownErrorIn(thrown);
  if (own !== undefined) return own;
  const refusal = refusalIn(thrown);
  if (refusal === undefined || refusal.error === "") return senselessReply(thrown);
  return new EvercredError(...meaningOf(id, rotates, refusal, thrown));
};

type Meaning = ConstructorParameters<typeof EvercredError>;

const meaningOf = (
  id: string,
  rotates: boolean,
  { error, description, subtype }: Refusal,
  cause: unknown,
): Meaning => {
  const words = shown(description || error).replace(/\.$/, "");
  switch (error) {
    case "invalid_grant":
      if (subtype === "invalid_rapt" || subtype === "rapt_required" || /rapt/iu.test(description)) {
        return ["reauth-needed", undefined, { cause }];
      }
      if (/jwt/iu.test(description) && wrongTime.test(description)) {
        return ["clock-wrong", undefined, { cause }];
      }
      if (/account.*(?:disabled|deleted|suspended)/iu.test(description)) {
        return ["account-disabled", `Google says of ${id}'s account: ${words}.`, { cause }];
      }
      if (rotates) {
        return ["grant-rejected", `Google has ended the session of ${id}.`, { cause }];
      }
      return [
        "grant-revoked",
        `Google says that the sign-in to ${id} has expired or was revoked.`,
        { cause },
      ];
    case "invalid_client":
    case "deleted_client":
    case "disabled_client":
    case "unauthorized_client":
      return [
        "client-rejected",
        `Google no longer accepts the OAuth client of ${id}. It says: ${words}.`,
        { cause },
      ];
    case "invalid_scope":
      return [
        "access-denied",
        `Google does not give ${id} these scopes. It says: ${words}.`,
        { remedy: "Leave scopes out, or sign in with them.", cause },
      ];
    case "temporarily_unavailable":
    case "server_error":
    case "internal_failure":
      return ["provider-unavailable", `Google has a fault. It says: ${words}.`, { cause }];
    default:
      return ["access-denied", `Google refuses ${id}. It says: ${words}.`, { cause }];
  }
};

/** A reply that is neither what was asked for nor a refusal. */
export const senselessReply = (thrown: unknown): EvercredError =>
  new EvercredError("reply-invalid", "What came back is not a reply of Google.", {
    cause: errorOf(thrown).cause,
  });
