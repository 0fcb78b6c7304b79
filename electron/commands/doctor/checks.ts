import { comparedVariables } from "../environment.ts";
import { accessCheck } from "./access.ts";
import { accessVariables } from "./access-way.ts";
import { adcCheck, adcVariables } from "./adc.ts";
import { awsCheck } from "./aws.ts";
import type { Check } from "./check.ts";
import { claudeCheck } from "./claude.ts";
import { providerVariables } from "./claude-provider.ts";
import { clockCheck } from "./clock.ts";
import { daemonCheck } from "./daemon.ts";
import { editorsCheck } from "./editors.ts";
import { endpointCheck } from "./endpoint.ts";
import { environmentCheck } from "./environment.ts";
import { configCheck, problemsCheck } from "./files.ts";
import { keychainCheck, keychainVariables } from "./keychain.ts";
import { autostartCheck, diskCheck, versionsCheck } from "./machine.ts";
import { networkCheck } from "./network.ts";
import { policyCheck } from "./policy.ts";
import { shadowsCheck, shadowVariables } from "./shadows.ts";
import { sourcesCheck } from "./sources.ts";

/** All parts of the examination: what causes others comes first. */
export const checks: readonly Check[] = [
  daemonCheck,
  diskCheck,
  endpointCheck,
  policyCheck,
  configCheck,
  keychainCheck,
  clockCheck,
  networkCheck,
  problemsCheck,
  sourcesCheck,
  awsCheck,
  adcCheck,
  claudeCheck,
  editorsCheck,
  shadowsCheck,
  environmentCheck,
  accessCheck,
  versionsCheck,
  autostartCheck,
];

/** What of the caller's environment is looked at. */
export const examinedVariables: readonly string[] = [
  ...new Set([
    "PATH",
    ...keychainVariables,
    ...shadowVariables,
    ...adcVariables,
    ...providerVariables,
    ...accessVariables,
    ...comparedVariables,
  ]),
];
