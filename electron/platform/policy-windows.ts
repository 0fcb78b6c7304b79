import { execFile } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { reasonOf } from "./atomic-file.ts";
import { decoded, type FoundPolicy } from "./policy-file.ts";
import { accessBy } from "./policy-sddl.ts";

/*
 * Programs and folders of Windows are named by their fixed places: SystemRoot, ProgramData and PATH are variables of
 * whoever starts us.
 */

const run = promisify(execFile);

const system = String.raw`C:\Windows\System32`;

/** They have no more to do than to read a few bytes, in milliseconds. */
const options = { env: {}, windowsHide: true, timeout: 15_000 };

const policies = String.raw`HKLM\SOFTWARE\Policies`;

/** The value `Policy` (REG_SZ, JSON) of our key among the policies, which administrators alone can write. Never rejects. */
export const readPolicyValue = async (): Promise<FoundPolicy> => {
  const file = String.raw`${policies}\Evercred`;
  try {
    if (!/\\Policies\\Evercred\r?$/imu.test(await query(policies))) return { kind: "none" };
    return policyIn(await query(file), file);
  } catch (thrown) {
    return { kind: "unusable", file, why: `The registry cannot be read (${reasonOf(thrown)}).` };
  }
};

const query = async (key: string): Promise<string> => {
  const { stdout } = await run(String.raw`${system}\reg.exe`, ["query", key, "/reg:64"], options);
  return stdout;
};

/** What `reg query` prints of a key: a line a value, with its name, its type and what it is. */
export const policyIn = (printed: string, file: string): FoundPolicy => {
  const line = /^ {4}Policy {4}(REG_\w+) {4}(.*?)\r?$/imu.exec(printed);
  if (line === null) return { kind: "none" };
  const [, type, text = ""] = line;
  return type === "REG_SZ"
    ? { kind: "policy", file, text, isWritten: false }
    : { kind: "unusable", file, why: "Its value Policy is no REG_SZ." };
};

/** Reads a file that only administrators may have written, in a folder of theirs. Never rejects. */
export const readProgramDataFile = async (file: string): Promise<FoundPolicy> => {
  const folder = dirname(file);
  const unusable = (why: string): FoundPolicy => ({ kind: "unusable", file, why });
  try {
    const isPlain = lstatSync(file).isFile() && !lstatSync(folder).isSymbolicLink();
    if (!isPlain) return unusable("It or its folder is a link.");
    const [ofFile, ofFolder] = await descriptorsOf(file, folder);
    const access = accessBy(ofFile, "file");
    if (access === "planted") {
      return { kind: "planted", file, why: "It does not belong to the administrators." };
    }
    if (access === "loose") return unusable("Others than administrators can write it.");
    if (accessBy(ofFolder, "folder") !== "fine") {
      return unusable(`Others than administrators can write its folder ${folder}.`);
    }
    return decoded(file, readFileSync(file));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return reason === "ENOENT" ? { kind: "none" } : unusable(`It cannot be read (${reason}).`);
  }
};

/** Node knows no owners there. No cmdlet is used: which one is found depends on the environment. */
const descriptorsOf = async (file: string, folder: string): Promise<readonly [string, string]> => {
  const script = `[IO.File]::GetAccessControl('${file}').Sddl; [IO.Directory]::GetAccessControl('${folder}').Sddl`;
  const words = ["-NoProfile", "-NonInteractive", "-Command", script];
  const shell = String.raw`${system}\WindowsPowerShell\v1.0\powershell.exe`;
  const { stdout } = await run(shell, words, options);
  const [ofFile = "", ofFolder = ""] = stdout.split(/\r?\n/u);
  return [ofFile, ofFolder];
};
