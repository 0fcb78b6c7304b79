import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { gcloudLibraries } from "./cloud/google/gcloud.ts";

const run = promisify(execFile);

/** What google-auth for Python got, or why not. */
export interface PythonAnswer {
  readonly token?: string;
  /** Of an access token: ISO 8601. */
  readonly expiry?: string | null;
  readonly project?: string | null;
  readonly error?: string;
  /** The name of the exception. */
  readonly kind?: string;
}

/**
 * Asks google-auth for Python, as gcloud brings it, for a token with the default credentials of this environment, and
 * of no other. With `audience` an identity token.
 */
export async function askPythonGoogle(
  env: Readonly<Record<string, string>>,
  ask: { readonly scopes?: readonly string[]; readonly audience?: string } = {},
): Promise<PythonAnswer> {
  const script = join(import.meta.dirname, "python-google.py");
  const words = ask.audience === undefined ? (ask.scopes ?? []) : ["--audience", ask.audience];
  const { stdout } = await run("/usr/bin/python3", [script, ...words], {
    env: { PATH: "/usr/bin:/bin", ...env, PYTHONPATH: gcloudLibraries },
    timeout: 25_000,
  });
  const answer: PythonAnswer = JSON.parse(stdout);
  return answer;
}
