import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ElectronApplication } from "playwright-core";
import { afterEach, beforeAll, expect, test } from "vitest";
import { electronPath } from "../../scripts/electron-dist.mjs";
import type {} from "../../renderer/bridge.ts";
import { eventually } from "../eventually.ts";
import {
  appArgs,
  appEnv,
  button,
  choose,
  complaints,
  launchIn,
  project,
  seen,
  sheet,
  soon,
  wear,
} from "./app.ts";
import { type Desktop, openDesktop } from "./desktop.ts";
import { type House, type HouseOptions, openHouse } from "./house.ts";

let electron: string;
let house: House;
let desktop: Desktop | undefined;
let app: ElectronApplication | undefined;

beforeAll(async () => {
  electron = await electronPath();
});

afterEach(async () => {
  await app?.close();
  await house.close();
  await desktop?.close();
  app = undefined;
  desktop = undefined;
});

/** The app in a house of its own. */
const launch = async (
  options: HouseOptions = {},
  ...args: readonly string[]
): Promise<ElectronApplication> => {
  house = await openHouse(options);
  return launchHere(...args);
};

const launchHere = async (...args: readonly string[]): Promise<ElectronApplication> => {
  app = await launchIn(house, ...args);
  return app;
};

/** Starts the app as a person does; resolves when that process has ended. */
const startAgain = async (
  ...args: readonly string[]
): Promise<{ code: number; stderr: string }> => {
  const child = spawn(electron, appArgs(...args), {
    env: appEnv(house),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code, stderr };
};

const windowCount = (): Promise<number> =>
  app!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

/** Resolves when the app can be asked. The shim is no way to find out: it would start a daemon of its own. */
const listening = (): Promise<void> =>
  soon(() => expect(existsSync(join(house.runtime, "evercred", "daemon.sock"))).toBe(true));

test("one click signs in, and the window shows who is served until when", async () => {
  const page = await (await launch()).firstWindow();
  await seen(page, "corp needs you");
  await button(page, "Sign in to corp").click();
  await seen(page, "You are signed in");
  expect(await house.pages()).toHaveLength(1);
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
  await page.getByRole("list", { name: "In use" }).getByText("p", { exact: true }).waitFor();
});

test("an open sign-in can be copied, moved to another machine, finished there, and is then gone", async () => {
  const running = await launch({ person: "nothing" });
  const page = await running.firstWindow();
  const clipboard = (): Promise<string> =>
    running.evaluate(({ clipboard: board }) => board.readText());
  await button(page, "Sign in to corp").click();
  await sheet(page).getByText("Evercred opened oidc.us-east-1.amazonaws.com for corp").waitFor();
  // It is shown as soon as a browser is started, which takes its time.
  await soon(async () => expect(await house.pages()).toHaveLength(1));
  const [opened] = await house.pages();
  await button(page, "Copy address").click();
  await button(page, "Copied").waitFor();
  expect(await clipboard()).toBe(opened);
  await button(page, "Open the page again").click();
  await soon(async () => expect(await house.pages()).toEqual([opened, opened]));

  await button(page, "Use a code instead").click();
  const code = await sheet(page).getByLabel("Code", { exact: true }).textContent();
  expect(code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  await sheet(page)
    .getByText(/^The code lapses in \d+:\d\d$/)
    .waitFor();
  await button(page, "Copy code").click();
  await button(page, "Copied").waitFor();
  expect(await clipboard()).toBe(code);
  await button(page, "Copy address").click();
  await soon(async () => expect(await clipboard()).toContain(`user_code=${code}`));
  expect(await house.pages()).toHaveLength(2);
  await sheet(page).getByRole("img", { name: "QR code" }).waitFor();
  await house.cloud.approve(await clipboard());
  await sheet(page).getByRole("status").filter({ hasText: "Signed in" }).waitFor();
  await sheet(page).waitFor({ state: "detached" });
  await seen(page, /^You are signed in/);
});

test("Escape cancels a sign-in, and the focus is back where it was", async () => {
  const page = await (await launch({ person: "nothing" })).firstWindow();
  const signIn = button(page, "Sign in to corp");
  await signIn.focus();
  await page.keyboard.press("Enter");
  await button(page, "Open the page again").waitFor();
  await page.keyboard.press("Escape");
  await seen(page, "corp needs you");
  expect(await sheet(page).count()).toBe(0);
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("a refused sign-in says what happened and what to do", async () => {
  const page = await (await launch({ person: "denies" })).firstWindow();
  await button(page, "Sign in to corp").click();
  const alert = sheet(page).getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/refused.* Run: evercred login/);
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await eventually(async () => expect(await house.pages()).toHaveLength(2));
  // The second refusal may come before the first is out of sight.
  await eventually(async () => {
    await page.keyboard.press("Escape");
    expect(await sheet(page).count()).toBe(0);
  });
  await seen(page, "corp needs you");
});

test("a sign-out in the window ends the session, and is not nagged about", async () => {
  const page = await (await launch()).firstWindow();
  await button(page, "Sign in to corp").click();
  await seen(page, /^You are signed in/);
  await choose(page, "corp", "Sign out");
  await seen(page, "You are signed out");
  expect(await button(page, "Sign in to corp").count()).toBe(0);
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 3 });
});

test("with nothing to sign in to, the window offers to add an organisation", async () => {
  const page = await (await launch({ awsConfig: "" })).firstWindow();
  await seen(page, "Nothing to sign in to yet");
  await button(page, "Add…").waitFor();
});

test("the window has no accessibility fault and no sideways scrolling, narrow, light and dark", async () => {
  const running = await launch({ person: "nothing" });
  const page = await running.firstWindow();
  await running.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setSize(360, 640),
  );
  for (const theme of ["light", "dark"] as const) {
    await wear(running, page, theme);
    expect(await complaints(page)).toEqual([]);
    await button(page, "Sign in to corp").click();
    await button(page, "Use a code instead").waitFor();
    expect(await complaints(page)).toEqual([]);
    await button(page, "Use a code instead").click();
    await button(page, "Copy code").waitFor();
    expect(await complaints(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await button(page, "Cancel").click();
    await sheet(page).waitFor({ state: "detached" });
  }
});

test("the theme and the language of the configuration are worn at once", async () => {
  const running = await launch();
  const page = await running.firstWindow();
  const folder = join(house.home, ".config", "evercred");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), `{"app":{"theme":"dark","language":"ja"}}`);
  await page.waitForFunction(() => matchMedia("(prefers-color-scheme: dark)").matches);
  await button(page, "corp にサインイン").waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("ja");
});

