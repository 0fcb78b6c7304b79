import { generateKeyPairSync } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import { button, choose, complaints, launchIn, seen, sheet, wear } from "./app.ts";
import { type House, openHouse } from "./house.ts";

/** Where pictures of the sheets are put, if anywhere. */
const pictures = process.env["TEST_PICTURES"];

let house: House;
let app: ElectronApplication;

afterEach(async () => {
  await app.close();
  await house.close();
});

/** The window of somebody with these keys, and nothing else. */
const launch = async (keys: unknown): Promise<Page> => {
  house = await openHouse({ awsConfig: "" });
  await house.config({ keys });
  app = await launchIn(house);
  return app.firstWindow();
};

/** Looks at what the page shows, in both colours: it has no accessibility fault. */
const looked = async (page: Page, name: string): Promise<void> => {
  for (const theme of ["light", "dark"] as const) {
    await wear(app, page, theme);
    if (pictures !== undefined) {
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${theme}.png`) });
    }
    expect(await complaints(page)).toEqual([]);
  }
};

const keep = (page: Page) => sheet(page).getByRole("button", { name: "Keep it in the keychain" });

test("a key is entered in the window, handed out, shown nowhere, and forgotten", async () => {
  const page = await launch({ litellm: { kind: "static", expiresAt: "2099-03-31" } });
  expect(await house.evercred("api-key", "litellm")).toMatchObject({ code: 3, stdout: "" });
  await seen(page, "litellm needs you");
  await button(page, "Enter the key of litellm…").click();
  const field = sheet(page).getByLabel("Paste or type it");
  await field.fill("sk-entered-in-the-window");
  await looked(page, "key");
  await keep(page).click();
  await sheet(page).waitFor({ state: "detached" });
  await seen(page, "All keys are there");
  await page.getByText(/^Nobody is needed before .*2099\.$/).waitFor();
  expect(await house.evercred("api-key", "litellm")).toMatchObject({
    code: 0,
    stdout: "sk-entered-in-the-window\n",
  });
  expect(await page.content()).not.toContain("sk-entered-in-the-window");
  await looked(page, "keys");
  await choose(page, "litellm", "Forget the key");
  await looked(page, "forget");
  await sheet(page).getByRole("button", { name: "Forget the key" }).click();
  await seen(page, "No key is there");
  // It is handed out until the keychain has let go of it.
  await eventually(async () =>
    expect(await house.evercred("api-key", "litellm")).toMatchObject({ code: 3, stdout: "" }),
  );
});

test("a key of the wrong kind is refused in its sheet, where the right one can be pasted at once", async () => {
  const pem = (curve: string): string =>
    generateKeyPairSync("ec", { namedCurve: curve })
      .privateKey.export({ type: "pkcs8", format: "pem" })
      .toString();
  const page = await launch({ minted: { kind: "jwt", algorithm: "ES256", claims: {} } });
  await button(page, "Enter the key of minted…").click();
  const field = sheet(page).getByLabel("The whole text of the key's file");
  await field.fill(pem("P-384"));
  await keep(page).click();
  await sheet(page).getByRole("alert").waitFor();
  expect(await field.inputValue()).toBe("");
  await looked(page, "key-refused");
  await field.fill(pem("P-256"));
  await keep(page).click();
  await sheet(page).waitFor({ state: "detached" });
  await seen(page, "All keys are there");
  expect(await page.getByRole("alert").count()).toBe(0);
  const { code, stdout } = await house.evercred("api-key", "minted");
  expect({ code, parts: stdout.split(".").length }).toEqual({ code: 0, parts: 3 });
});
