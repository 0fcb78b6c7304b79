import {
  allowed,
  type Finding,
  isAboutForm,
  knownIds,
  notChecked,
  refused,
  saying,
} from "../access.ts";
import { shown } from "../shown.ts";
import type { BedrockAnswer } from "./bedrock-access-client.ts";

/** A model that Bedrock was asked to run with a request that it cannot run. */
export interface Attempt {
  /** `bedrock:InvokeModel` */
  readonly action: string;
  readonly model: string;
  /** `us-east-1`, or the gateway. */
  readonly place: string;
  /** Inference profiles that contain the model. */
  readonly profiles: readonly string[];
}

/** What an answer means: by its exception, and where that says several things by AWS's words for them. */
interface Meaning {
  readonly code: string;
  readonly says?: (message: string) => boolean;
  readonly finding: (attempt: Attempt, message: string) => Finding;
}

/** How the form that Anthropic asks for is filled in. */
export const useCaseRemedy =
  "Fill in the form: Bedrock console, Model catalog, any model of Anthropic; it holds for the whole account 15 minutes later.";

const marketplaceRemedy =
  "Have somebody use the model once whose role has aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions.";

const supportRemedy = "Ask AWS Support, who alone can change it.";

const signInRemedy = "Sign in again: evercred login";

/**
 * Bedrock user guide, "Troubleshooting Amazon Bedrock API error codes" and "Request access to models"; AWS re:Post,
 * "InvokeModel API error" and "validation exception errors"; the words as users of many programs have reported them.
 */
const meanings: readonly Meaning[] = [
  {
    // Whoever may not run the model never gets as far as its form: permission is looked at first.
    code: "ValidationException",
    says: isAboutForm,
    finding: ({ action, model, place }) =>
      allowed(`${action} is permitted, and ${place} has ${shown(model)}.`),
  },
  {
    code: "ValidationException",
    says: (message) => /on-demand throughput/iu.test(message),
    finding: ({ model, profiles }) =>
      refused(
        `${shown(model)} can only be used by an inference profile.`,
        profiles.length === 0
          ? "Name one that contains it: see aws bedrock list-inference-profiles."
          : `Name one that contains it: ${knownIds(profiles)}`,
      ),
  },
  {
    code: "ValidationException",
    says: (message) => /model identifier is invalid|at 'modelId' failed/iu.test(message),
    finding: ({ model, place }) => noSuchModel(model, place),
  },
  {
    code: "ValidationException",
    says: (message) => /data retention mode/iu.test(message),
    finding: ({ model }, message) =>
      refused(
        `${shown(model)} wants another data retention mode of this account.${saying(message)}`,
        "Ask whoever manages the account: Bedrock user guide, Data retention.",
      ),
  },
  {
    code: "ValidationException",
    says: (message) => /unsupported countries/iu.test(message),
    finding: (_, message) =>
      refused(
        `Anthropic does not serve the country that this account or request comes from.${saying(message)}`,
        supportRemedy,
      ),
  },
  {
    code: "ValidationException",
    says: (message) => /^operation not allowed|account is not authorized/iu.test(message),
    finding: (_, message) =>
      refused(`This account may not use Bedrock models.${saying(message)}`, supportRemedy),
  },
  {
    code: "AccessDeniedException",
    says: (message) => /not authorized to perform: [\w-]+:\w+/iu.test(message),
    finding: (attempt, message) => denied(attempt, message),
  },
  {
    code: "AccessDeniedException",
    says: (message) => /AWS Marketplace actions/iu.test(message),
    finding: ({ model }) =>
      refused(
        `Nobody has subscribed this account to ${shown(model)}, and this role may not do so.`,
        marketplaceRemedy,
      ),
  },
  {
    code: "AccessDeniedException",
    says: (message) => /INVALID_PAYMENT_INSTRUMENT/u.test(message),
    finding: () =>
      refused(
        "This account has no means of payment that AWS Marketplace accepts.",
        "Ask whoever manages its billing to add one.",
      ),
  },
  {
    code: "AccessDeniedException",
    says: (message) => /have access to the model/iu.test(message),
    finding: ({ model, place }) =>
      refused(
        `This account has no access to ${shown(model)} in ${place}.`,
        "Ask whoever manages the account to request it: Bedrock console, Model access.",
      ),
  },
  {
    code: "AccessDeniedException",
    finding: ({ action, model }, message) =>
      refused(
        `AWS refuses ${action} on ${shown(model)}.${saying(message)}`,
        "Ask whoever manages the account.",
      ),
  },
  { code: "FTUFormNotFilled", finding: () => useCaseMissing },
  {
    code: "ResourceNotFoundException",
    says: (message) => /use case details/iu.test(message),
    finding: () => useCaseMissing,
  },
  {
    code: "ResourceNotFoundException",
    says: (message) => /end of its life|marked by provider as legacy/iu.test(message),
    finding: ({ model }, message) =>
      refused(
        `${shown(model)} is no longer offered to this account.${saying(message)}`,
        "Name a newer model.",
      ),
  },
  {
    code: "ResourceNotFoundException",
    finding: ({ model, place }) => noSuchModel(model, place),
  },
];