test("the page can load, open, ask for and run nothing but its own files", async () => {
  const running = await launch();
  const page = await running.firstWindow();
  await seen(page, /corp/);
  const tried = await page.evaluate(async () => {
    const refusals = new Set<string>();
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      refusals.add(effectiveDirective),
    );
    const fetched = async (url: string): Promise<string> =>
      fetch(url).then(
        () => `${url} loaded`,
        () => "refused",
      );
    const image = (url: string): Promise<string> =>
      new Promise((resolve) => {
        const element = new Image();
        element.onload = () => resolve(`${url} loaded`);
        element.onerror = () => resolve("refused");
        element.src = url;
      });
    const html = (): string => {
      try {
        document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
        return "inserted";
      } catch {
        return "refused";
      }
    };
    const outcomes = [
      await fetched("http://127.0.0.1:9/"),
      await fetched("app://evercred/index.html"),
      await image("http://127.0.0.1:9/x.png"),
      await image("app://evercred/../icons/app-48.png"),
      await image("app://evercred/%2e%2e/icons/app-48.png"),
      html(),
      window.open("https://example.com/") === null ? "refused" : "opened",
      await Notification.requestPermission().then((answer) =>
        answer === "granted" ? answer : "refused",
      ),
      "process" in window || "require" in window ? "node" : "refused",
    ];
    return { outcomes, refusals: [...refusals] };
  });
  expect(new Set(tried.outcomes)).toEqual(new Set(["refused"]));
  expect(tried.refusals).toEqual(
    expect.arrayContaining(["connect-src", "img-src", "require-trusted-types-for"]),
  );
  expect(await windowCount()).toBe(1);
  // Also without the page's own policy: the session lets nothing out.
  const sent = await running.evaluate(({ session }) =>
    session
      .fromPartition("window")
      .fetch("http://127.0.0.1:9/")
      .catch((thrown: unknown) => String(thrown)),
  );
  expect(sent).toContain("ERR_BLOCKED_BY_CLIENT");
});

