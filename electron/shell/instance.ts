import { app, Menu } from "electron";
import type { Page } from "../protocol/pages.ts";
import { harden } from "./hardening.ts";
import { declareScheme } from "./page.ts";

/** How the app is known to the system, and that it lives in the tray. Call it first, before `ready`. */
export const introduce = (userData: string): void => {
  harden();
  declareScheme();
  app.setName("Evercred");
  app.setAppUserModelId("dev.evercred.app");
  app.setPath("userData", userData);
  app.dock?.hide();
  // On macOS a menu is what makes copy and paste work; elsewhere it would only be in the way.
  const roles = [{ role: "appMenu" }, { role: "editMenu" }] as const;
  Menu.setApplicationMenu(
    process.platform === "darwin" ? Menu.buildFromTemplate([...roles]) : null,
  );
  app.on("window-all-closed", () => undefined);
};

/**
 * Who starts the app: a person, the desktop when a person logs in, a program that needs what it serves, or the app before
 * it, whose window was open.
 */
export type Starter = "person" | "login" | "program" | "app";

export const starterOf = (argv: readonly string[]): Starter => {
  if (argv.includes("--background")) return "program";
  if (argv.includes("--again")) return "app";
  return argv.includes("--at-login") ? "login" : "person";
};

/** Brings the window to the front: on a certain page, or as it is. */
export type OpenWindow = (page: Page | undefined) => void;

/** The user's one instance. */
export interface Instance {
  openWindow: OpenWindow;
  /**
   * Takes the way to open the window, and uses it whenever that is wanted, also if it was before. A person who starts
   * the app wants it always, and has it again after a hand-over; one who logs in only while the first run is not `done`;
   * a program never.
   */
  show(open: OpenWindow, done: boolean): void;
}

/** Makes this the one instance; undefined where there is one already, which has then been told. */
export const claimInstance = (starter: Starter): Instance | undefined => {
  if (!app.requestSingleInstanceLock({ starter })) return undefined;
  let wanted: { readonly page: Page | undefined } | undefined;
  let openWindow = (page: Page | undefined): void => {
    wanted = { page };
  };
  if (wantsWindow(starter)) openWindow(undefined);
  app.on("second-instance", (_event, _argv, _cwd, other) => {
    if (wantsWindow(starterIn(other))) openWindow(undefined);
  });
  app.on("activate", () => {
    openWindow(undefined);
  });
  return {
    openWindow: (page) => {
      openWindow(page);
    },
    show: (open, done) => {
      if (starter === "login" && !done) openWindow(undefined);
      openWindow = open;
      if (wanted !== undefined) open(wanted.page);
    },
  };
};

const wantsWindow = (starter: unknown): boolean => starter === "person" || starter === "app";

/** What a second instance has said of itself. */
const starterIn = (other: unknown): unknown =>
  typeof other === "object" && other !== null && "starter" in other ? other.starter : undefined;