/** AWS does not know, or no longer, the keys that signed (errors common to all services of AWS). */
const keyCodes: ReadonlySet<string> = new Set([
  "ExpiredTokenException",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "IncompleteSignatureException",
  "MissingAuthenticationTokenException",
]);

/** Why nothing was learnt from an answer; undefined where it is about what was asked. */
export const idleFinding = ({
  host,
  status,
  code,
  message,
}: BedrockAnswer): Finding | undefined => {
  if (keyCodes.has(code)) {
    const region =
      code === "UnrecognizedClientException"
        ? " A region that the account has to switch on first says the same."
        : "";
    return notChecked(`AWS does not accept these keys.${saying(message)}${region}`, signInRemedy);
  }
  if (status === 429) {
    return notChecked(
      `${host} asks us to wait: a quota of the account is used up.${saying(message)}`,
      "Try again; if it stays so, ask for more: Service Quotas console, Amazon Bedrock.",
    );
  }
  if (status >= 500) {
    return notChecked(`${host} has a fault (${status}).${saying(message)}`, "Try again later.");
  }
  return undefined;
};

/** What Bedrock's answer to an attempt means. What it says in words that nobody knows is not learnt from. */
export const attemptFinding = (answer: BedrockAnswer, attempt: Attempt): Finding => {
  const { host, status, code, message } = answer;
  const meaning = meanings.find((each) => each.code === code && each.says?.(message) !== false);
  return (
    idleFinding(answer) ??
    meaning?.finding(attempt, message) ??
    notChecked(`${host} answers with ${status}.${saying(message)}`)
  );
};

const useCaseMissing = refused(
  "The use case details that Anthropic asks for have not been submitted for this account.",
  useCaseRemedy,
);

const noSuchModel = (model: string, place: string): Finding =>
  refused(
    `${place} has no model ${shown(model)}.`,
    "Correct its id, or the region: see aws bedrock list-inference-profiles.",
  );

/** The forms of a refusal by IAM (IAM user guide, "Troubleshoot access denied error messages"). */
const denial =
  /not authorized to perform: (?<action>[\w-]+:\w+)(?: on resource: (?<resource>\S+))?(?<why>.*)/isu;

/** What a refusal by IAM says: which action, on what, by which kind of policy. */
export const denied = ({ place }: Pick<Attempt, "place">, message: string): Finding => {
  const { action = "", resource = "", why = "" } = denial.exec(message)?.groups ?? {};
  const on = resource === "" ? "" : ` on ${shown(resource, 200)}`;
  const policy = /explicit deny in an? ([\w -]+?policy|[\w -]+?boundary)/iu.exec(why)?.[1];
  if (policy === undefined) {
    return refused(
      `No policy allows ${action}${on}.`,
      `Ask whoever manages the role to allow ${action} there.`,
    );
  }
  // An inference profile leads to other regions, and an organisation's policy may forbid just one of them.
  const region = /^arn:[^:]*:bedrock:([^:]*):/u.exec(resource)?.[1] ?? place;
  const elsewhere =
    region === place || region === "" ? "" : ` The inference profile leads to ${shown(region)}.`;
  return refused(
    `An explicit deny in a ${policy} forbids ${action}${on}.${elsewhere}`,
    /control policy/iu.test(policy)
      ? "Ask whoever manages the organisation's policies, or name a model of another region."
      : "Ask whoever manages the account's policies.",
  );
};
