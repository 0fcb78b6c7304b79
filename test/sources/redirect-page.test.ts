import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { SignInRequest } from "../../electron/core/source.ts";
import { redirectHeaders, redirectPage } from "../../electron/sources/redirect-page.ts";
import { signInOptions } from "../fakes/source.ts";
import { never, pageOf, startWorld, type World } from "./aws/world.ts";

let world: World;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  world = await startWorld();
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
      `--ignore-certificate-errors-spki-list=${world.cloud.leafSpkiHash}`,
    ],
    proxy: { server: world.cloud.proxyUrl, bypass: "127.0.0.1" },
  });
});

afterAll(async () => {
  await browser.close();
  await world.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
});

afterEach(() => page.close());

/** Signs in with the browser; gives what came of it once the last page is there. */
const signIn = async (press: "#approve" | "#deny"): Promise<unknown> => {
  let show: (request: SignInRequest) => void = () => undefined;
  const shown = new Promise<SignInRequest>((resolve) => (show = resolve));
  const source = world.source({ title: "Example & <Söhne>" });
  const outcome = source.signIn(signInOptions("code", show), never).then(
    () => "signed-in",
    (thrown: unknown) => thrown,
  );
  await page.goto(pageOf(await shown).url);
  await page.click(press);
  await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback/);
  return outcome;
};

const colours = (): Promise<{ readonly ground: string; readonly ink: string }> =>
  page.evaluate(() => {
    const { backgroundColor, color } = getComputedStyle(document.body);
    return { ground: backgroundColor, ink: color };
  });

test("a real browser ends at a page that says that the person is signed in", async () => {
  expect(await signIn("#approve")).toBe("signed-in");
  expect(await page.textContent("h1")).toBe("You are signed in.");
  const text = await page.textContent("main");
  expect(text).toContain("Evercred");
  expect(text).toContain("Example & <Söhne>");
  expect(text).toContain("You can close this tab.");
  expect(await page.title()).toBe("You are signed in. – Evercred");
});

test("a real browser ends at a page that says why the person is not signed in", async () => {
  expect(await signIn("#deny")).toMatchObject({ code: "sign-in-denied" });
  expect(await page.textContent("h1")).toBe("You are not signed in.");
  expect(await page.textContent("main")).toContain("The person denied the request.");
});

test("the page's own rules let its style through, and nothing is complained of", async () => {
  await signIn("#approve");
  expect((await colours()).ground).not.toBe("rgba(0, 0, 0, 0)");
  expect(complaints.filter((text) => !text.includes("favicon"))).toEqual([]);
  expect(await page.locator("script, link, img, iframe, form").count()).toBe(0);
});

test("the page is dark where the browser is", async () => {
  await page.emulateMedia({ colorScheme: "light" });
  await signIn("#approve");
  const light = await colours();
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await colours()).not.toEqual(light);
});

test("the page fits a narrow window", async () => {
  await page.setViewportSize({ width: 320, height: 480 });
  await signIn("#deny");
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});

test("the page may run, fetch, frame and keep nothing", () => {
  const policy = redirectHeaders["Content-Security-Policy"];
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; /);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("form-action 'none'");
  expect(policy).not.toContain("unsafe");
  expect(redirectHeaders).toMatchObject({
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    Connection: "close",
  });
});

test("nothing that is said on the page becomes markup", () => {
  const evil = `<script>alert(1)</script>"'&`;
  const text = redirectPage({ product: evil, good: false, heading: evil, lines: [evil] });
  expect(text).not.toContain("<script");
  expect(text.match(/&#60;script&#62;/g)).toHaveLength(5);
});
