import * as z from "zod";

const text = z.string().min(1);

/** Empty is as good as not there. */
const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === "" ? undefined : value));

/** Whose it is has to be seen, too. */
const endpoint = z.url({ protocol: /^https$/u });

const common = {
  quota_project_id: optionalText,
  universe_domain: z
    .string()
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu)
    .default("googleapis.com"),
};

export const personForm = z.object({
  type: z.literal("authorized_user"),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  token_uri: endpoint.optional(),
  account: optionalText,
  ...common,
});

export const federatedPersonForm = z.object({
  type: z.literal("external_account_authorized_user"),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  token_url: endpoint.optional(),
  token_info_url: endpoint.nullish(),
  revoke_url: endpoint.nullish(),
  account: optionalText,
  ...common,
});

export const serviceAccountForm = z.object({
  type: z.literal("service_account"),
  client_email: text,
  private_key: text,
  project_id: optionalText,
  token_uri: endpoint.optional(),
  ...common,
});

const formatForm = z
  .object({
    type: z.enum(["text", "json"]).default("text"),
    subject_token_field_name: text.optional(),
  })
  .refine(({ type, subject_token_field_name: name }) => type === "text" || name !== undefined, {
    path: ["subject_token_field_name"],
  })
  .optional();

const fileForm = z.object({ file: text, format: formatForm });

const urlForm = z.object({
  url: z.url({ protocol: /^https?$/u }),
  headers: z.record(z.string(), z.string()).optional(),
  format: formatForm,
});

const executableForm = z.object({
  executable: z.object({
    command: text,
    timeout_millis: z.number().int().min(5_000).max(120_000).default(30_000),
    output_file: text.optional(),
  }),
});

/** Where every machine of AWS finds itself described; nothing else may be asked for keys. */
const machineAddress = /^http:\/\/(?:169\.254\.169\.254|\[fd00:ec2::254\])\//u;

const awsForm = z.object({
  environment_id: z.literal("aws1"),
  region_url: z.string().regex(machineAddress).optional(),
  url: z.string().regex(machineAddress).optional(),
  imdsv2_session_token_url: z.string().regex(machineAddress).optional(),
  regional_cred_verification_url: endpoint,
});

const subjectForm = z.unknown().transform((value, context) => {
  const form = subjectFormOf(value);
  if (form === undefined) {
    context.addIssue({ code: "custom" });
    return z.NEVER;
  }
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path } of parsed.error.issues) context.addIssue({ code: "custom", path });
  return z.NEVER;
});

const subjectFormOf = (value: unknown) => {
  if (typeof value !== "object" || value === null) return undefined;
  if ("environment_id" in value) return awsForm;
  if ("executable" in value) return executableForm;
  if ("file" in value) return fileForm;
  return "url" in value ? urlForm : undefined;
};

/** The address at which a token of a service account is asked for: its name is in it. */
const impersonationPath = /^\/v1\/projects\/-\/serviceAccounts\/([^/:?#%]+):generateAccessToken$/u;

/** The service account in an address that impersonates it. */
export const accountIn = (url: string): string =>
  impersonationPath.exec(new URL(url).pathname)?.[1] ?? "";

const impersonationUrl = endpoint
  .max(256)
  .refine((url) => URL.canParse(url) && accountIn(url) !== "");

const workforcePool = /^\/\/iam\.[^/]+\/locations\/[^/]+\/workforcePools\/[^/]+\/providers\/./u;

export const externalForm = z
  .object({
    type: z.literal("external_account"),
    audience: text,
    subject_token_type: text,
    token_url: endpoint.optional(),
    credential_source: subjectForm,
    service_account_impersonation_url: impersonationUrl.nullish(),
    service_account_impersonation: z
      .object({ token_lifetime_seconds: z.number().int().min(600).max(43_200).optional() })
      .nullish(),
    workforce_pool_user_project: optionalText,
    client_id: optionalText,
    client_secret: optionalText,
    ...common,
  })
  .refine(
    ({ audience, workforce_pool_user_project: project }) =>
      project === undefined || workforcePool.test(audience),
    { path: ["workforce_pool_user_project"] },
  );

export const impersonatedForm = z.object({
  type: z.literal("impersonated_service_account"),
  source_credentials: z.record(z.string(), z.unknown()),
  service_account_impersonation_url: impersonationUrl,
  delegates: z.array(text).default([]),
  scopes: z.array(text).default([]),
  ...common,
});

/** A person's consent to an OAuth client. */
export type AdcPerson = z.infer<typeof personForm>;
/** A person's sign-in to a workforce pool. */
export type AdcFederatedPerson = z.infer<typeof federatedPersonForm>;
/** A service account with a key. */
export type AdcServiceAccount = z.infer<typeof serviceAccountForm>;
/** An identity that somebody else vouches for. */
export type AdcExternal = z.infer<typeof externalForm>;
/** Where an outside identity finds its proof. */
export type AdcSubject = AdcExternal["credential_source"];
/** What stands for itself. */
export type AdcBase = AdcPerson | AdcFederatedPerson | AdcServiceAccount | AdcExternal;
/** A service account that another one of these becomes. */
export type AdcImpersonated = Omit<z.infer<typeof impersonatedForm>, "source_credentials"> & {
  readonly source_credentials: AdcBase;
};
/** Application Default Credentials, by the names that they have in the file. */
export type Adc = AdcBase | AdcImpersonated;
