import "./platform/jitless.ts";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { app, net, powerMonitor } from "electron";
import { type Desktop, openDesktop } from "./assembly/desktop.ts";
import { answered, currentPlaces, reasonOf, usualFolders } from "./assembly/ownership.ts";
import { errorOf } from "./core/errors.ts";
import { openDaemon } from "./daemon.ts";
import { doctorWords, runDoctor } from "./doctor.ts";
import { xdgAutostart } from "./platform/autostart.ts";
import { MemoFile } from "./platform/memo.ts";
import { markOwnFolders } from "./platform/own-folders.ts";
import { languageOf, wordsFor } from "./protocol/words.ts";
import { ownImage } from "./shell/app-image.ts";
import { makeWay, relaunch, vanish } from "./shell/ending.ts";
import { openFace } from "./shell/face.ts";
import { firstRunFile } from "./shell/first-run.ts";
import { comments, loginCommand, type LoginItem, systemLoginItem } from "./shell/login-item.ts";
import { shimPath } from "./shell/installed.ts";
import { claimInstance, type Instance, introduce, starterOf } from "./shell/instance.ts";
import { type Desk, DeskPresence } from "./shell/presence.ts";
import { StartAtLogin } from "./shell/start-at-login.ts";
import { ElectronProxy } from "./shell/system-proxy.ts";

// This is one of the app's pieces, which have a folder of their own.
const dist = fileURLToPath(new URL("..", import.meta.url));
const shim = shimPath(dist);
const starter = starterOf(process.argv);
const words = doctorWords(process.argv);

// Chromium makes its folder among ours.
markOwnFolders(currentPlaces(), usualFolders());
introduce(join(currentPlaces().stateDir, "app"));
const instance = words === undefined ? claimInstance(starter) : undefined;

/** Whoever has started the app to be served has its credential by then, in milliseconds. */
const firstServedMs = 150;

/** What Electron knows of the person, from when it is ready. */
const desk: Desk = {
  getSystemIdleState: (afterS) =>
    app.isReady() ? powerMonitor.getSystemIdleState(afterS) : "unknown",
  on: (event: "resume", listener) => powerMonitor.on(event, listener),
};

/** Opens the daemon, while Chromium starts, and puts a face to it. */
const start = async (only: Instance, desktop: Desktop): Promise<void> => {
  const daemon = await openDaemon({
    presence: new DeskPresence(desk, { ...desktop, isOnline: () => net.isOnline() }),
    // Unknown counts as there: whoever is away is not asked before that is known.
    known: Promise.all([app.whenReady(), desktop.login.known]),
    systemProxy: new ElectronProxy(),
    face: process.platform === "linux" ? only : { ...only, loginItem: systemLoginItem() },
    shim,
    background: starter === "program" || starter === "app",
    claimant: "app",
    foreground: false,
    leaving: makeWay,
    vanish,
    // What an AppImage has mounted stays as it was: its own file is replaced.
    program: [fileURLToPath(import.meta.url), ownImage(process) ?? process.execPath],
    succession: relaunch(),
  });
  if (daemon.kind !== "running") {
    leave(reasonOf(daemon), starter === "person" ? 1 : 0);
    return;
  }
  if (starter === "program") await passed(firstServedMs);
  const openWindow = openFace(dist, daemon, {
    desktop,
    memo: new MemoFile({ file: join(daemon.places.stateDir, "window.json"), log: daemon.log }),
    theme: () => daemon.settings().app.theme,
    words: () =>
      wordsFor(
        languageOf(daemon.settings().app.language, app.getPreferredSystemLanguages()),
        app.getSystemLocale(),
      ),
    notifications: () => daemon.settings().app.notifications,
    updates: () => daemon.settings().updates,
    startAtLogin: new StartAtLogin(loginItem(), () => daemon.settings().app.startAtLogin),
    ask: (source) => daemon.settings().sources[source]?.ask ?? daemon.settings().signIn.ask,
  });
  only.show(openWindow, existsSync(firstRunFile(daemon.places.stateDir)));
};

const loginItem = (): LoginItem => {
  const { env, platform } = process;
  return platform === "linux"
    ? xdgAutostart({ command: loginCommand(), env, home: homedir(), comments: comments() })
    : systemLoginItem();
};

const leave = (line: string, code: number): void => {
  process.stderr.write(`evercred: ${line}\n`, () => {
    app.exit(code);
  });
};

if (words !== undefined) {
  void runDoctor(words, shim).then((code) => {
    process.stdout.write("", () => {
      app.exit(code);
    });
  });
} else if (instance === undefined) {
  // A shim takes the end of what it has started for a failure: the other instance may be on its way up only now.
  const coming = starter === "program" ? answered(currentPlaces()) : Promise.resolve();
  void coming.then(() => app.exit(0));
} else {
  // The buses answer while Chromium starts.
  const desktop = openDesktop(process);
  start(instance, desktop).catch((thrown: unknown) => {
    const { message, remedy } = errorOf(thrown);
    leave(`${message} ${remedy}`, 1);
  });
}