test("an installed app opens no debugging port, whatever its command line says", async () => {
  house = await openHouse();
  const isOpen = async (env: Readonly<Record<string, string>>): Promise<boolean> => {
    const child = spawn(electron, appArgs("--remote-debugging-port=0"), {
      env: { ...appEnv(house), ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const stderr = text(child.stderr);
    await listening().finally(() => child.kill());
    return (await stderr).includes("DevTools listening");
  };
  expect(await isOpen({ ELECTRON_FORCE_IS_PACKAGED: "true" })).toBe(false);
  expect(await isOpen({})).toBe(true);
});

test("SIGUSR1 opens no inspector and ends nothing", async () => {
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  running.process().kill("SIGUSR1");
  expect(await house.daemonPid()).toBe(running.process().pid);
});

test("the window cannot be led away from its page", async () => {
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  const after = await running.evaluate(async ({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    const attempt = new Promise((resolve) => webContents.once("will-navigate", resolve));
    await webContents.executeJavaScript(`void (location.href = "http://127.0.0.1:9/")`);
    await attempt;
    const title: unknown = await webContents.executeJavaScript(
      `document.querySelector("h1").textContent`,
    );
    return { url: webContents.getURL(), title };
  });
  expect(after).toEqual({ url: "app://evercred/index.html", title: "corp needs you." });
});

test("another page with our preload script gets no answer from the daemon", async () => {
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  const reply = await running.evaluate(
    async ({ BrowserWindow }, preload) => {
      const stranger = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true },
      });
      await stranger.loadURL("about:blank");
      const answer: unknown = await stranger.webContents.executeJavaScript("evercred.picture()");
      stranger.destroy();
      return answer;
    },
    join(project, "dist", "preload.cjs"),
  );
  expect(reply).toMatchObject({ kind: "failed", trouble: { code: "policy-refused" } });
});

test("nothing secret is in what the window is told, and an unknown source is a sentence", async () => {
  const page = await (await launch()).firstWindow();
  await button(page, "Sign in to corp").click();
  await seen(page, /^You are signed in/);
  await house.evercred("aws", "export", "--profile", "p");
  const [keys] = house.cloud.organisation().keys();
  const view = await page.evaluate(async () => JSON.stringify(await window.evercred.picture()));
  expect(view).toContain("aws:p");
  for (const secret of [keys?.accessKeyId, keys?.secretAccessKey, keys?.sessionToken]) {
    expect(secret).toBeTruthy();
    expect(view).not.toContain(secret);
  }
  const reply = await page.evaluate(() => window.evercred.signOut("nobody"));
  expect(reply).toMatchObject({ kind: "failed", trouble: { code: "unknown-name" } });
});

test("a closed window leaves the app running without a page, and a second start opens it again", async () => {
  const running = await launch();
  const page = await running.firstWindow();
  await seen(page, /corp/);
  await page.close();
  await soon(async () => expect(await windowCount()).toBe(0));
  expect(await startAgain("--background")).toMatchObject({ code: 0 });
  expect(await windowCount()).toBe(0);
  const opened = running.waitForEvent("window");
  expect(await startAgain()).toMatchObject({ code: 0 });
  await seen(await opened, /corp/);
  expect(await windowCount()).toBe(1);
  // A page that has crashed leaves no blank window in the way of the next one.
  await running.evaluate(({ BrowserWindow }) => {
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      webContents.forcefullyCrashRenderer();
    }
  });
  await soon(async () => expect(await windowCount()).toBe(0));
  expect(await startAgain()).toMatchObject({ code: 0 });
  await soon(async () => expect(await windowCount()).toBe(1));
});

