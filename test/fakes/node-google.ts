import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What google-auth-library got, or why not. */
export interface NodeAnswer {
  readonly token?: string;
  readonly error?: string;
  readonly status?: number;
}

/**
 * Asks google-auth-library, in a process of its own, for a token with the default credentials of this environment, and
 * of no other. With `audience` an identity token.
 */
export async function askNodeGoogle(
  env: Readonly<Record<string, string>>,
  ask: { readonly scopes?: readonly string[]; readonly audience?: string } = {},
): Promise<NodeAnswer> {
  const script = join(import.meta.dirname, "node-google.mjs");
  const words = ask.audience === undefined ? (ask.scopes ?? []) : ["--audience", ask.audience];
  const { stdout } = await run(process.execPath, [script, ...words], { env, timeout: 25_000 });
  const answer: NodeAnswer = JSON.parse(stdout);
  return answer;
}
