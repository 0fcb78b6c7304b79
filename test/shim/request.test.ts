import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import { follow, Sandbox, usage, version } from "./sandbox.ts";

it("the request is the version, each argument, the environment, the folder, the terminals and go", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const args = ["aws", "export", "two words", "", "ünï…", "a\nb", "-x"];
  expect((await sandbox.run(args)).code).toBe(0);
  const frames = daemon.conversations[0]?.request.map(({ type, payload }) => [
    type,
    payload.toString(),
  ]);
  expect(frames).toEqual([
    ["V", "2"],
    ["v", version],
    ...args.map((text) => ["A", text]),
    ["D", sandbox.home],
    ["T", " 0"],
  ]);
});

it("the words after the first -- stay with the caller, however many they are", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => {
    conversation.send("R");
  });
  const words = ["sh", "-c", 'echo "$#"', "--", ...Array.from({ length: 20_000 }, () => "secret")];
  expect((await sandbox.run(["exec", "-x", "--", ...words])).stdout).toBe("20000\n");
  expect(daemon.conversations[0]?.texts("A")).toEqual(["exec", "-x", "--"]);
});

it("arguments that are not UTF-8 reach the daemon unchanged", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const script = `exec '${sandbox.shim}' "$(printf 'a\\377b')"`;
  expect((await follow(spawn("sh", ["-c", script], { env: sandbox.env }))).code).toBe(0);
  const argument = daemon.conversations[0]?.request.find(({ type }) => type === "A");
  expect(argument?.payload).toEqual(Buffer.from([0x61, 0xff, 0x62]));
});

it("only the variables that a request is about are sent", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const sent = {
    AWS_PROFILE: "dev",
    AWS_DEFAULT_PROFILE: "d",
    AWS_CONFIG_FILE: "/c",
    AWS_SHARED_CREDENTIALS_FILE: "/s",
    AWS_REGION: "eu-west-1",
    CLOUDSDK_CONFIG: "/g",
    GOOGLE_APPLICATION_CREDENTIALS: "/a",
    GOOGLE_CLOUD_PROJECT: "p",
    CLAUDE_CODE_REMOTE: "1",
    CLAUDE_CODE_PROXY_URL: "u",
    CLAUDE_CODE_MCP_SERVER_NAME: "n=m",
    SSH_CONNECTION: "",
    SSH_TTY: "/dev/pts/1",
    DISPLAY: ":1",
    WAYLAND_DISPLAY: "w",
    WSL_DISTRO_NAME: "Debian",
    REMOTE_CONTAINERS: "true",
    CODESPACES: "true",
    NO_COLOR: "1",
    TERM: "xterm",
    COLUMNS: "90",
    LANG: "C.UTF-8",
    LC_ALL: "C",
  };
  const kept = {
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_PROFILE_X: "x",
    AWS_PROFIL: "x",
    BROWSER: "firefox",
    HTTPS_PROXY: "http://proxy",
    CLAUDE_CODE_PROXY: "x",
    LC_CTYPE: "C",
  };
  await sandbox.run(["status"], { env: { ...sandbox.env, ...kept, ...sent } });
  const variables = daemon.conversations[0]?.texts("E");
  expect([...(variables ?? [])].sort()).toEqual(
    Object.entries(sent)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  );
});

it("a folder that is gone is sent as empty", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const folder = `${sandbox.folder}/gone`;
  mkdirSync(folder);
  const script = `rmdir '${folder}' && exec '${sandbox.shim}' status`;
  await follow(spawn("sh", ["-c", script], { cwd: folder, env: sandbox.env }));
  expect(daemon.conversations[0]?.texts("D")).toEqual([""]);
});

it("a command line of more than 1,024 frames is refused before anything is sent", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve((conversation) => conversation.exit(0));
  const { code, stderr } = await sandbox.run(Array.from({ length: 1100 }, () => "x"));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^evercred: The command line is too long for Evercred\. .*\n$/);
  expect(daemon.conversations).toHaveLength(0);
});

it.each([["version"], ["--version"]])("%s prints the shim's own version", async (word) => {
  const sandbox = await Sandbox.make();
  expect(await sandbox.run([word])).toMatchObject({ code: 0, stdout: `evercred ${version}\n` });
});

it.each([[[]], [["help"]], [["--help"]], [["-h"]]])(
  "%j prints the usage byte for byte, without a daemon",
  async (args) => {
    const sandbox = await Sandbox.make();
    expect(await sandbox.run(args)).toMatchObject({ code: 0, stdout: usage, stderr: "" });
  },
);

it.each([[["help", "aws"]], [["version", "--json"]], [["--own"]], [["daemon", "start", "--help"]]])(
  "%j is the daemon's to answer",
  async (args) => {
    const sandbox = await Sandbox.make();
    const daemon = await sandbox.serve((conversation) => conversation.exit(0));
    await sandbox.run(args);
    expect(daemon.conversations[0]?.texts("A")).toEqual(args);
  },
);
