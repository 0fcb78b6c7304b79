import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { exampleOrganisation } from "../fakes/cloud/organisation.ts";
import { button, complaints, launchIn, seen, sheet } from "./app.ts";
import { type House, type HouseOptions, oneProfile, openHouse } from "./house.ts";
import { wireSecrets } from "./wire-secrets.ts";

let house: House;
let app: ElectronApplication;

afterEach(async () => {
  await app.close();
  await house.close();
});

const launch = async (options: HouseOptions, settings?: unknown): Promise<Page> => {
  house = await openHouse(options);
  if (settings !== undefined) await house.config(settings);
  app = await launchIn(house);
  return app.firstWindow();
};

/** What would run, hide, turn around or flood. */
const markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";
const hostile = `${markup}\u202eevil\u200b\u001b[2J${"x".repeat(10_000)}`;
const steering =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

/** That a text of others is text, and neither breaks the page nor steers it. */
const inert = async (page: Page): Promise<void> => {
  const found = await page.evaluate(() => ({
    made: document.querySelectorAll("img, script:not([src]), iframe, object, [onerror]").length,
    text: document.body.innerText,
    sideways: [document.documentElement, ...document.querySelectorAll("dialog")].map(
      ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
    ),
  }));
  expect(found.made).toBe(0);
  expect(found.text).toContain(markup);
  expect(found.text).not.toMatch(steering);
  expect(found.text.length).toBeLessThan(10_000);
  expect(Math.max(...found.sideways)).toBeLessThanOrEqual(0);
};

test("names and words of others are shown as text, and neither steer nor flood", async () => {
  const [account] = exampleOrganisation.accounts;
  const page = await launch(
    {
      awsConfig: oneProfile.replace("[profile p]", `[profile "${markup}"]`),
      organisations: [
        { ...exampleOrganisation, accounts: [{ ...account!, name: hostile, email: hostile }] },
      ],
    },
    { sources: { corp: { kind: "aws-sso", title: hostile } } },
  );
  await seen(page, "needs you");
  await inert(page);
  const body = JSON.stringify({ error: "invalid_request", error_description: hostile });
  const refusal = house.cloud.faults.add({
    path: "/client/register",
    kind: "status",
    status: 400,
    body,
  });
  await button(page, /^Sign in to/)
    .first()
    .click();
  await sheet(page).getByRole("alert").waitFor();
  await inert(page);
  refusal.remove();
  await sheet(page).getByRole("button", { name: "Try again" }).click();
  await sheet(page).waitFor({ state: "detached" });
  const { stdout } = await house.evercred("aws", "accounts");
  expect(stdout).toContain(markup);
  expect(stdout).not.toMatch(steering);
  expect(stdout.length).toBeLessThan(1_000);
});

test("a page that is not the provider's is opened only by whoever goes on knowingly", async () => {
  const page = await launch({ person: "nothing" });
  const uri = "https://device.sso.us-east-1.amazonaws.com.evil.test/";
  house.cloud.faults.add({
    path: "/device_authorization",
    kind: "status",
    status: 200,
    body: JSON.stringify({
      deviceCode: "d",
      userCode: "ABCD-EFGH",
      verificationUri: uri,
      expiresIn: 600,
      interval: 60,
    }),
  });
  const login = house.start(house.shim, ["login", "--device-code"]);
  expect(await login.line(/^https:/)).toBe(uri);
  await sheet(page).getByRole("alert").filter({ hasText: "evil.test" }).waitFor();
  expect(await sheet(page).getByText("ABCD-EFGH").count()).toBe(0);
  expect(await complaints(page)).toEqual([]);
  expect(await house.pages()).toEqual([]);
  await button(page, "Open it all the same").click();
  await eventually(async () => expect(await house.pages()).toEqual([uri]));
  await sheet(page).getByText("ABCD-EFGH").waitFor();
  await button(page, "Cancel").click();
  const { code, stderr } = await login.outcome;
  expect(code).not.toBe(0);
  expect(stderr).toContain("Careful: the page is on device.sso.us-east-1.amazonaws.com.evil.test");
});

test("no script or style gets into the page but its own files", async () => {
  const page = await launch({});
  await seen(page, /corp/);
  const tried = await page.evaluate(async () => {
    const refusals = new Set<string>();
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      refusals.add(effectiveDirective),
    );
    // In a task of its own: what the debugger runs may do more.
    await new Promise((resolve) => setTimeout(resolve));
    const attempt = (work: () => unknown): string => {
      try {
        return String(work());
      } catch {
        return "refused";
      }
    };
    const color = (): string => getComputedStyle(document.body).color;
    const before = color();
    const outcomes = [
      attempt(() => (0, eval)("1")),
      attempt(() => {
        const script = document.createElement("script");
        script.text = "document.title = 'taken'";
        document.body.append(script);
        return document.title === "taken" ? "ran" : "refused";
      }),
      attempt(() => {
        document.body.setAttribute("onclick", "document.title = 'taken'");
        document.body.click();
        return document.title === "taken" ? "ran" : "refused";
      }),
      attempt(() => {
        const sheetOfOthers = document.createElement("style");
        sheetOfOthers.textContent = "body { color: rgb(1, 2, 3) }";
        document.head.append(sheetOfOthers);
        document.body.setAttribute("style", "color: rgb(1, 2, 3)");
        return color() === before ? "refused" : "styled";
      }),
      await new Promise((resolve) => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.onload = () => resolve("loaded");
        link.onerror = () => resolve("refused");
        link.href = "http://127.0.0.1:9/x.css";
        document.head.append(link);
      }),
    ];
    return { outcomes, refusals: [...refusals] };
  });
  expect(new Set(tried.outcomes)).toEqual(new Set(["refused"]));
  expect(tried.refusals).toEqual(
    expect.arrayContaining(["require-trusted-types-for", "style-src-elem", "style-src-attr"]),
  );
});

/** Everything that the page's memory holds, as text. */
const heapOf = async (page: Page): Promise<string> => {
  const devtools = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  devtools.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => chunks.push(chunk));
  await devtools.send("HeapProfiler.enable");
  await devtools.send("HeapProfiler.collectGarbage");
  await devtools.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await devtools.detach();
  return chunks.join("");
};

test("the page's memory holds no secret, also after all of them were used", async () => {
  const key = "sk-entered-in-the-window-1234";
  const page = await launch({}, { keys: { litellm: { kind: "static" } } });
  await button(page, "Sign in to corp").click();
  await sheet(page).getByText("Signed in").first().waitFor();
  await sheet(page).waitFor({ state: "detached" });
  expect(await house.evercred("aws", "export", "--profile", "p")).toMatchObject({ code: 0 });
  await button(page, "Enter the key of litellm…").click();
  await sheet(page).getByLabel("Paste or type it").focus();
  await page.keyboard.insertText(key);
  await page.keyboard.press("Enter");
  await sheet(page).waitFor({ state: "detached" });
  expect(await house.evercred("api-key", "litellm")).toMatchObject({ stdout: `${key}\n` });
  await eventually(async () => expect(await page.content()).toContain("litellm"));
  const heap = await heapOf(page);
  expect(heap).toContain("aws:p");
  const secrets = [key, ...wireSecrets(house.cloud)];
  expect(secrets.length).toBeGreaterThan(4);
  for (const secret of secrets) expect(heap.includes(secret)).toBe(false);
});