test("started in the background it opens no window", async () => {
  await launch({}, "--background");
  await listening();
  expect(await house.evercred("status", "--short")).toMatchObject({
    stdout: expect.stringContaining("corp: sign-in needed"),
  });
  expect(await windowCount()).toBe(0);
});

test("where a daemon that would lose its sign-ins owns the state, the app says where that one listens and ends", async () => {
  house = await openHouse();
  await house.run(house.shim, ["status"], { EVERCRED_KEYCHAIN: "memory" });
  const { code, stderr } = await startAgain();
  expect(code).toBe(1);
  expect(stderr).toContain(
    `evercred: Evercred runs already at ${join(house.runtime, "evercred", "daemon.sock")}`,
  );
  expect(await startAgain("--background")).toMatchObject({ code: 0 });
});

test("the end of the desktop session is no Quit: the app goes, and may be started again", async () => {
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  const exit = once(running.process(), "exit");
  running.process().kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  app = undefined;
  expect(existsSync(join(house.runtime, "evercred", "stopped"))).toBe(false);
  expect(existsSync(join(house.runtime, "evercred", "daemon.sock"))).toBe(false);
});

test("the client starts the app where there is a display, and goes on without one where it cannot", async () => {
  const headless = ["headless", process.execPath, join(project, "dist", "headless.cjs")];
  const words = (...options: readonly string[]): string =>
    [["app", electron, ...options, "--disable-gpu", project, "--background"], headless]
      .map((line) => `${line.join("\t")}\n`)
      .join("");
  house = await openHouse({ launch: words("--no-sandbox") });
  const display = {
    DISPLAY: process.env["DISPLAY"] ?? "",
    XAUTHORITY: process.env["XAUTHORITY"] ?? "",
  };
  expect(await house.run(house.shim, ["status"], display)).toMatchObject({ code: 0 });
  const started = readFileSync(`/proc/${String(await house.daemonPid())}/cmdline`, "utf8");
  expect(started.startsWith(electron)).toBe(true);
  await house.evercred("daemon", "stop");
  await house.evercred("daemon", "start");
  const other = readFileSync(`/proc/${String(await house.daemonPid())}/cmdline`, "utf8");
  expect(other).toContain("headless.cjs");
});

test("`evercred daemon stop` ends the app", async () => {
  const running = await launch();
  await seen(await running.firstWindow(), /corp/);
  const exit = once(running.process(), "exit");
  expect(await house.evercred("daemon", "stop")).toMatchObject({ code: 0 });
  expect(await exit).toEqual([0, null]);
  app = undefined;
});

test("a program in need is told once by a notification, whose click signs in", async () => {
  house = await openHouse();
  desktop = await openDesktop(house.env);
  await launchHere("--background");
  await soon(() => desktop!.read());
  expect(desktop.shown).toEqual([]);
  for (let asked = 0; asked < 3; asked++) {
    expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 3 });
  }
  await soon(() => expect(desktop!.shown).toHaveLength(1));
  expect(await house.pages()).toEqual([]);
  expect(desktop.shown[0]).toMatchObject({
    app: "Evercred",
    title: "Sign in to corp",
    body: "The sign-in is needed now. Click to sign in.",
  });
  await desktop.clickNotification(1);
  await soon(async () => expect((await desktop!.read()).tooltip).toMatch(/^All signed in/));
  expect(await house.pages()).toHaveLength(1);
  expect(desktop.shown).toHaveLength(1);
});
