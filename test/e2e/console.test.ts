import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;

beforeEach(async () => {
  house = await openHouse({ person: "nothing" });
  const login = house.start(house.shim, ["login"]);
  await house.cloud.approve(await login.line(/^https:/));
  expect(await login.outcome).toMatchObject({ code: 0 });
});

afterEach(async () => {
  await house.close();
});

/** Where an address of the sign-in site leads. */
const visited = async (url: string): Promise<string> => {
  const said = "%{http_code} %{redirect_url}";
  return (await house.run("curl", ["-s", "-o", "/dev/null", "-w", said, url])).stdout;
};

const toConsole = /^30[23] https:\/\/(?:[\w-]+\.)?console\.aws\.amazon\.com\//;

test("the printed address leads into the console", async () => {
  const { code, stdout, stderr } = await house.evercred("aws", "console", "--print");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^https:\/\/signin\.aws\.amazon\.com\/federation\?.*\n$/);
  expect(await visited(stdout.trim())).toMatch(toConsole);
});

test("the browser gets the address by a page of ours, so that no command line has it", async () => {
  expect(await house.evercred("aws", "console")).toMatchObject({ code: 0, stdout: "" });
  const opened = (await house.pages()).at(-1) ?? "";
  expect(opened).toMatch(/^file:\/\/\/.*\.html$/);
  const file = fileURLToPath(opened);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const target = /0;url=([^"]+)"/.exec(await readFile(file, "utf8"))?.[1] ?? "";
  expect(await visited(target.replaceAll("&amp;", "&"))).toMatch(toConsole);
  await house.evercred("daemon", "stop");
  await expect.poll(() => existsSync(file)).toBe(false);
});
