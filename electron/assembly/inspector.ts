import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AbsenceFacts, Inspector, ProviderPlace } from "../commands/doctor-ports.ts";
import type { SecretStore } from "../core/store.ts";
import { writeArchive } from "../platform/archive.ts";
import { claudeManagedFolder, inspectClaude } from "../platform/inspect-claude.ts";
import { inspectEditors } from "../platform/inspect-editors.ts";
import { inspectAutostart, inspectDisk } from "../platform/inspect-machine.ts";
import { inspectPath } from "../platform/inspect-path.ts";
import { inspectVersions, isSameFile } from "../platform/inspect-versions.ts";
import { probeKeychain } from "../platform/keychain-probe.ts";
import { newestFirst } from "../platform/log-reader.ts";
import type { Places } from "../protocol/endpoint.ts";
import { inspectAws } from "../sources/aws/inspect.ts";
import { wellKnownAdcFile } from "../sources/google/gcloud.ts";
import { inspectAdc } from "../sources/google/inspect.ts";

/** What an inspector has to be told. */
export interface InspectorParts {
  readonly places: Places;
  readonly shim: string;
  readonly store: SecretStore;
  readonly aws: { readonly configFile: string; readonly credentialsFile: string };
  readonly providers: () => readonly ProviderPlace[];
  readonly networkProblems: Inspector["networkProblems"];
  readonly refresh: () => Promise<void>;
  readonly absence: () => Promise<AbsenceFacts | undefined>;
}

/** Puts together what looks at this machine for the doctor. */
export const openInspector = (parts: InspectorParts): Inspector => {
  const { places, shim, store, aws } = parts;
  const { env, platform } = process;
  const home = homedir();
  return {
    refresh: parts.refresh,
    path: inspectPath,
    isClient: (path) => isSameFile(path, shim),
    endpoint: async () => {
      const isPipe = platform === "win32";
      const [noted] = (await readFile(places.endpointFile, "utf8").catch(() => "")).split("\n");
      return {
        socket: isPipe ? undefined : await inspectPath(places.socket),
        directory: await inspectPath(places.runtimeDir),
        noteFile: await inspectPath(places.endpointFile),
        isNoted: isPipe ? noted !== "" : noted === places.socket,
      };
    },
    absence: parts.absence,
    providers: parts.providers,
    networkProblems: parts.networkProblems,
    keychain: async () => {
      if (store.durability === "persisted") await probeKeychain(store);
      return store.durability;
    },
    aws: async () => ({
      ...inspectAws(aws.configFile, aws.credentialsFile),
      config: await inspectPath(aws.configFile),
      credentials: await inspectPath(aws.credentialsFile),
    }),
    adc: async (named) => {
      const file = named ?? wellKnownAdcFile(env, home, platform);
      return { path: await inspectPath(file), ...(await inspectAdc(file)) };
    },
    claude: (cwd) =>
      inspectClaude(cwd, {
        home,
        configDir: env["CLAUDE_CONFIG_DIR"],
        managedFolder: claudeManagedFolder(platform),
        noteFile: join(places.stateDir, "setup.json"),
      }),
    editors: () => inspectEditors({ platform, home, env }),
    autostart: () => inspectAutostart({ platform, home, env }),
    disk: () => inspectDisk(places.stateDir, places.logFile),
    versions: (searchPath) => inspectVersions(shim, searchPath),
    auditTail: (lines) => Promise.resolve(lastLines(join(places.stateDir, "audit.jsonl"), lines)),
    bundle: (file, files) => writeArchive(file, files, Date.now()),
  };
};

/** The newest lines of a file and of those that were put aside, the newest one last. */
export const lastLines = (file: string, count: number): readonly string[] => {
  const lines: string[] = [];
  for (const line of newestFirst(file)) {
    if (lines.length >= count) break;
    if (line !== "") lines.push(line);
  }
  return lines.reverse();
};
