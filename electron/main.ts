import "./platform/fill-ins.ts";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { app, powerMonitor } from "electron";
import { errorOf } from "./core/errors.ts";
import { currentPlaces, openDaemon, reasonOf } from "./daemon.ts";
import { openFace } from "./shell/face.ts";
import { claimInstance, introduce } from "./shell/instance.ts";
import { DeskPresence } from "./shell/presence.ts";

const dist = fileURLToPath(new URL(".", import.meta.url));
const background = process.argv.includes("--background");

introduce(join(currentPlaces().stateDir, "app"));
const onOpen = claimInstance(background);

/** Opens the daemon and puts a face to it. */
const start = async (whenAsked: NonNullable<typeof onOpen>): Promise<void> => {
  const daemon = await openDaemon({
    presence: new DeskPresence(powerMonitor),
    shim: join(dist, "bin", process.platform === "win32" ? "evercred.exe" : "evercred"),
    background,
    foreground: false,
  });
  if (daemon.kind !== "running") {
    leave(reasonOf(daemon), background ? 0 : 1);
    return;
  }
  whenAsked(
    openFace(dist, daemon, {
      theme: () => daemon.settings().app.theme,
      notifications: () => daemon.settings().app.notifications,
      ask: (source) => daemon.settings().sources[source]?.ask ?? daemon.settings().signIn.ask,
    }),
  );
};

const leave = (line: string, code: number): void => {
  process.stderr.write(`evercred: ${line}\n`, () => {
    app.exit(code);
  });
};

if (onOpen === undefined) app.exit(0);
else {
  app
    .whenReady()
    .then(() => start(onOpen))
    .catch((thrown: unknown) => {
      const { message, remedy } = errorOf(thrown);
      leave(`${message} ${remedy}`, 1);
    });
}
