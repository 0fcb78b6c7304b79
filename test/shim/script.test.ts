import { expect, it } from "vitest";
import type { Conversation } from "./listening-daemon.ts";
import { Sandbox } from "./sandbox.ts";

const orders =
  (...texts: readonly string[]) =>
  (conversation: Conversation): void => {
    conversation.send("S", texts.map((text) => `${text}\0`).join(""));
  };

it("bridge ssh runs the script that comes, with its words and then the caller's own", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(
    orders(`printf '[%s]' "$0" "$@"; echo "$FOO"`, "host", "", "a b\n"),
  );
  const args = ["bridge", "ssh", "host", "--allow", "aws:dev", "--"];
  const { code, stdout } = await sandbox.run([...args, "ls", "--", "*"], {
    env: { ...sandbox.env, FOO: "foo" },
  });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "[evercred][host][][a b\n][ls][--][*]foo\n",
  });
  expect(daemon.conversations[0]?.texts("A")).toEqual(args);
});

it("config edit runs the script that comes", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(orders(`printf '[%s]' "$@"`, "/home/ann/config.json"));
  expect(await sandbox.run(["config", "edit"])).toMatchObject({
    code: 0,
    stdout: "[/home/ann/config.json]",
  });
});

it("a script without words and without -- has none", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(orders('echo "$#"; exit 9'));
  expect(await sandbox.run(["bridge", "ssh", "host"])).toMatchObject({ code: 9, stdout: "0\n" });
});

it("the script has the caller's stdin, and the connection stays open until it ends", async () => {
  const sandbox = await Sandbox.make();
  const daemon = await sandbox.serve(orders('echo up; read -r line; echo "$line"'));
  const { child, ended } = sandbox.start(["bridge", "ssh", "host"], { stdin: "pipe" });
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  const closed = daemon.conversations[0]?.closed;
  let isClosed = false;
  void closed?.then(() => (isClosed = true));
  // Another whole request: an end of the first connection would have been seen by now.
  const other = await sandbox.start(["bridge", "ssh", "host"]).ended;
  expect(other.stdout).toBe("up\n\n");
  expect(isClosed).toBe(false);
  child.stdin?.end("typed\n");
  expect((await ended).stdout).toBe("up\ntyped\n");
  await closed;
});

it.each([
  [["bridge"]],
  [["bridge", "add", "ssh"]],
  [["exec", "ssh"]],
  [["exec", "bridge", "ssh"]],
  [["exec", "--", "bridge", "ssh"]],
  [["--", "bridge", "ssh"]],
  [["bridge", "--", "ssh"]],
  [["config", "set", "edit"]],
])("%j did not ask for a script, so none is run", async (args) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(orders("echo ran"));
  expect(await sandbox.run(args)).toMatchObject({
    code: 4,
    stdout: "",
    stderr:
      "evercred: The daemon sent a script that nobody asked for. Restart it with: evercred daemon restart\n",
  });
});

it.each([
  ["is empty", ""],
  ["has no script", "\0word\0"],
  ["has no end", "echo ran"],
  ["has a word without an end", "echo ran\0word"],
])("nothing is run when the order %s", async (_what, payload) => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("S", payload);
  });
  expect(await sandbox.run(["bridge", "ssh", "host"])).toMatchObject({ code: 4, stdout: "" });
});

it("nothing is run when the order is empty, whatever was asked for before it", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve((conversation) => {
    conversation.send("e", "NO_SUCH_VARIABLE");
    conversation.send("S", "");
  });
  expect(await sandbox.run(["bridge", "ssh", "host", "--", "echo ran"])).toMatchObject({
    code: 4,
    stdout: "",
    stderr: "evercred: The daemon sent an empty script. Restart it with: evercred daemon restart\n",
  });
});

it("more words than a script is given are refused, not cut", async () => {
  const sandbox = await Sandbox.make();
  await sandbox.serve(orders("echo ran"));
  const words = Array.from({ length: 5000 }, () => "x");
  const { code, stdout, stderr } = await sandbox.run(["bridge", "ssh", "host", "--", ...words]);
  expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  expect(stderr).toContain("There are too many words after --.");
});
