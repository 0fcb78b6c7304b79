import { chmod, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

const nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];

test("another user can neither connect nor read where the daemon listens", async () => {
  house = await openHouse();
  await house.evercred("login");
  // All that is left is our own guard: everything above it may be entered by everybody.
  for (const path of [dirname(house.home), house.home, house.runtime, dirname(house.shim)]) {
    await chmod(path, 0o755);
  }
  const asNobody = (program: string, ...args: readonly string[]): ReturnType<House["run"]> =>
    house.run("/usr/bin/setpriv", [...nobody, program, ...args], {
      HOME: join(house.home, "nowhere"),
    });
  const socket = join(house.runtime, "evercred", "daemon.sock");
  const connect = `import socket; socket.socket(socket.AF_UNIX).connect(${JSON.stringify(socket)})`;
  expect((await asNobody("/usr/bin/python3", "-c", connect)).stderr).toContain("PermissionError");
  expect((await asNobody("/bin/cat", join(house.state, "endpoint"))).code).not.toBe(0);
  const shim = await asNobody(house.shim, "aws", "export");
  expect(shim).toMatchObject({ code: 4, stdout: "" });
  expect(shim.stderr).toContain("belongs to another user");
});

/** Sends a whole request for keys, and prints all that comes back. */
const askAsClient = `
import socket, struct, sys
def frame(kind, text): return kind + struct.pack(">I", len(text)) + text
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
answer = b""
try:
    s.sendall(frame(b"V", b"2") + frame(b"A", b"aws") + frame(b"A", b"export") + frame(b"G", b""))
    while part := s.recv(65536): answer += part
except (BrokenPipeError, ConnectionResetError): pass
print(answer.decode("latin1"))
`;

test("another user who can reach the socket gets nothing from it", async () => {
  house = await openHouse();
  await house.evercred("login");
  const daemon = join(house.runtime, "evercred");
  const socket = join(daemon, "daemon.sock");
  // Not even our own modes are left.
  for (const path of [dirname(house.home), house.runtime, daemon]) await chmod(path, 0o755);
  await chmod(socket, 0o666);
  const asks = ["-c", askAsClient, socket];
  const ours = await house.run("/usr/bin/python3", asks);
  expect(ours.stdout).toContain("SecretAccessKey");
  const theirs = await house.run("/usr/bin/setpriv", [...nobody, "/usr/bin/python3", ...asks]);
  expect(theirs).toMatchObject({ code: 0, stdout: "\n", stderr: "" });
  const log = await readFile(join(house.state, "evercred.log"), "utf8");
  expect(log).toContain("another user's request");
  // The shim, which has to stop the daemon, would refuse all that is open to others.
  for (const path of [house.runtime, daemon]) await chmod(path, 0o700);
  await chmod(socket, 0o600);
});
