import * as z from "zod";
import { EvercredError } from "../../core/errors.ts";
import { type Clock, instantOf, plus } from "../../core/time.ts";
import { type Argv, startProgram, TooMuchOutput } from "../command.ts";
import { withDeadline } from "../deadline.ts";
import { findProgram, programsReady } from "../program.ts";
import { shown } from "../shown.ts";
import type { Adc, AdcExternal, AdcSubject } from "./adc-forms.ts";
import type { GooglePorts } from "./ports.ts";
import { objectIn, readSmallFile } from "./small-file.ts";

/** An outside identity that wants to be proved. */
export interface ProvenIdentity {
  /** Of the source, for the sentences. */
  readonly id: string;
  readonly adc: AdcExternal;
  /** The service account that it becomes then. */
  readonly becomes: string | undefined;
  /** Whether a program that the file names may be run. */
  readonly allowExecutables: boolean;
}

type Executable = Extract<AdcSubject, { readonly executable: unknown }>["executable"];

const saml = "urn:ietf:params:oauth:token-type:saml2";

const tokenForm = z.object({
  version: z.literal(1),
  success: z.literal(true),
  token_type: z.enum([
    saml,
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:jwt",
  ]),
  id_token: z.string().min(1).optional(),
  saml_response: z.string().min(1).optional(),
  /** In epoch seconds. */
  expiration_time: z.number().optional(),
});

const refusalForm = z.object({ success: z.literal(false), code: z.string(), message: z.string() });

/** Tokens are smaller. */
const maxBytes = 64 * 1024;

/**
 * The token that a program prints, or has left in its file. The library's own way could not be ended, would read
 * without bounds, and would take the daemon along where the program is not there.
 */
export const tokenOfProgram = async (
  identity: ProvenIdentity,
  executable: Executable,
  ports: GooglePorts,
  signal: AbortSignal,
): Promise<string> => {
  const { id, allowExecutables } = identity;
  const { command, output_file: outputFile } = executable;
  const [name = "", ...args] = wordsOf(command);
  const program = `The program ${shown(name)}, which proves who ${id} is,`;
  if (!allowExecutables) {
    throw new EvercredError("config-invalid", `${program} may not be run.`, {
      remedy: `If you trust it, set allowExecutables of sources.${id} to true.`,
    });
  }
  const left = await tokenLeftIn(outputFile, ports.clock);
  if (left !== undefined) return left;
  await programsReady();
  const path = findProgram(name, ports.env, ports.home);
  if (path === undefined) {
    throw new EvercredError("program-missing", `${program} is not found.`, {
      remedy: "Install it, or name its whole path in credential_source.",
    });
  }
  const failed = (what: string, cause?: unknown): EvercredError =>
    new EvercredError("access-denied", `${program} ${what}.`, {
      remedy: "Run it in a terminal to see what it lacks.",
      cause,
    });
  const env = { ...ports.env, ...variablesOf(identity, outputFile) };
  const run = { argv: [path, ...args] as const, env, timeoutMs: executable.timeout_millis };
  const { code, stdout } = await runFor(run, program, ports.clock, signal).catch(
    (thrown: unknown) => {
      signal.throwIfAborted();
      if (thrown instanceof EvercredError) throw thrown;
      throw failed(thrown instanceof TooMuchOutput ? "prints too much" : "cannot be run", thrown);
    },
  );
  const said = objectIn(stdout);
  const refusal = refusalForm.safeParse(said).data;
  if (refusal !== undefined) {
    throw failed(`gives no token. It says: ${shown(refusal.message).replace(/\.$/, "")}`);
  }
  if (code !== 0) throw failed(`has failed (exit code ${code ?? "none"})`);
  const given = tokenForm.safeParse(said).data;
  const token = given && tokenOf(given);
  if (token === undefined) throw failed("prints something else than a token");
  const end = given?.expiration_time;
  if (end === undefined && outputFile !== undefined) {
    throw failed("does not say when its token ends");
  }
  if (end !== undefined && isOver(end, ports.clock)) throw failed("gives a token that has ended");
  return token;
};

/** The program that a file names, where it is now; its name where it is not found. */
export const programsIn = (
  adc: Adc,
  ports: Pick<GooglePorts, "env" | "home">,
): readonly string[] => {
  const base = adc.type === "impersonated_service_account" ? adc.source_credentials : adc;
  if (base.type !== "external_account" || !("executable" in base.credential_source)) return [];
  const [name = ""] = wordsOf(base.credential_source.executable.command);
  return [findProgram(name, ports.env, ports.home) ?? name];
};

interface Run {
  readonly argv: Argv;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

const runFor = async (
  { argv, env, timeoutMs }: Run,
  program: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly stdout: string }> => {
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer, from: "stdout" | "stderr"): void => {
    if (from === "stderr") return;
    length += chunk.length;
    if (length > maxBytes) throw new TooMuchOutput();
    chunks.push(chunk);
  };
  const sentence = `${program} has not ended within ${timeoutMs / 1000} s.`;
  const late = new EvercredError("timed-out", sentence);
  const endsAt = plus(clock.now(), timeoutMs);
  const code = await withDeadline(
    clock,
    endsAt,
    late,
    signal,
    (inner) => startProgram(argv, { env, take }, inner).ended,
  );
  return { code, stdout: Buffer.concat(chunks).toString("utf8") };
};

/** What an earlier run has left, where that is still good. */
const tokenLeftIn = async (file: string | undefined, clock: Clock): Promise<string | undefined> => {
  const read = file === undefined ? undefined : await readSmallFile(file);
  if (read?.kind !== "text") return undefined;
  const left = tokenForm.safeParse(objectIn(read.text)).data;
  if (left?.expiration_time === undefined || isOver(left.expiration_time, clock)) return undefined;
  return tokenOf(left);
};

const isOver = (epochSeconds: number, clock: Clock): boolean =>
  clock.now() >= instantOf(epochSeconds * 1000);

const tokenOf = ({ token_type: type, ...given }: z.infer<typeof tokenForm>): string | undefined =>
  type === saml ? given.saml_response : given.id_token;

/** A line of a command, as Google's libraries take it apart: at spaces, but not between quotation marks. */
const wordsOf = (command: string): readonly string[] =>
  (command.match(/(?:[^\s"]+|"[^"]*")+/g) ?? []).map((word) => word.replace(/^"(.*)"$/s, "$1"));

/** What such a program is told, as Google's libraries do. */
const variablesOf = (
  { adc, becomes }: ProvenIdentity,
  outputFile: string | undefined,
): Readonly<Record<string, string>> => ({
  GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1",
  GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: adc.audience,
  GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: adc.subject_token_type,
  GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: "0",
  ...(becomes !== undefined && { GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: becomes }),
  ...(outputFile !== undefined && { GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: outputFile }),
});
