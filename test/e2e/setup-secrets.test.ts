import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aws } from "./aws-clients.ts";
import { type House, keychainItems, oneProfile, openHouse } from "./house.ts";
import { configFileOf, keyOf, printed } from "./key-home.ts";

const secret = "sk-ant-swordfish-0123456789";
const url = "https://gateway.example.com";

let house: House;

beforeAll(async () => {
  house = await openHouse();
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
});

afterAll(() => house.close());

const write = async (name: string, text: string): Promise<void> => {
  const file = join(house.home, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
};

const read = (name: string): Promise<string> => readFile(join(house.home, name), "utf8");

const gateway = ["setup", "claude", "--provider", "gateway", "--base-url", url, "--no-verify"];

test("a secret of a shell profile is in the keychain, and shown to the gateway from there", async () => {
  await write(".bashrc", `# mine\nexport ANTHROPIC_AUTH_TOKEN=${secret} # key\nalias l=ls\n`);
  await write(".zshrc", `export ANTHROPIC_AUTH_TOKEN='${secret}'\n`);
  const { code, stdout, stderr } = await house.evercred(...gateway, "--move-secrets");
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain("swordfish");
  const note =
    ": # ANTHROPIC_AUTH_TOKEN is in the keychain now: evercred api-key anthropic-auth-token";
  expect(await read(".bashrc")).toBe(`# mine\n${note}\nalias l=ls\n`);
  expect(await read(".zshrc")).toBe(`${note}\n`);
  expect(await keyOf(house, "anthropic-auth-token")).toEqual(printed(secret));
  expect(await read(".claude/settings.json")).toContain("api-key anthropic-auth-token");
  expect(await keychainItems(house)).not.toContain(secret);
  // The shells still read their files.
  const shell = await house.run("/bin/bash", ["-c", `. '${house.home}/.bashrc' && alias l`]);
  expect(shell).toMatchObject({ code: 0, stdout: "alias l='ls'\n" });
});

test("one of Claude Code's settings goes too, and no undo brings it back", async () => {
  const file = ".claude/settings.json";
  await house.evercred("setup", "claude", "--undo");
  const env = { ANTHROPIC_API_KEY: `${secret}-2`, A: "1" };
  await write(file, `${JSON.stringify({ env }, undefined, 2)}\n`);
  expect(
    await house.evercred(...gateway, "--move-secrets", "--key", "anthropic-auth-token"),
  ).toMatchObject({ code: 0 });
  expect(await house.evercred("setup", "claude", "--undo")).toMatchObject({ code: 0 });
  expect(await read(file)).toBe('{\n  "env": {\n    "A": "1"\n  }\n}\n');
  expect(await keyOf(house, "anthropic-api-key")).toEqual(printed(`${secret}-2`));
});

test("what the shell knows of a proxy is told by the client, and changes nothing", async () => {
  const before = await readFile(configFileOf(house), "utf8");
  const proxy = "http://ann:swordfish@127.0.0.1:9";
  const more = { https_proxy: proxy, HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: "/c.pem" };
  const words = [...gateway, "--key", "anthropic-auth-token", "--yes"];
  const { code, stderr } = await house.run(house.shim, words, more);
  expect(code).toBe(0);
  expect(stderr).toContain("This shell goes through the proxy http://127.0.0.1:9 (https_proxy)");
  expect(stderr).toContain("This shell trusts the certificates in /c.pem (NODE_EXTRA_CA_CERTS)");
  expect(stderr).not.toContain("swordfish");
  expect(await readFile(configFileOf(house), "utf8")).toBe(before);
  // The sign-in goes the daemon's own way: over that proxy it would reach nobody.
  await house.evercred("logout", "corp");
  expect(await house.run(house.shim, ["login", "corp"], more)).toMatchObject({ code: 0 });
});

test("the AWS CLI gets keys from a profile with a program, and its file comes back", async () => {
  expect(await house.evercred("setup", "aws", "--profile", "p")).toMatchObject({ code: 0 });
  const [program, ...args] = aws;
  const { code, stdout } = await house.run(program, [...args, "--profile", "p-evercred"]);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("Developer") });
  expect(await house.evercred("setup", "aws", "--profile", "p", "--undo")).toMatchObject({
    code: 0,
  });
  expect(await read(".aws/config")).toBe(oneProfile);
});

test("an editor that is used gets the variables, and its file comes back", async () => {
  const file = ".config/Code/User/settings.json";
  const before = '{\n  // mine\n  "editor.fontSize": 12,\n}\n';
  await write(file, before);
  const flags = ["--provider", "bedrock", "--profile", "p", "--no-verify"];
  expect(await house.evercred("setup", "vscode", ...flags)).toMatchObject({ code: 0 });
  expect(await read(file)).toContain('{ "name": "AWS_REGION", "value": "us-east-1" }');
  expect(await house.evercred("setup", "vscode", "--undo")).toMatchObject({ code: 0 });
  expect(await read(file)).toBe(before);
});

test("a container's lines lead over a bridge that gives just that", async () => {
  const flags = ["--provider", "bedrock", "--profile", "p", "--name", "box"];
  const { code, stdout } = await house.evercred("setup", "devcontainer", ...flags);
  expect(code).toBe(0);
  const directory = /source=([^,]+),target=\/run\/evercred-bridge/.exec(stdout)?.[1] ?? "";
  const inside = { EVERCRED_BRIDGE: directory, HOME: "/nonexistent", XDG_RUNTIME_DIR: "" };
  const given = await house.run(house.shim, ["aws", "export", "--profile", "p"], inside);
  expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining("AccessKeyId") });
  const refused = await house.run(house.shim, ["api-key", "anthropic-auth-token"], inside);
  expect(refused.code).not.toBe(0);
});
