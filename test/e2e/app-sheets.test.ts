import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { exampleOrganisation, manyAccounts } from "../fakes/cloud/organisation.ts";
import { button, choose, complaints, launchIn, seen, sheet, wear } from "./app.ts";
import { type House, type HouseOptions, oneProfile, openHouse, otherProfile } from "./house.ts";

/** Where pictures of the sheets are put, if anywhere. */
const pictures = process.env["TEST_PICTURES"];

let house: House;
let app: ElectronApplication;

afterEach(async () => {
  await app.close();
  await house.close();
});

const launch = async (options: HouseOptions): Promise<Page> => {
  house = await openHouse(options);
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

test("from nothing: an organisation, a sign-in, a profile of an account and a role, and it serves", async () => {
  const page = await launch({
    awsConfig: "",
    organisations: [
      {
        ...exampleOrganisation,
        accounts: [...exampleOrganisation.accounts, ...manyAccounts(40)],
      },
    ],
  });
  await seen(page, "Nothing to sign in to yet");
  await looked(page, "nothing");
  await button(page, "Add…").click();
  await looked(page, "add");
  await button(page, "AWS organisation").click();
  await page.getByLabel("address").fill(exampleOrganisation.startUrl);
  await page.getByLabel("region").fill("us-east-1");
  await looked(page, "add-organisation");
  await sheet(page).getByRole("button", { name: "Add" }).click();
  await seen(page, "You are signed in");

  await choose(page, "d-1234567890", "Add profile…");
  await page.getByPlaceholder("Find among 42").fill("develop");
  await page.getByRole("listbox", { name: "Account" }).selectOption("111122223333");
  await page.getByRole("listbox", { name: "Role" }).selectOption("Developer");
  expect(await page.getByLabel("name").inputValue()).toBe("development-developer");
  await looked(page, "add-profile");
  await page.getByLabel("name").fill("dev");
  await sheet(page).getByRole("button", { name: "Add" }).click();
  await sheet(page).waitFor({ state: "detached" });
  const exported = await house.evercred("aws", "export", "--profile", "dev");
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect(house.cloud.organisation().keys().at(-1)?.roleName).toBe("Developer");
});

test("a sign-in says which program asked, can go on by a phone, and takes leave by itself", async () => {
  const page = await launch({ person: "nothing" });
  const asking = house.start(house.shim, ["aws", "login", "--profile", "p"]);
  await sheet(page)
    .getByText(/^Evercred opened oidc\S+ for corp \(.+ asked, .+\)\./)
    .waitFor();
  await looked(page, "sign-in");
  await button(page, "Use a code instead").click();
  await sheet(page).getByText("Never enter a code that somebody has sent you.").waitFor();
  await looked(page, "sign-in-code");
  const code = await sheet(page).getByLabel("Code", { exact: true }).textContent();
  await house.cloud.approve(`https://device.sso.us-east-1.amazonaws.com/?user_code=${code ?? ""}`);
  await sheet(page).getByRole("status").filter({ hasText: "Signed in" }).waitFor();
  expect(await complaints(page)).toEqual([]);
  await sheet(page).waitFor({ state: "detached" });
  expect(await asking.outcome).toMatchObject({ code: 0 });
});

test("the code of a device is typed in the window, and shown nowhere", async () => {
  const device = "arn:aws:iam::111122223333:mfa/dev";
  const user = {
    arn: "arn:aws:iam::111122223333:user/dev",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    mfaSerial: device,
  };
  const page = await launch({
    awsConfig: [
      `[profile mfa]\nregion = us-east-1\nmfa_serial = ${device}`,
      `aws_access_key_id = ${user.accessKeyId}\naws_secret_access_key = ${user.secretAccessKey}\n`,
    ].join("\n"),
    iam: { users: [user] },
  });
  await button(page, "Sign in to mfa").click();
  await page.getByLabel(device).waitFor();
  await looked(page, "mfa");
  const code = house.cloud.iam.code(device);
  await page.getByLabel(device).fill(code);
  await sheet(page).getByRole("button", { name: "Sign in" }).click();
  await sheet(page).waitFor({ state: "detached" });
  expect(await house.evercred("aws", "export", "--profile", "mfa")).toMatchObject({ code: 0 });
  expect(await page.content()).not.toContain(code);
});

test("somebody else who signs in is shown, and is used only once accepted", async () => {
  const users = ["dev@example.com", "admin@example.com"] as const;
  const page = await launch({
    person: "nothing",
    awsConfig: `${oneProfile}\n${otherProfile}`,
    organisations: [{ ...exampleOrganisation, users: [...users] }],
  });
  const signInAs = async (user: string): Promise<void> => {
    const count = (await house.pages()).length;
    await button(page, "Sign in to corp").click();
    await expect.poll(async () => (await house.pages()).length).toBe(count + 1);
    await house.cloud.approve((await house.pages()).at(-1) ?? "", { user });
  };
  const servedUser = async (): Promise<string | undefined> => {
    const { stdout } = await house.evercred("aws", "export", "--profile", "p");
    const { Credentials: keys } = JSON.parse(stdout) as { Credentials: { AccessKeyId: string } };
    return house.cloud.keyRing.find(keys.AccessKeyId)?.user;
  };
  await signInAs("dev@example.com");
  await seen(page, "You are signed in");
  expect(await servedUser()).toBe("dev@example.com");
  // Who it is, is learnt beside everything else.
  await page.getByRole("main").getByText("dev@example.com").waitFor();
  house.cloud.organisation().signOutEverywhere();
  expect(await house.evercred("aws", "export", "--profile", "other")).toMatchObject({ code: 3 });
  await seen(page, "corp needs you");
  await signInAs("admin@example.com");
  await button(page, "Go on as admin@example.com").waitFor();
  await looked(page, "other");
  await button(page, "Go on as admin@example.com").click();
  await seen(page, "You are signed in");
  expect(await servedUser()).toBe("admin@example.com");
});
