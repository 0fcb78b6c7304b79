import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAwsSetup } from "../../electron/platform/aws-setup.ts";
import { temporaryFolder } from "./folder.ts";

const command = "/opt/evercred aws process --profile dev";
const profile = { name: "dev-evercred", command, region: "us-east-1" };
const section = `[profile dev-evercred]\ncredential_process = ${command}\nregion = us-east-1\n`;

const home = (config?: string, credentials?: string) => {
  const folder = temporaryFolder();
  const [configFile, credentialsFile] = [join(folder, "config"), join(folder, "credentials")];
  if (config !== undefined) writeFileSync(configFile, config);
  if (credentials !== undefined) writeFileSync(credentialsFile, credentials);
  const aws = openAwsSetup({ configFile, credentialsFile });
  return { aws, configFile, text: () => readFileSync(configFile, "utf8") };
};

test.each([
  ["no file", undefined, section],
  ["a profile before", "[default]\nregion = x\n", `[default]\nregion = x\n\n${section}`],
  ["no last line end", "[default]\nregion = x", `[default]\nregion = x\n\n${section}`],
  ["Windows line ends", "[default]\r\n", `[default]\r\n\r\n${section.replaceAll("\n", "\r\n")}`],
])("%s: the profile is added, and an undo gives the bytes back", (_, before, after) => {
  const { aws, configFile, text } = home(before);
  aws.set(profile).make();
  expect(text()).toBe(after);
  const again = aws.set(profile);
  expect(again.before).toBe(again.after);
  aws.undo("dev-evercred")?.make();
  expect(existsSync(configFile) ? text() : undefined).toBe(before);
  expect(existsSync(`${configFile}.evercred-backup`)).toBe(false);
  expect(aws.undo("dev-evercred")).toBeUndefined();
});

test("one of ours is replaced in its place, and only it goes", () => {
  const rest = "[default]\n\n# theirs\n[profile other]\nregion = x\n";
  const { aws, text } = home(`${section}\n${rest}`);
  const other = {
    ...profile,
    command: "'/opt/my evercred' aws process --profile ops",
    region: undefined,
  };
  aws.set(other).make();
  expect(text()).toBe(`[profile dev-evercred]\ncredential_process = ${other.command}\n\n${rest}`);
  aws.undo("dev-evercred")?.make();
  expect(text()).toBe(`\n${rest}`);
});

test.each([
  [
    "sso_ settings",
    "[profile dev-evercred]\nsso_session = corp\n",
    "has sso_session on line 1: beside a credential_process",
  ],
  [
    "something else",
    "\n[profile dev-evercred]\nregion = x\n",
    "is something else already, on line 2.",
  ],
  [
    "another program",
    "[profile dev-evercred]\ncredential_process = /bin/other\n",
    "is something else already",
  ],
  [
    "itself, by its keys' source",
    "[profile dev]\nsource_profile = dev-evercred\n",
    "would ask for itself: dev-evercred -> dev -> dev-evercred.",
  ],
  [
    "itself, by another program of ours",
    "[profile dev]\ncredential_process = evercred aws export --profile=dev-evercred\n",
    "would ask for itself",
  ],
])("a name is refused that leads to %s", (_, before, why) => {
  const { aws, text } = home(before);
  expect(() => aws.set(profile)).toThrow(why);
  expect(aws.undo("dev-evercred")).toBeUndefined();
  expect(text()).toBe(before);
});

test("a name is refused that has keys of its own", () => {
  const { aws } = home("", "[dev-evercred]\naws_access_key_id = AKIA\n");
  expect(() => aws.set(profile)).toThrow("has keys of its own in");
});

test("a loop that does not come back here is no matter of ours", () => {
  const { aws } = home(
    "[profile dev]\nsource_profile = ops\n[profile ops]\nsource_profile = dev\n",
  );
  expect(aws.set(profile).after).toContain(section);
});

test("a change by another program meanwhile is not overwritten", () => {
  const { aws, configFile, text } = home("");
  const change = aws.set(profile);
  writeFileSync(configFile, "[default]\n");
  expect(() => change.make()).toThrow("Another program has just changed");
  expect(text()).toBe("[default]\n");
});
