import { isAbsolute } from "node:path";
import { Secret } from "../core/secret.ts";
import { proxyDifferences, proxyVariables } from "./environment-proxy.ts";
import {
  type Difference,
  type Environment,
  savable,
  settingAt,
  textsAt,
  unsavable,
  type Ways,
} from "./environment-ways.ts";
import { plain } from "./plain.ts";
import { profileNames } from "./profile.ts";
import { secretVariables } from "./setup-rivals.ts";
import type { Context, Reply } from "./verb.ts";

/** What SDKs trust besides the system's authorities. */
const authorityVariables = ["NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "SSL_CERT_FILE"];

/** Files and folders that the daemon reads where its own environment says; no setting does. */
const placeVariables = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CLOUDSDK_CONFIG"];

const certificateVariables = [
  "CLAUDE_CODE_CLIENT_CERT",
  "CLAUDE_CODE_CLIENT_KEY",
  "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
] as const;

/** The names of all variables that are compared. */
export const comparedVariables: readonly string[] = [
  ...proxyVariables,
  ...authorityVariables,
  ...placeVariables,
  ...certificateVariables,
  "AWS_PROFILE",
  "GOOGLE_APPLICATION_CREDENTIALS",
  ...secretVariables,
];

/** How this daemon works, to be compared. */
export const waysOf = (context: Context): Ways => ({
  environment: context.daemon.environment,
  settings: context.configReader.settings(),
  awsConfigFile: context.daemon.awsConfigFile,
  profile: context.defaultProfile() ?? onlyOf(profileNames(context)),
});

const onlyOf = (names: readonly string[]): string | undefined =>
  names.length === 1 ? names[0] : undefined;

/** The caller's own environment, to be compared; undefined where it cannot be had. */
export const callerEnvironment = async (reply: Reply): Promise<Environment | undefined> => {
  const variables = await reply.variables(comparedVariables);
  return variables && { where: "This shell", isProject: false, variables };
};

/**
 * Where programs with this environment work otherwise than the daemon, which sees no shell. They are shown, and saved
 * where a person says so: by itself an environment changes nothing. What an organisation has set is not to be changed,
 * and a project's settings are only shown: its author could lead sign-ins elsewhere.
 */
export const differencesOf = (environment: Environment, ways: Ways): readonly Difference[] =>
  [
    ...proxyDifferences(environment, ways),
    ...authorityDifferences(environment, ways),
    ...certificateDifferences(environment, ways),
    ...profileDifferences(environment, ways),
    ...adcDifferences(environment, ways),
    ...placeDifferences(environment, ways),
  ]
    .filter(({ changes }) => !changes.some(({ path }) => isForced(path, ways)))
    .map((difference) => (environment.isProject ? onlyShown(difference) : difference))
    .concat(secretDifferences(environment));

const onlyShown = ({ variable, sentence }: Difference): Difference =>
  unsavable(
    variable,
    sentence,
    "Evercred takes nothing over from a project. Where its author is to be trusted, set it yourself.",
  );

/** Whether an organisation has set it, or something in it. */
const isForced = (path: readonly string[], { settings }: Ways): boolean =>
  settings.some(
    (each) => each.setBy === "policy" && path.every((name, index) => each.path[index] === name),
  );

const authorityDifferences = (
  { where, variables }: Environment,
  ways: Ways,
): readonly Difference[] => {
  const written = textsAt("network.caFiles", ways);
  const known = new Set([...written, ways.environment["NODE_EXTRA_CA_CERTS"]]);
  const variable = authorityVariables.find((name) => {
    const file = variables[name] ?? "";
    return isAbsolute(file) && !known.has(file) && !isSystems(file);
  });
  if (variable === undefined) return [];
  const file = variables[variable] ?? "";
  const sentence = `${where} trusts the certificates in ${plain(file)} (${variable}), and Evercred does not.`;
  return [
    savable(variable, sentence, [{ path: ["network", "caFiles"], value: [...written, file] }]),
  ];
};

/** What the system trusts is read anyhow. */
const isSystems = (file: string): boolean => /^\/(?:etc\/(?:ssl|pki)|usr\/share)\//.test(file);

const certificateDifferences = (
  { where, variables }: Environment,
  ways: Ways,
): readonly Difference[] => {
  const [certVariable, keyVariable, passphraseVariable] = certificateVariables;
  const { [certVariable]: certFile = "", [keyVariable]: keyFile = "" } = variables;
  if (certFile === "" || keyFile === "") return [];
  const ours = settingAt("network.clientCertificate.certFile", ways);
  if (ours === certFile || ways.environment[certVariable] === certFile) return [];
  const passphrase = variables[passphraseVariable] ?? "";
  const base = ["network", "clientCertificate"];
  const saved = savable(
    certVariable,
    `${where} shows servers the certificate ${plain(certFile)} (${certVariable}), and Evercred does not.`,
    [{ path: base, value: { certFile, keyFile } }],
    passphrase === ""
      ? undefined
      : { secret: new Secret(passphrase), key: "mtls", path: [...base, "passphraseKey"] },
  );
  const remedy = `${saved.remedy}. It is shown only to hosts in network.clientCertificate.hosts.`;
  return [{ ...saved, remedy }];
};

const profileDifferences = (
  { where, variables }: Environment,
  { environment, profile }: Ways,
): readonly Difference[] => {
  const theirs = variables["AWS_PROFILE"] ?? "";
  if (theirs === "" || theirs === (profile ?? environment["AWS_PROFILE"])) return [];
  const ours = profile === undefined ? "no profile in particular" : plain(profile);
  const sentence = `${where} works with the AWS profile ${plain(theirs)} (AWS_PROFILE), and Evercred with ${ours} where nobody names one.`;
  return [savable("AWS_PROFILE", sentence, [{ path: ["aws", "defaultProfile"], value: theirs }])];
};

const adcDifferences = ({ where, variables }: Environment, ways: Ways): readonly Difference[] => {
  const variable = "GOOGLE_APPLICATION_CREDENTIALS";
  const file = variables[variable] ?? "";
  const ours = settingAt("sources.adc.file", ways) ?? ways.environment[variable];
  if (!isAbsolute(file) || file === ours) return [];
  const sentence = `${where} takes Google's credentials from ${plain(file)} (${variable}), and Evercred does not.`;
  const value = { kind: "google-adc", file };
  return [savable(variable, sentence, [{ path: ["sources", "adc"], value }])];
};

const placeDifferences = (
  { where, variables }: Environment,
  { environment, awsConfigFile }: Ways,
): readonly Difference[] => {
  const ours: Readonly<Record<string, string>> = { ...environment, AWS_CONFIG_FILE: awsConfigFile };
  return placeVariables
    .filter((name) => !["", ours[name] ?? ""].includes(variables[name] ?? ""))
    .map((name) =>
      unsavable(
        name,
        `${where} reads ${plain(variables[name] ?? "")} (${name}), and Evercred does not.`,
        "To have it do so, restart it from a shell that has it: evercred daemon restart",
      ),
    );
};

const secretDifferences = ({ where, variables }: Environment): readonly Difference[] =>
  [...secretVariables]
    .filter((name) => (variables[name] ?? "") !== "")
    .map((name) =>
      unsavable(
        name,
        `${where} has ${name}, which outranks what Evercred gives.`,
        `Unset it, and take it out of where it is set: evercred setup claude --move-secrets`,
      ),
    );
