import { homedir } from "node:os";
import { join } from "node:path";
import { managedFileOn } from "../commands/setup-print.ts";
import { secretVariables } from "../commands/setup-rivals.ts";
import type { Context } from "../commands/verb.ts";
import type { Broker } from "../core/broker.ts";
import { EvercredError } from "../core/errors.ts";
import type { Rule } from "../core/limits.ts";
import type { SecretStore } from "../core/store.ts";
import type { Clock } from "../core/time.ts";
import { openAwsSetup } from "../platform/aws-setup.ts";
import { openClaudeSettings } from "../platform/claude-settings.ts";
import type { ConfigFile } from "../platform/config.ts";
import { openConfigEditor } from "../platform/config-editor.ts";
import { openConfigReader } from "../platform/config-reader.ts";
import { openDevcontainerSettings } from "../platform/devcontainer-settings.ts";
import { openFoundSecrets } from "../platform/found-secrets.ts";
import { openGcloudSetup } from "../platform/gcloud-setup.ts";
import type { LogFile } from "../platform/log.ts";
import { openLogReader } from "../platform/log-reader.ts";
import type { Network } from "../platform/network.ts";
import type { PolicyFile } from "../platform/policy.ts";
import { openPolicyReader } from "../platform/policy-reader.ts";
import { openVscodeSettings } from "../platform/vscode-settings.ts";
import type { Places } from "../protocol/endpoint.ts";
import { fileTrouble } from "../protocol/troubles.ts";
import { AwsTools } from "../sources/aws/tools.ts";
import { GoogleTools } from "../sources/google/tools.ts";
import { askGateway } from "../sources/keys/gateway.ts";
import { probeOver } from "../sources/network-probe.ts";
import { ProviderTime } from "../sources/provider-time.ts";
import type { AllSources } from "./all-sources.ts";
import { openInspector } from "./inspector.ts";
import { openAccess } from "./model-access.ts";

/** What the tools work on. */
export interface ToolboxParts {
  readonly places: Places;
  readonly shim: string;
  readonly configFile: string;
  readonly log: LogFile;
  readonly clock: Clock;
  readonly store: SecretStore;
  readonly policy: PolicyFile;
  readonly config: ConfigFile;
  readonly network: Network;
  readonly broker: Broker;
  readonly sources: AllSources;
  rule(): Rule;
  /** Reads the sources again, and resolves once they are in force. */
  load(): Promise<void>;
  /** Resolves once what was read last is in force. */
  loaded(): Promise<void>;
  /** Looks whether files have changed. */
  look(): void;
}

/** What verbs read, write and ask, apart from the daemon's own state. */
export type Toolbox = Pick<
  Context,
  | "access"
  | "claude"
  | "config"
  | "configReader"
  | "containers"
  | "editors"
  | "gateways"
  | "gcloud"
  | "google"
  | "inspector"
  | "logs"
  | "networkProbe"
  | "policy"
  | "processProfiles"
  | "setupFiles"
> & { readonly aws: AwsTools };

/** How long a gateway, or a provider, may take to say what it thinks of somebody, in milliseconds. */
const requestMs = 20_000;

/** Puts them together. */
export const openToolbox = (parts: ToolboxParts): Toolbox => {
  const { places, shim, configFile, log, clock, policy, config, network, broker, sources } = parts;
  const { aws, google } = sources;
  const { env, platform } = process;
  const home = homedir();
  const noteFile = join(places.stateDir, "setup.json");
  const { agent } = network;
  const asking = { agent, clock, providerTime: new ProviderTime(), requestMs };
  return {
    aws: new AwsTools({
      agent,
      clock,
      configFile: aws.configFile,
      credentialsFile: aws.credentialsFile,
      rule: () => parts.rule(),
      organisations: () => aws.organisations,
      reload: () => parts.load(),
    }),
    google: new GoogleTools({
      sources: google,
      lend: (id, work) => {
        const session = broker.session(id);
        if (session === undefined) throw new EvercredError("unknown-name");
        return session.lend(work);
      },
    }),
    config: openConfigEditor({
      file: configFile,
      policy,
      apply: () => {
        config.reload();
        return parts.loaded();
      },
    }),
    configReader: openConfigReader(configFile, config, policy),
    policy: openPolicyReader(policy, config),
    claude: openClaudeSettings({ home, configDir: env["CLAUDE_CONFIG_DIR"], noteFile }),
    editors: openVscodeSettings({ platform, home, env, noteFile }),
    containers: openDevcontainerSettings(noteFile),
    processProfiles: openAwsSetup(aws),
    gcloud: openGcloudSetup(google.gcloudFolder, join(places.runtimeDir, "tokens")),
    setupFiles: openFoundSecrets({
      platform,
      home,
      env,
      noteFile,
      secretNames: secretVariables,
      managedFile: managedFileOn(platform),
      awsConfigFile: aws.configFile,
      awsCredentialsFile: aws.credentialsFile,
    }),
    logs: openLogReader(places.logFile, log),
    gateways: { ask: askGateway(asking) },
    access: openAccess(asking),
    networkProbe: { probe: probeOver({ openAgent: () => network.openAgent(), clock }) },
    inspector: openInspector({
      places,
      shim,
      store: parts.store,
      aws,
      providers: () => sources.addresses(broker.sessions.map(({ source }) => source)),
      networkProblems: () => network.problems.map(fileTrouble),
      absence: () => Promise.resolve(undefined),
      refresh: () => {
        parts.look();
        return parts.loaded();
      },
    }),
  };
};
