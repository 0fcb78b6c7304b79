import type { EvercredError } from "../../electron/core/errors.ts";
import type {
  AbsenceFacts,
  AdcFacts,
  AutostartFacts,
  AwsFacts,
  BundleFile,
  ClaudeSettingsFile,
  DiskFacts,
  EditorFacts,
  EndpointFacts,
  Inspector,
  PathFacts,
  ProviderPlace,
  SettingsFile,
  SetupNotes,
  VersionFacts,
} from "../../electron/commands/doctor-ports.ts";

/** A path at which there is something of ours. */
export const pathAt = (path: string, parts: Partial<PathFacts> = {}): PathFacts => ({
  path,
  kind: "file",
  mode: 0o600,
  isOurs: true,
  isLink: false,
  isExecutable: false,
  real: path,
  ...parts,
});

/** A path at which there is nothing. */
export const nothingAt = (path: string): PathFacts =>
  pathAt(path, { kind: "missing", mode: undefined, isOurs: false, real: undefined });

/** A file of settings whose every name stands on line 3. */
export const settingsAt = (
  path: string,
  settings: Readonly<Record<string, unknown>>,
): SettingsFile => ({
  path: pathAt(path),
  state: "read",
  fault: undefined,
  settings,
  lineOf: () => 3,
});

/** A machine on which all is well, unless a test says otherwise. */
export class FakeInspector implements Inspector {
  readonly paths = new Map<string, PathFacts>();
  /** Programs that are our client. */
  readonly clients = new Set(["/opt/evercred/bin/evercred"]);
  endpointFacts: EndpointFacts = {
    socket: pathAt("/run/user/1000/evercred/daemon.sock", { kind: "socket" }),
    directory: pathAt("/run/user/1000/evercred", { kind: "directory", mode: 0o700 }),
    noteFile: pathAt("/home/ann/.local/state/evercred/endpoint"),
    isNoted: true,
  };
  absenceFacts: AbsenceFacts | undefined;
  places: readonly ProviderPlace[] = [];
  problems: ReturnType<Inspector["networkProblems"]> = [];
  keychainError: EvercredError | undefined;
  durability: "persisted" | "memory" = "persisted";
  awsFacts: AwsFacts = {
    config: pathAt("/home/ann/.aws/config"),
    credentials: nothingAt("/home/ann/.aws/credentials"),
    keys: [],
    legacy: [],
  };
  adcFacts: AdcFacts = {
    path: nothingAt("/home/ann/.config/gcloud/application_default_credentials.json"),
    state: "absent",
    fault: undefined,
    type: undefined,
    account: undefined,
    quotaProject: undefined,
  };
  /** The paths of ADC files that were asked for. */
  readonly adcAsked: (string | undefined)[] = [];
  claudeFiles: readonly ClaudeSettingsFile[] = [];
  isTrusted: boolean | undefined = true;
  notes: SetupNotes = { fault: undefined, variables: {} };
  editorFacts: readonly EditorFacts[] = [];
  autostartFacts: AutostartFacts = { isKnown: true, entry: undefined };
  diskFacts: DiskFacts = {
    folder: pathAt("/home/ann/.local/state/evercred", { kind: "directory", mode: 0o700 }),
    unwritable: undefined,
    freeBytes: 80e9,
    logBytes: 12_000,
    auditBytes: 0,
  };
  versionFacts: VersionFacts = {
    node: "20.20.2",
    electron: undefined,
    system: "linux 6.1 x64",
    shim: "1.2.3",
    shims: [],
    claude: undefined,
    hasClaude: false,
  };
  /** The archives that were written. */
  readonly bundles: { readonly file: string; readonly files: readonly BundleFile[] }[] = [];
  refreshes = 0;

  constructor() {
    const shim = "/opt/evercred/bin/evercred";
    this.paths.set(shim, pathAt(shim, { mode: 0o755, isExecutable: true }));
  }

  refresh(): Promise<void> {
    this.refreshes += 1;
    return Promise.resolve();
  }

  path(path: string): Promise<PathFacts> {
    return Promise.resolve(this.paths.get(path) ?? nothingAt(path));
  }

  isClient(path: string): Promise<boolean> {
    return Promise.resolve(this.clients.has(path));
  }

  endpoint(): Promise<EndpointFacts> {
    return Promise.resolve(this.endpointFacts);
  }

  absence(): Promise<AbsenceFacts | undefined> {
    return Promise.resolve(this.absenceFacts);
  }

  providers(): readonly ProviderPlace[] {
    return this.places;
  }

  networkProblems(): ReturnType<Inspector["networkProblems"]> {
    return this.problems;
  }

  keychain(): Promise<"persisted" | "memory"> {
    return this.keychainError === undefined
      ? Promise.resolve(this.durability)
      : Promise.reject(this.keychainError);
  }

  aws(): Promise<AwsFacts> {
    return Promise.resolve(this.awsFacts);
  }

  adc(named?: string): Promise<AdcFacts> {
    this.adcAsked.push(named);
    return Promise.resolve(this.adcFacts);
  }

  claude(): ReturnType<Inspector["claude"]> {
    const { claudeFiles: files, isTrusted, notes } = this;
    return Promise.resolve({ files, isTrusted, notes });
  }

  editors(): Promise<readonly EditorFacts[]> {
    return Promise.resolve(this.editorFacts);
  }

  autostart(): Promise<AutostartFacts> {
    return Promise.resolve(this.autostartFacts);
  }

  disk(): Promise<DiskFacts> {
    return Promise.resolve(this.diskFacts);
  }

  versions(): Promise<VersionFacts> {
    return Promise.resolve(this.versionFacts);
  }

  auditTail(): Promise<readonly string[]> {
    return Promise.resolve(['{"event":"served"}']);
  }

  bundle(file: string, files: readonly BundleFile[]): Promise<void> {
    this.bundles.push({ file, files });
    return Promise.resolve();
  }
}
