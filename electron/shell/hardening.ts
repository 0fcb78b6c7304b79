import { app, type Session } from "electron";
import { isOurs } from "./page.ts";

/**
 * The first thing that the app does. Takes from the command line what no fuse covers, and denies every
 * page whatever it does not need. Call it before `ready`.
 */
export const harden = (): void => {
  // In a checkout they stay: Playwright drives the app through them. What is installed is packaged.
  if (app.isPackaged) {
    for (const name of ["remote-debugging-port", "remote-debugging-pipe", "remote-allow-origins"]) {
      app.commandLine.removeSwitch(name);
    }
  }
  // Its default action would end the app; with the inspector's fuse off there is nothing to start.
  process.on("SIGUSR1", () => undefined);
  // As root Chromium has no sandbox, and would not start with one.
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
  app.commandLine.appendSwitch("disable-breakpad");
  app.on("session-created", denyRequests);
  app.on("web-contents-created", (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
    const deny = (event: { preventDefault(): void }): void => {
      event.preventDefault();
    };
    contents.on("will-navigate", deny);
    contents.on("will-redirect", deny);
    contents.on("will-attach-webview", deny);
  });
};

/** No page gets a permission, a device or a byte from anywhere but our own scheme. */
const denyRequests = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((request, answer) => {
    answer({ cancel: !isOurs(request.url) });
  });
  session.on("will-download", (event) => {
    event.preventDefault();
  });
};
