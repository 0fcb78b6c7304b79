// What Electron costs by itself: a tray icon with a menu, as ours, and nothing behind it.
/* global __dirname, require */
const { join } = require("node:path");
const { app, Menu, nativeImage, Tray } = require("electron");

const icon = join(__dirname, "..", "..", "dist", "icons", "app-24.png");
let tray;

app.on("window-all-closed", () => undefined);
app.whenReady().then(() => {
  tray = new Tray(nativeImage.createFromPath(icon));
  tray.setContextMenu(Menu.buildFromTemplate([{ label: "Quit", click: () => app.quit() }]));
  process.stdout.write(`${process.versions.electron}\n`);
});
