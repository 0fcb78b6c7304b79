import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { run } from "../../scripts/command.mjs";
import { script } from "./program.ts";

/** Runs a shell text on a private desktop, from a process whose environment must not leak into it. */
function onPrivateDesktop(text: string, limitMs = 20_000) {
  const code = `import { runOnPrivateDesktop } from ${JSON.stringify(script("private-desktop.mjs"))};
    const words = ["sh", "-c", ${JSON.stringify(text)}];
    process.exitCode = await runOnPrivateDesktop(words, { cwd: "/", limitMs: ${limitMs} });`;
  const env = {
    ...process.env,
    AWS_PROFILE: "mine",
    EVERCRED_HOME: "/mine",
    HTTPS_PROXY: "http://mine",
    BROWSER: "mine",
    XDG_DATA_HOME: "/mine",
  };
  return run(process.execPath, ["--input-type=module", "--eval", code], { env });
}

test("nothing of the developer's accounts, proxies and folders is seen there", async () => {
  const { stdout } = await onPrivateDesktop("env");
  expect(stdout).toMatch(/^HOME=.*\/home$/m);
  expect(stdout).toMatch(/^TZ=UTC$/m);
  expect(stdout).toMatch(/^DBUS_SESSION_BUS_ADDRESS=/m);
  expect(stdout).toMatch(/^DISPLAY=/m);
  expect(stdout).not.toMatch(/=.*mine/);
});

test("its keyring is unlocked and empty", async () => {
  const python = `import dbus
bus = dbus.SessionBus()
login = bus.get_object("org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login")
read = lambda name: dbus.Interface(login, "org.freedesktop.DBus.Properties").Get("org.freedesktop.Secret.Collection", name)
print(bool(read("Locked")), len(read("Items")))`;
  const { stdout } = await onPrivateDesktop(`/usr/bin/python3 -c '${python}'`);
  expect(stdout).toBe("False 0\n");
});

test("the program's exit code and stderr come through, and its folder is removed", async () => {
  const { status, stdout, output } = await onPrivateDesktop('echo "$HOME"; echo aside >&2; exit 5');
  expect(status).toBe(5);
  expect(output).toContain("aside\n");
  expect(existsSync(stdout.trim())).toBe(false);
});

test("a run that takes too long is ended with all that it started", async () => {
  const { status, stdout, output } = await onPrivateDesktop(
    "setsid sleep 600 & echo $!; exec sleep 600",
    1_500,
  );
  expect(status).toBe(124);
  expect(output).toContain("The time for the whole run has passed: ended.");
  expect(output).toContain("Left running and ended now: sleep");
  // Ended, though nobody may have asked for its exit status yet.
  const state = await run("ps", ["-o", "stat=", "-p", stdout.trim()]);
  expect(state.stdout.trim()).toMatch(/^(?:Z.*)?$/);
});
