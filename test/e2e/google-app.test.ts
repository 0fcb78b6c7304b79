import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { installedClientFile } from "../fakes/cloud/google/files.ts";
import { button, choose, complaints, launchIn, seen, sheet, soon } from "./app.ts";
import { type House, openHouse } from "./house.ts";

/** Where pictures of the window are put, if anywhere. */
const pictures = process.env["TEST_PICTURES"];

let house: House;
let app: ElectronApplication;

afterEach(async () => {
  await app.close();
  await house.close();
});

/** The app in a house where nobody answers a page by itself; `sources` may name what is made for it. */
const launch = async (
  sources: (home: string) => Promise<Readonly<Record<string, unknown>>>,
): Promise<Page> => {
  house = await openHouse({ awsConfig: "", person: "nothing" });
  await house.config({ sources: await sources(house.home) });
  app = await launchIn(house);
  return app.firstWindow();
};

/** Looks at what the page shows: it has no accessibility fault and does not scroll sideways. */
const looked = async (page: Page, name: string): Promise<void> => {
  if (pictures !== undefined) {
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }
  expect(await complaints(page)).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
};

test("a Google source is signed in to from the window, by its page and with no code", async () => {
  const page = await launch(async (home) => {
    const clientFile = join(home, "client.json");
    await writeFile(clientFile, installedClientFile(house.cloud.google.addClient()));
    return { google: { kind: "google", title: "Example Claude", clientFile } };
  });
  await seen(page, "Example Claude needs you");
  await looked(page, "google-needed");
  await button(page, "Sign in to Example Claude").click();
  await sheet(page).getByText("Evercred opened accounts.google.com for Example Claude").waitFor();
  expect(await button(page, "Use a code instead").count()).toBe(0);
  await looked(page, "google-sheet");
  await button(page, "Copy address").click();
  await button(page, "Copied").waitFor();
  const [opened = ""] = await house.pages();
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(opened);

  await house.cloud.approve(opened);
  await seen(page, /^You are signed in/);
  await page.getByText("dev@example.com").first().waitFor();
  await looked(page, "google-signed-in");
  const { stdout } = await house.evercred("gcp", "token");
  expect(house.cloud.google.whose(stdout.trim())).toBe("dev@example.com");
  const view = await page.evaluate(async () => JSON.stringify(await window.evercred.picture()));
  expect(view).toContain("gcp:google");
  expect(view).not.toContain(stdout.trim());

  await choose(page, "Example Claude", "Sign out");
  await seen(page, "You are signed out");
  expect(await house.evercred("gcp", "token")).toMatchObject({ code: 3, stdout: "" });
});

test("a sign-in by another program shows what that prints, opens its page once, and ends with it", async () => {
  const page = await launch(async (home) => {
    execFileSync("mkfifo", [join(home, "end")]);
    const program = join(home, "vault");
    const script = [
      "#!/bin/sh",
      "echo 'Complete the login via your OIDC provider:'",
      "echo 'https://vault.example.com/ui/oidc?state=s1'",
      "echo 'Waiting for OIDC authentication to complete...'",
      `read -r code < '${join(home, "end")}'`,
      'echo "It ended with $code."',
      'exit "$code"',
    ];
    await writeFile(program, `${script.join("\n")}\n`, { mode: 0o700 });
    return { vault: { kind: "command", title: "Vault", signIn: [program, "login"] } };
  });
  const end = (code: number): Promise<void> =>
    writeFile(join(house.home, "end"), `${String(code)}\n`);
  await seen(page, "Vault needs you");
  await button(page, "Sign in to Vault").click();
  await sheet(page).getByText("Waiting for OIDC authentication to complete...").waitFor();
  await soon(async () =>
    expect(await house.pages()).toEqual(["https://vault.example.com/ui/oidc?state=s1"]),
  );
  expect(await button(page, "Use a code instead").count()).toBe(0);
  await looked(page, "program-sheet");
  await end(0);
  await seen(page, /^You are signed in/);
  await sheet(page).waitFor({ state: "detached" });
});

test("a program that fails is a sentence in the window, and the sign-in is still needed", async () => {
  const page = await launch(async (home) => {
    const program = join(home, "vault");
    const script = "#!/bin/sh\necho 'permission denied by vault'\nexit 7\n";
    await writeFile(program, script, { mode: 0o700 });
    return { vault: { kind: "command", title: "Vault", signIn: [program] } };
  });
  await button(page, "Sign in to Vault").click();
  // On the card; and in the sheet, where the program took long enough for one to be seen.
  const failure = page.getByRole("alert").first();
  await failure.waitFor();
  expect(await failure.textContent()).toContain("permission denied by vault");
  await seen(page, "Vault needs you");
  await looked(page, "program-failed");
});
