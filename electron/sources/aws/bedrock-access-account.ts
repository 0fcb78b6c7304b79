import { allowed, fieldOf, type Finding, notChecked, refused, saying, textOf } from "../access.ts";
import { shown } from "../shown.ts";
import type { BedrockAnswer } from "./bedrock-access-client.ts";
import { denied, idleFinding, useCaseRemedy } from "./bedrock-access-words.ts";

/** A way to several regions at once, under an id of its own. */
export interface InferenceProfile {
  readonly id: string;
  /** The ARNs of the models that it leads to. */
  readonly models: readonly string[];
}

/** The inference profiles of Claude in a reply of ListInferenceProfiles; undefined where it is none. */
export const profilesIn = ({ body }: BedrockAnswer): readonly InferenceProfile[] | undefined => {
  const listed = fieldOf(body, "inferenceProfileSummaries");
  if (!Array.isArray(listed)) return undefined;
  return listed
    .map((each: unknown) => ({ id: textOf(each, "inferenceProfileId"), models: arnsIn(each) }))
    .filter(({ id, models }) => [id, ...models].some((name) => name.includes("anthropic.")));
};

const arnsIn = (profile: unknown): readonly string[] => {
  const models = fieldOf(profile, "models");
  return Array.isArray(models) ? models.map((each: unknown) => textOf(each, "modelArn")) : [];
};

/** What a reply of ListInferenceProfiles means, which Claude Code asks for to see which models there are. */
export const listingFinding = (answer: BedrockAnswer, region: string): Finding => {
  const count = profilesIn(answer)?.length;
  if (count === 0) {
    return notChecked(
      `Bedrock has no inference profile of Claude in ${region}: Claude may not be offered there.`,
      "Choose another region, unless a model below is found.",
    );
  }
  if (count !== undefined) {
    return allowed(`${region} has ${count} inference profile${count === 1 ? "" : "s"} of Claude.`);
  }
  return answer.code === "AccessDeniedException"
    ? denied({ place: region }, answer.message)
    : nothingLearnt(answer);
};

/** What a reply of GetUseCaseForModelAccess means. */
export const useCaseFinding = (answer: BedrockAnswer): Finding => {
  if (textOf(answer.body, "formData") !== "") {
    return allowed("The use case details that Anthropic asks for have been submitted.");
  }
  switch (answer.code) {
    case "ResourceNotFoundException":
      // Whether a member account is told of its organisation's form is not documented.
      return notChecked(
        "This account has not submitted the use case details that Anthropic asks for; those of the organisation's management account count as well.",
        useCaseRemedy,
      );
    case "AccessDeniedException":
      return notChecked("This role may not see whether the use case details have been submitted.");
    default:
      return nothingLearnt(answer);
  }
};

/**
 * What a reply of GetFoundationModelAvailability says against asking for a model; undefined where it says nothing.
 * Bedrock subscribes an account to a model at its first use, which no check may bring about.
 */
export const availabilityFinding = (
  { status, body }: BedrockAnswer,
  model: string,
  region: string,
): Finding | undefined => {
  if (status !== 200) return undefined;
  const name = shown(model);
  if (textOf(body, "authorizationStatus") === "NOT_AUTHORIZED") {
    return refused(
      `AWS has not authorised this account to use ${name}.`,
      "Ask whoever manages the account.",
    );
  }
  // What a profile leads to is offered where it leads to.
  if (textOf(body, "regionAvailability") === "NOT_AVAILABLE" && modelNameOf(model) === model) {
    return refused(
      `${name} is not offered in ${region}.`,
      "Name another model, or another region.",
    );
  }
  const agreement = fieldOf(body, "agreementAvailability");
  switch (textOf(agreement, "status")) {
    case "NOT_AVAILABLE":
      return notChecked(
        `Nobody has used ${name} in this account yet: AWS subscribes the account to it at the first use, so it was not tried.`,
        "Use it once with a role that has aws-marketplace:Subscribe, or ask whoever manages the account to.",
      );
    case "PENDING":
      return notChecked(`This account is being subscribed to ${name}.`, "Try again in 15 minutes.");
    case "ERROR":
      return refused(
        `This account could not be subscribed to ${name}.${saying(textOf(agreement, "errorMessage"))}`,
        "Ask whoever manages the account.",
      );
    default:
      return undefined;
  }
};

/** The model inside an id or ARN of a model or of one of AWS's inference profiles; undefined where neither tells. */
export const modelNameOf = (model: string): string | undefined =>
  /^(?:arn:[^/]*:(?:foundation-model|inference-profile)\/)?(?:[a-z-]+\.)?(anthropic\.[\w.:-]+)$/u.exec(
    model,
  )?.[1];

const nothingLearnt = (answer: BedrockAnswer): Finding =>
  idleFinding(answer) ??
  notChecked(`${answer.host} answers with ${answer.status}.${saying(answer.message)}`);
