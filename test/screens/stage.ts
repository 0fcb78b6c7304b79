import type { ElectronApplication, Page } from "playwright-core";
import type { Picture } from "../../electron/protocol/picture.ts";
import { replies, type Screen } from "./screens.ts";

export type Theme = "light" | "dark";

export const themes: readonly Theme[] = ["light", "dark"];

/** How the app is started for it: pictures are the same on every screen. */
export const stageSwitches = ["--force-device-scale-factor=1", "--lang=en-GB"] as const;

/** The real window of the real app, which shows what it is told to. */
export interface Stage {
  readonly page: Page;
  show(screen: Screen): Promise<void>;
  /** Has something change while it is shown. */
  push(picture: Picture): Promise<void>;
  wear(theme: Theme): Promise<void>;
  /** What it shows, as a PNG. */
  shoot(): Promise<Buffer>;
}

/** As the window opens at first, in pixels. */
const usualSize = [480, 640] as const;

/**
 * Has the window of an app that runs show made-up pictures only: its own main process answers with them from now on,
 * and tells it nothing else.
 */
export const openStage = async (app: ElectronApplication): Promise<Stage> => {
  const page = await app.firstWindow();
  await page.waitForLoadState();
  await app.evaluate(({ BrowserWindow }) => {
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      webContents.send = () => undefined;
    }
  });

  const answerWith = (answers: Readonly<Record<string, unknown>>): Promise<void> =>
    app.evaluate(({ ipcMain }, given) => {
      for (const [name, value] of Object.entries(given)) {
        ipcMain.removeHandler(`evercred:${name}`);
        ipcMain.handle(`evercred:${name}`, () => ({ kind: "done", value }));
      }
    }, answers);

  const resize = async (size: readonly [number, number]): Promise<void> => {
    await app.evaluate(({ BrowserWindow }, [width, height]) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
    }, size);
    await page.waitForFunction(
      ([width, height]) => innerWidth === width && innerHeight === height,
      size,
    );
  };

  return {
    page,
    show: async ({ picture, page: name, size = usualSize, before }) => {
      await resize(size);
      await answerWith({ ...replies, picture, page: name });
      await page.reload();
      await page.getByRole("heading", { level: 1 }).waitFor();
      await before?.(page);
    },
    push: (picture) =>
      app.evaluate(({ BrowserWindow }, pushed) => {
        const [window] = BrowserWindow.getAllWindows();
        window?.webContents.mainFrame.send("evercred:pictureChanged", pushed);
      }, picture),
    wear: async (theme) => {
      await app.evaluate(({ nativeTheme }, wanted) => {
        nativeTheme.themeSource = wanted;
      }, theme);
      await page.waitForFunction(
        (dark) => matchMedia("(prefers-color-scheme: dark)").matches === dark,
        theme === "dark",
      );
    },
    shoot: () => page.screenshot({ animations: "disabled", scale: "css" }),
  };
};
