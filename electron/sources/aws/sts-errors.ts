import { EvercredError } from "../../core/errors.ts";

/**
 * What the token service may mean by a failure:
 * `refused` whoever signed may not have this; `keys` it does not know, or no longer, the keys that signed;
 * `clock` the request was signed too early or too late; `busy` it has no time; `invalid` a value is not to
 * its liking; `region` it is switched off there; `token` a web identity token is no good, `ended` or is too
 * old; `issuer` whoever made that token does not answer.
 */
export type StsFailure =
  "refused" | "keys" | "clock" | "busy" | "invalid" | "region" | "token" | "ended" | "issuer";

/** By the error's code (service model sts 2011-06-15, and the errors common to all services of AWS). */
const failures: ReadonlyMap<string, StsFailure> = new Map([
  ["AccessDenied", "refused"],
  ["AccessDeniedException", "refused"],
  ["IDPRejectedClaimException", "refused"],
  ["ExpiredToken", "keys"],
  ["InvalidClientTokenId", "keys"],
  ["UnrecognizedClientException", "keys"],
  ["MissingAuthenticationToken", "keys"],
  ["OptInRequired", "keys"],
  ["SignatureDoesNotMatch", "keys"],
  ["InvalidSignatureException", "keys"],
  ["RequestTimeTooSkewed", "clock"],
  ["RequestExpired", "clock"],
  ["Throttling", "busy"],
  ["ThrottlingException", "busy"],
  ["TooManyRequestsException", "busy"],
  ["RequestLimitExceeded", "busy"],
  ["ValidationError", "invalid"],
  ["ValidationException", "invalid"],
  ["InvalidParameterValue", "invalid"],
  ["InvalidParameterCombination", "invalid"],
  ["MissingParameter", "invalid"],
  ["RegionDisabledException", "region"],
  ["InvalidIdentityTokenException", "token"],
  ["ExpiredTokenException", "ended"],
  ["IDPCommunicationErrorException", "issuer"],
]);

/** The errors behind which a clock may be that is wrong: AWS says it of both, in other words only. */
const clockish: ReadonlySet<string> = new Set([
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "RequestTimeTooSkewed",
  "RequestExpired",
]);

const nameOf = (thrown: unknown): string =>
  thrown instanceof Error && !(thrown instanceof EvercredError) ? thrown.name : "";

/** Which failure this is, by its code, never by its words. */
export const stsFailureOf = (thrown: unknown): StsFailure | undefined =>
  failures.get(nameOf(thrown));

/** Whether the time of signing may be to blame. */
export const mayBeClock = (thrown: unknown): boolean => clockish.has(nameOf(thrown));

/** What an operation makes of the failures that mean something of their own there. */
export type Meanings = Readonly<Partial<Record<StsFailure, () => EvercredError>>>;

/**
 * What a failed request to the token service means, as an error for people. Keys that AWS does not
 * accept are `token-rejected`: what becomes of them is for whoever has them to say.
 */
export const stsErrorOf = (
  thrown: unknown,
  id: string,
  region: string,
  meanings: Meanings,
): EvercredError => {
  if (thrown instanceof EvercredError) return thrown;
  const failure = stsFailureOf(thrown);
  if (failure === undefined) {
    return new EvercredError("reply-invalid", `The reply to ${id} makes no sense.`);
  }
  return meanings[failure]?.() ?? usually(failure, id, region, thrown);
};

const usually = (
  failure: StsFailure,
  id: string,
  region: string,
  cause: unknown,
): EvercredError => {
  switch (failure) {
    case "refused":
      return new EvercredError("access-denied", `AWS refuses what ${id} asks for.`, { cause });
    case "keys":
    case "ended":
      return new EvercredError("token-rejected", `AWS does not accept the keys of ${id}.`, {
        cause,
      });
    case "clock":
      return new EvercredError("provider-unavailable", "AWS takes our time for wrong.", {
        cause,
        remedy: "Set this machine's clock.",
      });
    case "busy":
      return new EvercredError("throttled", "AWS asks us to wait before we ask again.", { cause });
    case "invalid":
    case "token":
      return new EvercredError("config-invalid", `AWS cannot make sense of what ${id} asks for.`, {
        cause,
        remedy: "Correct its profiles in ~/.aws/config.",
      });
    case "region":
      return new EvercredError(
        "config-invalid",
        `The token service of AWS is switched off in ${region} for this account.`,
        { cause, remedy: "Set another region in the profile, or have it switched on." },
      );
    case "issuer":
      return new EvercredError(
        "provider-unavailable",
        `AWS cannot reach whoever issued the web identity token of ${id}.`,
        { cause },
      );
  }
};
