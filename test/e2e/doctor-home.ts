import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runWith } from "./key-home.ts";
import type { House } from "./house.ts";

/** One finding of `doctor --json`. */
export interface Finding {
  readonly check: string;
  readonly id: string;
  readonly verdict: string;
  readonly message: string;
  readonly evidence: readonly string[];
  readonly remedy?: string;
}

/** What a doctor has said. */
export interface Diagnosis {
  readonly code: number | null;
  readonly verdict: string;
  readonly findings: readonly Finding[];
}

/** A shell of this user's: its folder, and the lines that were typed before. */
export interface Shell {
  readonly folder: string;
  readonly lines: readonly string[];
}

/** Has the doctor look from that shell. */
export const examined = async (house: House, { folder, lines }: Shell): Promise<Diagnosis> => {
  const script = [...lines, "evercred doctor --json"].join("\n");
  const env = { ...house.env, PATH: `${dirname(house.shim)}:${house.env["PATH"] ?? ""}` };
  const { code, stdout, stderr } = await runWith(house, "/bin/sh", ["-c", script], {
    cwd: folder,
    env,
  });
  // What a remedy prints comes before it.
  const document = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (!document.startsWith("{")) throw new Error(`no diagnosis: ${stdout}${stderr}`);
  return { code, ...(JSON.parse(document) as Omit<Diagnosis, "code">) };
};

/**
 * Does what a remedy says, to the letter: a line to be typed is typed into the shell; a line of a file that is to go, goes.
 * Gives the shell as it is then.
 */
export const followed = async (remedy: string, shell: Shell): Promise<Shell> => {
  const [, command] = /^Run: (.+)$/.exec(remedy) ?? [];
  if (command !== undefined) return { ...shell, lines: [...shell.lines, command] };
  const [, first, named, file, second] =
    /line (\d+) of (\S+?)(?:: |\.?$)|of (\S+) \(line (\d+)\)/.exec(remedy) ?? [];
  const path = named ?? file;
  const line = Number(first ?? second);
  if (path === undefined) throw new Error(`nobody can follow: ${remedy}`);
  const text = await readFile(path, "utf8");
  const kept = text.split("\n").filter((_text, index) => index !== line - 1);
  await writeFile(path, kept.join("\n"));
  return shell;
};

/** Writes a file of this user's, with all that is above it. */
export const put = async (path: string, text: string, mode = 0o600): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, text, { mode });
};

/** Where this user's things are. */
export const placesOf = ({ home }: House) => ({
  aws: (name: string) => join(home, ".aws", name),
  claude: join(home, ".claude", "settings.json"),
  config: join(home, ".config", "evercred", "config.json"),
  adc: join(home, ".config", "gcloud", "application_default_credentials.json"),
  code: join(home, ".config", "Code", "User", "settings.json"),
  autostart: join(home, ".config", "autostart", "evercred.desktop"),
});
