import type { Secret } from "../../core/secret.ts";
import {
  allowed,
  fieldOf,
  type Finding,
  isAboutForm,
  jsonOf,
  notChecked,
  refused,
  saying,
  textOf,
} from "../access.ts";
import { shown } from "../shown.ts";
import { withoutKey } from "../without-key.ts";

/** What Vertex AI, or a gateway in its stead, answers. */
export interface VertexAnswer {
  readonly host: string;
  readonly status: number;
  /** The JSON of the reply; undefined where it is none. */
  readonly body: unknown;
  readonly message: string;
}

/** Somebody's wish to run a model with a request that it cannot answer; without a model, to see the project's region. */
export interface Wish {
  readonly project: string;
  /** A region, or the gateway. */
  readonly place: string;
  readonly model: string | undefined;
}

/** Of a longer message only so much is looked at, in characters. */
const mostMessage = 2_000;

/** A reply in the form that both of them have. What it quotes of `secret`, which it was asked with, is left out. */
export const vertexAnswerOf = (
  host: string,
  status: number,
  text: string,
  secret: Secret | undefined,
): VertexAnswer => {
  const json = jsonOf(text);
  // Streaming methods, and some gateways, put it into a list.
  const body: unknown = Array.isArray(json) ? json[0] : json;
  const says = textOf(fieldOf(body, "error"), "message").slice(0, mostMessage);
  const message = secret === undefined ? says : withoutKey(says, secret.reveal());
  return { host, status, body, message };
};

/** Google's reason, by the `ErrorInfo` among an error's details (AIP-193): `SERVICE_DISABLED`. */
interface Reason {
  readonly reason: string;
  readonly metadata: unknown;
}

const reasonOf = ({ body }: VertexAnswer): Reason => {
  const details = fieldOf(fieldOf(body, "error"), "details");
  const info: unknown = Array.isArray(details)
    ? details.find((each) => textOf(each, "@type").endsWith("google.rpc.ErrorInfo"))
    : undefined;
  return { reason: textOf(info, "reason"), metadata: fieldOf(info, "metadata") };
};

type Meaning = (wish: Wish, answer: VertexAnswer, metadata: unknown) => Finding;

const enableRemedy = (project: string): string =>
  `Enable it: gcloud services enable aiplatform.googleapis.com --project ${shown(project)}`;

/** By the reasons of `googleapis.com` (google/api/error_reason.proto), and those of IAM. */
const byReason: Readonly<Partial<Record<string, Meaning>>> = {
  SERVICE_DISABLED: ({ project }, _, metadata) => {
    const url = textOf(metadata, "activationUrl");
    return refused(
      `The Vertex AI API is not enabled in ${shown(project)}.`,
      url.startsWith("https://console.") ? `Enable it: ${shown(url, 200)}` : enableRemedy(project),
    );
  },
  BILLING_DISABLED: ({ project }) =>
    refused(
      `${shown(project)} has no billing account.`,
      "Link one: Google Cloud console, Billing; it holds a few minutes later.",
    ),
  CONSUMER_INVALID: (wish) => noProject(wish),
  CONSUMER_SUSPENDED: ({ project }) =>
    refused(`Google has suspended ${shown(project)}.`, "Ask whoever manages the project."),
  USER_PROJECT_DENIED: ({ project }) =>
    refused(
      `This account may not use ${shown(project)}.`,
      "Ask whoever manages the project for the role Service Usage Consumer.",
    ),
  IAM_PERMISSION_DENIED: (wish, _, metadata) => notPermitted(wish, textOf(metadata, "permission")),
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: () =>
    refused(
      "This sign-in does not include Google Cloud.",
      "Sign in with the scope https://www.googleapis.com/auth/cloud-platform",
    ),
  RESOURCE_PROJECT_INVALID: (wish) => noProject(wish),
  LOCATION_POLICY_VIOLATED: (_, { message }) => forbidden(message),
  ORG_RESTRICTION_VIOLATION: (_, { message }) => forbidden(message),
  SECURITY_POLICY_VIOLATED: (_, { message }) => forbidden(message),
};

