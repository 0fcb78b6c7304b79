import type { BridgeFacts } from "./ports.ts";

/** Where a container finds the bridge's directory. */
const mountPoint = "/run/evercred-bridge";

/** Where a container finds the shim: in the PATH of every image. */
export const shimPoint = "/usr/local/bin/evercred";

/** What a container needs in order to use a bridge. */
export interface ContainerPart {
  /** For `devcontainer.json`. */
  readonly settings: {
    readonly mounts: readonly string[];
    readonly containerEnv: Readonly<Record<string, string>>;
  };
  /** What the settings cannot say. */
  readonly notes: readonly string[];
}

/** The settings for a bridge, with the shim where there is one that runs in a container. */
export const containerOf = (
  { directory, port }: Pick<BridgeFacts, "directory" | "port">,
  shim: string | undefined,
): ContainerPart => {
  const bind = (source: string, target: string): string =>
    `type=bind,source=${source},target=${target},readonly`;
  const mounts = [bind(directory, mountPoint)];
  if (shim !== undefined) mounts.push(bind(shim, shimPoint));
  return {
    settings: {
      mounts,
      containerEnv:
        port === undefined
          ? { EVERCRED_BRIDGE: mountPoint }
          : {
              EVERCRED_BRIDGE: `tcp://host.docker.internal:${String(port)}`,
              EVERCRED_BRIDGE_TOKEN_FILE: `${mountPoint}/token`,
            },
    },
    notes: [
      shim === undefined
        ? `Put the shim for the container's kind of machine, linux-x64 or linux-arm64, at ${shimPoint}.`
        : `In a container for another kind of machine put the shim for that at ${shimPoint} instead.`,
    ],
  };
};
