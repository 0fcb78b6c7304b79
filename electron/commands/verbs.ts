import { awsAccounts } from "./accounts.ts";
import { apiKeyAdd } from "./api-key-add.ts";
import { apiKeyList, apiKeyShow } from "./api-key-list.ts";
import { apiKeyRemove } from "./api-key-rm.ts";
import { apiKeySet } from "./api-key-set.ts";
import { apiKeyTest } from "./api-key-test.ts";
import { apiKey } from "./api-key.ts";
import { audit } from "./audit.ts";
import { awsBedrockKey } from "./aws-bedrock-key.ts";
import { awsConsole } from "./aws-console.ts";
import { awsEnv } from "./aws-env.ts";
import { awsExport, awsProcess } from "./aws-keys.ts";
import { awsLogin } from "./aws-login.ts";
import { bridgeSsh } from "./bridge-ssh.ts";
import { bridgeAdd, bridgeList, bridgeRemove } from "./bridge.ts";
import { completionOf } from "./completion.ts";
import { configCheck, configEdit, configPath, configSchema } from "./config-file.ts";
import { configGet, configList } from "./config-get.ts";
import { configSet, configUnset } from "./config-set.ts";
import { consentForget, consentList } from "./consent.ts";
import { daemonRestart, daemonRun, daemonStart, daemonStop } from "./daemon.ts";
import { doctor } from "./doctor.ts";
import { exec } from "./exec.ts";
import { gcpAdc } from "./gcp-adc.ts";
import { gcpEnv } from "./gcp-env.ts";
import { gcpLogin } from "./gcp-login.ts";
import { gcpIdToken, gcpToken } from "./gcp-token.ts";
import { headers } from "./headers.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { logs } from "./logs.ts";
import { policyCheck, policySchema } from "./policy-check.ts";
import { policyShow } from "./policy-show.ts";
import { awsProfilesAdd } from "./profiles-add.ts";
import { proxyAuth } from "./proxy-auth.ts";
import { awsRoles } from "./roles.ts";
import { reset } from "./reset.ts";
import { setupAws } from "./setup-aws.ts";
import { setupClaude } from "./setup-claude.ts";
import { setupDevcontainer } from "./setup-devcontainer.ts";
import { setupGcp } from "./setup-gcp.ts";
import { setupVscode } from "./setup-vscode.ts";
import { sourceAdd } from "./source-add.ts";
import { sourceList } from "./source-list.ts";
import { sourceRemove } from "./source-rm.ts";
import { status } from "./status.ts";
import type { Verb } from "./verb.ts";
import { window } from "./window.ts";

/** Every verb, in the order in which help names them. */
export const verbs: readonly Verb[] = [
  status,
  login,
  logout,
  awsExport,
  awsLogin,
  awsProcess,
  awsEnv,
  awsConsole,
  awsBedrockKey,
  awsAccounts,
  awsRoles,
  awsProfilesAdd,
  gcpToken,
  gcpIdToken,
  gcpLogin,
  gcpAdc,
  gcpEnv,
  apiKey,
  apiKeyAdd,
  apiKeySet,
  apiKeyList,
  apiKeyShow,
  apiKeyTest,
  apiKeyRemove,
  proxyAuth,
  headers,
  sourceList,
  sourceAdd,
  sourceRemove,
  setupClaude,
  setupVscode,
  setupDevcontainer,
  setupAws,
  setupGcp,
  configList,
  configGet,
  configSet,
  configUnset,
  configEdit,
  configPath,
  configCheck,
  configSchema,
  policyShow,
  policyCheck,
  policySchema,
  exec,
  bridgeAdd,
  bridgeList,
  bridgeRemove,
  bridgeSsh,
  doctor,
  logs,
  audit,
  consentList,
  consentForget,
  window,
  reset,
  completionOf(() => verbs),
  daemonStart,
  daemonStop,
  daemonRestart,
  daemonRun,
];