const noProject = ({ project }: Wish): Finding =>
  refused(
    `There is no project ${shown(project)}, or this account may not see it.`,
    "Correct its ID: see gcloud projects list.",
  );

const forbidden = (message: string): Finding =>
  refused(
    `A policy of the organisation forbids it.${saying(message)}`,
    "Ask whoever manages the organisation's policies.",
  );

const notInGarden = ({ model = "", project, place }: Wish, message: string): Finding =>
  refused(
    `${shown(project)} cannot use ${shown(model)} in ${place}.${saying(message)}`,
    "Enable the model in Model Garden of the Google Cloud console, or name another model or region.",
  );

/** The one permission that running a model takes ("Vertex AI access control", Vertex AI User). */
const predict = "aiplatform.endpoints.predict";

const notPermitted = ({ project, model }: Wish, permission: string): Finding =>
  model === undefined
    ? notChecked(
        `This account may not look into ${shown(project)} itself, only perhaps run models.`,
      )
    : refused(
        `This account does not have ${shown(permission || predict)} in ${shown(project)}.`,
        "Ask whoever manages the project for the role Vertex AI User, which has it.",
      );

/**
 * What Vertex AI's answer means. What it says in words that nobody knows is not learnt from. The words are those of
 * Vertex AI as users of many programs have reported them.
 */
export const vertexFinding = (answer: VertexAnswer, wish: Wish): Finding => {
  const { host, status, body, message } = answer;
  const { project, place, model } = wish;
  const { reason, metadata } = reasonOf(answer);
  const known = byReason[reason]?.(wish, answer, metadata) ?? byWords(answer, wish);
  if (known !== undefined) return known;
  if (model === undefined && status === 200 && textOf(body, "name") !== "") {
    return allowed(`The Vertex AI API is enabled in ${shown(project)}, and has ${place}.`);
  }
  if (status >= 500) {
    return notChecked(`${host} has a fault (${status}).${saying(message)}`, "Try again later.");
  }
  return notChecked(`${host} answers with ${status}.${saying(message)}`);
};

/** What is known by an error's status, and where that says several things by Google's words for them. */
const byWords = ({ body, message }: VertexAnswer, wish: Wish): Finding | undefined => {
  const { project, place, model } = wish;
  const error = fieldOf(body, "error");
  const status = textOf(error, "status");
  // Only what may run the model gets through to it: it alone looks at the form.
  const isFromModel = textOf(error, "type") === "invalid_request_error";
  if (
    model !== undefined &&
    (isFromModel || status === "INVALID_ARGUMENT") &&
    isAboutForm(message)
  ) {
    return allowed(`${predict} is permitted, and ${place} has ${shown(model)}.`);
  }
  const isAboutModel = /publisher model/iu.test(message);
  switch (status) {
    case "UNAUTHENTICATED":
      return notChecked(
        `Google does not accept this access token.${saying(message)}`,
        "Sign in again: evercred login",
      );
    case "NOT_FOUND":
      return isAboutModel ? notInGarden(wish, message) : undefined;
    case "FAILED_PRECONDITION":
      if (/organization policy/iu.test(message)) return forbidden(message);
      return isAboutModel ? notInGarden(wish, message) : undefined;
    case "PERMISSION_DENIED": {
      const permission = /permission '([\w.]+)' denied/iu.exec(message)?.[1];
      return permission === undefined ? undefined : notPermitted(wish, permission);
    }
    case "RESOURCE_EXHAUSTED":
      // New projects have a quota of zero for many models: then it is not a matter of waiting.
      return /quota exceeded/iu.test(message)
        ? refused(
            `${shown(project)} has no quota left for ${shown(model ?? "this")} in ${place}, or never had any.${saying(message)}`,
            "Wait a minute; if it stays so, ask for more: Google Cloud console, Quotas.",
          )
        : notChecked(`Vertex AI has no time now.${saying(message)}`, "Try again later.");
    default:
      return undefined;
  }
};
