import { posix, win32 } from "node:path";

/** What the places depend on. All of it is the daemon's or the caller's own. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number;
  /** Whether a path is a directory that belongs to `uid`. */
  readonly isOurs: (path: string) => boolean;
}

/** Where everything is kept. The shim works the same places out for itself. */
export interface Places {
  readonly configDir: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  /** The socket; on Windows a pipe's name stands in `endpointFile` instead. */
  readonly socket: string;
  /** Says where the daemon listens, for shims whose environment points elsewhere. */
  readonly endpointFile: string;
  /** Says that the user has stopped Evercred: nothing starts it by itself. */
  readonly stoppedFile: string;
  readonly logFile: string;
}

/** The longest path of a socket that the system takes, without its closing NUL. */
export const socketPathLimit = (platform: NodeJS.Platform): number =>
  platform === "linux" ? 107 : 103;

/** The places of one user. `EVERCRED_HOME` puts them all under one directory. */
export const placesOf = (surroundings: Surroundings): Places => {
  const { platform } = surroundings;
  const path = platform === "win32" ? win32 : posix;
  const dirs = directoriesOf(surroundings);
  return {
    ...dirs,
    socket: path.join(dirs.runtimeDir, "daemon.sock"),
    endpointFile: path.join(dirs.stateDir, "endpoint"),
    stoppedFile: path.join(dirs.runtimeDir, "stopped"),
    logFile: path.join(
      platform === "darwin" && filled(surroundings.env, "EVERCRED_HOME") === undefined
        ? path.join(surroundings.home, "Library/Logs/Evercred")
        : dirs.stateDir,
      "evercred.log",
    ),
  };
};

type Directories = Pick<Places, "configDir" | "stateDir" | "runtimeDir">;

const directoriesOf = (surroundings: Surroundings): Directories => {
  const { platform, env, home } = surroundings;
  const own = filled(env, "EVERCRED_HOME");
  if (platform === "win32") {
    const local = filled(env, "LOCALAPPDATA") ?? win32.join(home, "AppData", "Local");
    const roaming = filled(env, "APPDATA") ?? win32.join(home, "AppData", "Roaming");
    // A pipe needs no directory: what else is runtime stands beside the state.
    const stateDir = own === undefined ? win32.join(local, "Evercred") : win32.join(own, "state");
    const configDir =
      own === undefined ? win32.join(roaming, "Evercred") : win32.join(own, "config");
    return { configDir, stateDir, runtimeDir: stateDir };
  }
  if (own !== undefined) {
    return {
      configDir: posix.join(own, "config"),
      stateDir: posix.join(own, "state"),
      runtimeDir: posix.join(own, "run"),
    };
  }
  if (platform === "darwin") {
    const dir = posix.join(home, "Library/Application Support/Evercred");
    return { configDir: dir, stateDir: dir, runtimeDir: posix.join(dir, "run") };
  }
  const xdg = (name: string, otherwise: string): string => {
    const value = env[name];
    // The XDG base directory specification: a relative path is to be ignored.
    const base = value?.startsWith("/") === true ? value : posix.join(home, otherwise);
    return posix.join(base, "evercred");
  };
  return {
    configDir: xdg("XDG_CONFIG_HOME", ".config"),
    stateDir: xdg("XDG_STATE_HOME", ".local/state"),
    runtimeDir: linuxRuntimeDir(surroundings),
  };
};

const filled = (env: Surroundings["env"], name: string): string | undefined =>
  env[name] === "" ? undefined : env[name];

const linuxRuntimeDir = ({ env, uid, isOurs }: Surroundings): string => {
  const named = env["XDG_RUNTIME_DIR"];
  if (named?.startsWith("/") === true) return posix.join(named, "evercred");
  const usual = `/run/user/${String(uid)}`;
  return isOurs(usual) ? posix.join(usual, "evercred") : `/tmp/evercred-${String(uid)}`;
};
