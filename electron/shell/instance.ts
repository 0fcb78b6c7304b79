import { app, Menu } from "electron";
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
 * Makes this the user's one instance; undefined where there is one already, which has then been told.
 * What is returned takes the way to open the window, and uses it whenever a person starts the app,
 * this time included.
 */
export const claimInstance = (background: boolean): ((open: () => void) => void) | undefined => {
  if (!app.requestSingleInstanceLock({ background })) return undefined;
  let asked = !background;
  let show = (): void => {
    asked = true;
  };
  app.on("second-instance", (_event, _argv, _cwd, other) => {
    if (!isBackground(other)) show();
  });
  app.on("activate", () => {
    show();
  });
  return (open) => {
    show = open;
    if (asked) open();
  };
};

const isBackground = (other: unknown): boolean =>
  typeof other === "object" && other !== null && "background" in other && other.background === true;
