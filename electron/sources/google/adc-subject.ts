import { EvercredError } from "../../core/errors.ts";
import { shown } from "../shown.ts";
import { ownErrorIn } from "../own-error.ts";
import type { AdcSubject } from "./adc-forms.ts";
import { type ProvenIdentity, tokenOfProgram } from "./adc-program.ts";
import type { GooglePorts } from "./ports.ts";
import { fileFaultOf, objectIn, readSmallFile } from "./small-file.ts";

type Subject<Name extends string> = Extract<AdcSubject, Readonly<Record<Name, unknown>>>;

/** Where an outside identity finds its proof, but for AWS, whose keys sign one. */
export type TokenSubject = Exclude<AdcSubject, { readonly environment_id: unknown }>;

/**
 * The token by which an outside identity proves itself to Google. The library's own ways would read without bounds,
 * and a program that is not there would end the daemon with them.
 */
export const subjectTokenOf = async (
  identity: ProvenIdentity,
  subject: TokenSubject,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  if ("executable" in subject) return tokenOfProgram(identity, subject.executable, ports, signal);
  return "file" in subject
    ? tokenInFile(identity, subject)
    : tokenAtAddress(identity, subject, ports, signal);
};

const tokenInFile = async (
  { id }: ProvenIdentity,
  { file, format }: Subject<"file">,
): Promise<string> => {
  const read = await readSmallFile(file);
  const remedy = "See that whatever writes it runs, or correct its name in credential_source.";
  if (read.kind !== "text") {
    const { sentence } = fileFaultOf(shown(file), read.kind);
    throw new EvercredError("config-invalid", `${sentence} It should prove who ${id} is.`, {
      remedy,
    });
  }
  const token = tokenIn(read.text, format);
  if (token !== undefined) return token;
  const sentence = `There is no token in ${shown(file)}, which should prove who ${id} is.`;
  throw new EvercredError("config-invalid", sentence, { remedy });
};

const tokenAtAddress = async (
  { id }: ProvenIdentity,
  { url, headers, format }: Subject<"url">,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  const { Transport } = await import("./sdk.ts");
  const { host } = new URL(url);
  const remedy = "See that whatever answers there runs, or correct url in credential_source.";
  let data: unknown;
  try {
    const sent = { url, method: "GET" as const, responseType: "text" as const };
    ({ data } = await new Transport(ports, signal).request<unknown>({
      ...sent,
      ...(headers && { headers }),
    }));
  } catch (thrown) {
    signal.throwIfAborted();
    const own = ownErrorIn(thrown);
    if (own !== undefined) throw own;
    throw new EvercredError("access-denied", `${host} gives no token that proves who ${id} is.`, {
      remedy,
      cause: thrown,
    });
  }
  const token = typeof data === "string" ? tokenIn(data, format) : undefined;
  if (token !== undefined) return token;
  throw new EvercredError("reply-invalid", `There is no token in what ${host} says of ${id}.`, {
    remedy,
  });
};

/** What stands in a text of this format. */
const tokenIn = (text: string, format: Subject<"file">["format"]): string | undefined => {
  if (format?.type !== "json") return text.trim() || undefined;
  const value = objectIn(text)?.[format.subject_token_field_name ?? ""];
  return typeof value === "string" && value !== "" ? value : undefined;
};
