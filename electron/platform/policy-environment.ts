import type { Environment } from "./browser.ts";
import type { Path } from "./config-names.ts";

/** The settings that a variable of the environment would take the place of, or add to. */
const settings: Readonly<Record<string, readonly Path[]>> = {
  https_proxy: [["network", "proxy"]],
  http_proxy: [["network", "proxy"]],
  all_proxy: [["network", "proxy"]],
  no_proxy: [
    ["network", "proxy"],
    ["network", "noProxy"],
  ],
  node_extra_ca_certs: [
    ["network", "caFiles"],
    ["network", "systemCa"],
  ],
  claude_code_client_cert: [["network", "clientCertificate"]],
  claude_code_client_key: [["network", "clientCertificate"]],
  claude_code_client_key_passphrase: [["network", "clientCertificate"]],
};

/**
 * The daemon's environment for those who look a variable up: one that a policy outrules is not set there, as soon as it
 * does and as long as it does.
 */
export const environmentUnder = (
  policy: { isForced(path: Path): boolean },
  env: Environment,
): Environment =>
  new Proxy(env, {
    get: (all, name) => {
      if (typeof name !== "string") return undefined;
      const paths = settings[name.toLowerCase()] ?? [];
      return paths.some((path) => policy.isForced(path)) ? undefined : all[name];
    },
  });

/** Variables by which an allowed program would load, or run, what is not named anywhere. */
const influences = [
  /^(?:LD|DYLD|GIT)_/iu,
  /^(?:BASH_FUNC_|CLOUDSDK_PYTHON|PERL|PYTHON|RUBY)/iu,
  /^(?:BASH_ENV|ENV|GCONV_PATH|NODE_OPTIONS|NODE_PATH|PS4|SHELLOPTS)$/iu,
  /^(?:JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS)$/iu,
];

/** Takes them out of an environment, for good: those who are run from it are what they are by their path alone. */
export const dropInfluences = (env: Record<string, string | undefined>): void => {
  for (const name of Object.keys(env)) {
    // In the environment of the process itself undefined would be a text.
    if (influences.some((each) => each.test(name))) Reflect.deleteProperty(env, name);
  }
};
