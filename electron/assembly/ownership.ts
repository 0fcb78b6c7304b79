import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Owner, type Ownership, takeOwnership } from "../platform/owner.ts";
import { type Places, placesOf } from "../protocol/endpoint.ts";
import { answers } from "../server/door.ts";
import { askedPatienceMs } from "./handover.ts";
import { askForPlace, type Claimant } from "./place.ts";

/** Why there is none: another process owns the state, or the user has stopped Evercred. */
export type Absent =
  { readonly kind: "owned"; readonly by: Owner | undefined } | { readonly kind: "stopped" };

/** What to tell whoever tried to start it. */
export const reasonOf = (absent: Absent): string => {
  if (absent.kind === "stopped") {
    return "Evercred was stopped. Start it with: evercred daemon start";
  }
  const where = absent.by === undefined ? "" : ` at ${absent.by.socket}`;
  return `Evercred runs already${where}. Stop it with: evercred daemon stop`;
};

/** Longer than a daemon takes to end, once it has closed its door, in milliseconds. */
const farewellMs = 8_000;

/** Longer than a daemon that has been asked for its place waits for requests, with its end, in milliseconds. */
const handoverMs = askedPatienceMs + farewellMs;

/**
 * Takes the state directory over: an owner that answers no more is on its way out, and is waited for. One that answers is
 * asked for its place by a `claimant`.
 */
export const claim = async (
  places: Places,
  shim: string,
  claimant: Claimant | undefined,
): Promise<Ownership> => {
  const { stateDir, socket } = places;
  let until = Date.now() + farewellMs;
  let giver: number | undefined;
  for (;;) {
    const ownership = await takeOwnership({ stateDir, socket, shim });
    if (ownership.held || Date.now() >= until) return ownership;
    const { pid = 0, socket: address = socket } = ownership.by ?? {};
    // Between the one that gave way and this one a caller may have started another.
    if (pid !== giver && (await answers(address))) {
      if (claimant === undefined || !(await askForPlace(address, claimant))) return ownership;
      giver = pid;
      until = Date.now() + handoverMs;
    }
    await setTimeout(50);
  }
};

/** Resolves once somebody answers there; at the latest when one that has just begun to start should have. */
export const answered = async ({ socket }: Places): Promise<void> => {
  const until = Date.now() + farewellMs;
  while (Date.now() < until && !(await answers(socket))) await setTimeout(50);
};

/** The places of the user that this process belongs to. */
export const currentPlaces = (): Places => placesIn(process.env, homedir());

/** Where this user's state is, whatever the environment says. */
export const usualStateDir = (): string => placesIn({}, userInfo().homedir).stateDir;

/**
 * The folders that are Evercred's by where they are. All others, which a variable names, may have been somebody else's
 * before.
 */
export const usualFolders = (): readonly string[] => {
  const names = ["EVERCRED_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"];
  const others = Object.entries(process.env).filter(([name]) => !names.includes(name));
  const { configDir, stateDir, runtimeDir, logFile } = placesIn(
    Object.fromEntries(others),
    homedir(),
  );
  return [configDir, stateDir, runtimeDir, dirname(logFile)];
};

const placesIn = (env: NodeJS.ProcessEnv, home: string): Places => {
  const { uid } = userInfo();
  return placesOf({
    platform: process.platform,
    env,
    home,
    uid,
    isOurs: (path) => {
      try {
        const stats = lstatSync(path);
        return stats.isDirectory() && stats.uid === uid;
      } catch {
        return false;
      }
    },
  });
};

/** Notes that the user has stopped it: in the runtime directory, which the system empties when they log out. Never throws. */
export const markStopped = ({ runtimeDir, stoppedFile }: Places): void => {
  try {
    mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
    writeFileSync(stoppedFile, "", { mode: 0o600 });
  } catch {
    // It ends all the same; whoever asks next starts it.
  }
};
