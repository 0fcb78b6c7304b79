import type { Path } from "./config-names.ts";
import type { Config } from "./config-schema.ts";

/** A value that does not fit to another one. */
export interface Misfit {
  readonly path: Path;
  /** Goes on from the name of the value. */
  readonly message: string;
  readonly remedy: string;
}

/** What the configuration says of other parts of itself that are not so. Each part for itself is right. */
export const misfitsOf = (config: Config): readonly Misfit[] => [
  ...secretsOf(config).flatMap(([path, name]) => {
    if (name === undefined || config.keys[name]?.kind === "static") return [];
    const remedy = `Run: evercred api-key add ${name} --kind static`;
    return [{ path, message: "names no static key", remedy }];
  }),
  ...headersOf(config),
  ...tokensOf(config),
  ...namesakesOf(config),
];

/** Where the secret of a static key is used by Evercred itself. */
const secretsOf = ({ sources, network }: Config): (readonly [Path, string | undefined])[] => [
  ...Object.entries(sources).flatMap(([id, source]) =>
    source.kind === "oidc"
      ? [[["sources", id, "clientSecretKey"], source.clientSecretKey] as const]
      : [],
  ),
  [["network", "proxyPasswordKey"], network.proxyPasswordKey],
  [["network", "clientCertificate", "passphraseKey"], network.clientCertificate?.passphraseKey],
];

const headersOf = ({ headers, keys }: Config): readonly Misfit[] =>
  Object.entries(headers).flatMap(([set, values]) =>
    Object.entries(values).flatMap(([header, value]) =>
      Array.from(value.matchAll(/\$\{key:([^}]*)\}/gu), ([, name = ""]) => name)
        .filter((name) => !Object.hasOwn(keys, name))
        .map((name) => ({
          path: ["headers", set, header],
          message: `names no key with ${name}`,
          remedy: "Correct the name, or add that key with: evercred api-key add",
        })),
    ),
  );

const tokensOf = ({ keys, sources, google }: Config): readonly Misfit[] =>
  Object.entries(keys).flatMap(([name, key]): readonly Misfit[] => {
    if (key.kind === "oidc" && sources[key.source]?.kind !== "oidc") {
      const remedy = "Correct the name, or add that source with: evercred source add";
      return [{ path: ["keys", name, "source"], message: "names no source of kind oidc", remedy }];
    }
    if (key.kind !== "gcp-id-token" || key.impersonate.length > 0) return [];
    const id = key.source ?? google.defaultSource;
    const source = id === undefined ? undefined : sources[id];
    const isPersonal = source?.kind === "google" || source?.kind === "google-workforce";
    if (!isPersonal || source.impersonate.length > 0) return [];
    const message = "must have impersonate, since a person's own sign-in cannot choose an audience";
    return [
      {
        path: ["keys", name],
        message,
        remedy: "Name a service account that may call whom the token is for.",
      },
    ];
  });

/** Keys of these kinds are sources themselves, and a source has its ID for itself. */
const namesakesOf = ({ keys, sources }: Config): readonly Misfit[] =>
  Object.entries(keys)
    .filter(([name, { kind }]) => sourceKinds.has(kind) && Object.hasOwn(sources, name))
    .map(([name]) => ({
      path: ["keys", name],
      message: "has the ID of a source",
      remedy: "Give one of them another name.",
    }));

const sourceKinds: ReadonlySet<string> = new Set(["static", "command", "jwt"]);
