import * as z from "zod";
import { EvercredError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { type Instant, instantOf } from "../../core/time.ts";
import type { FoundKeys } from "./aws-keys.ts";

const text = z.string().min(1);

/** What programs leave out by writing null. */
const optionalText = text.nullish().transform((value) => value ?? undefined);

/** What a `credential_process` prints (SDK reference guide, "Process credential provider"). */
const outputForm = z.object({
  Version: z.literal(1),
  AccessKeyId: text,
  SecretAccessKey: text,
  SessionToken: optionalText,
  Expiration: optionalText,
  AccountId: optionalText.catch(undefined),
});

/** The keys in what the `credential_process` of profile `name` has printed. None of it gets into an error. */
export const readProcessOutput = (stdout: string, name: string, now: Instant): FoundKeys => {
  const output = outputForm.safeParse(jsonOf(stdout)).data;
  if (output === undefined) {
    throw unusable(
      `What credential_process of ${name} prints is not the JSON that AWS tools take.`,
    );
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = output;
  const endsAt = Expiration === undefined ? undefined : instantOf(Date.parse(Expiration));
  if (Number.isNaN(endsAt)) {
    throw unusable(`The Expiration that credential_process of ${name} prints is no date.`);
  }
  if (endsAt !== undefined && endsAt <= now) {
    throw unusable(`credential_process of ${name} gives keys that have ended.`);
  }
  return {
    accountId: AccountId,
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: SessionToken === undefined ? undefined : new Secret(SessionToken),
    endsAt,
  };
};

const unusable = (sentence: string): EvercredError =>
  new EvercredError("reply-invalid", sentence, {
    remedy: "Run its command in a terminal and see what it prints.",
  });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold keys.
    return undefined;
  }
};
