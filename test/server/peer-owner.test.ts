import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { endIn, type Ends, isOurs } from "../../electron/server/peer-owner.ts";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const ends: Ends = { peer: ["127.0.0.1", 40_000], own: ["127.0.0.1", 8_080] };

const line = (from: string, to: string, state: string, uid: number): string =>
  `   7: ${from} ${to} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 4711 1 0000000000000000 20 4 30 10 -1\n`;

describe("the owner in the kernel's table", () => {
  test.each<[string, string, "LE" | "BE", number | undefined]>([
    ["of a program over IPv4", line("0100007F:9C40", "0100007F:1F90", "01", 1000), "LE", 1000],
    [
      "on a machine of the other byte order",
      line("7F000001:9C40", "7F000001:1F90", "01", 0),
      "BE",
      0,
    ],
    [
      "of a program over IPv6",
      line(
        "0000000000000000FFFF00000100007F:9C40",
        "0000000000000000FFFF00000100007F:1F90",
        "01",
        33,
      ),
      "LE",
      33,
    ],
    [
      "of the peer's end, not of ours",
      line("0100007F:1F90", "0100007F:9C40", "01", 0) +
        line("0100007F:9C40", "0100007F:1F90", "01", 5),
      "LE",
      5,
    ],
    ["which is on its way out", line("0100007F:9C40", "0100007F:1F90", "06", 0), "LE", undefined],
    ["of another port", line("0100007F:9C41", "0100007F:1F90", "01", 0), "LE", undefined],
    ["of a longer address", line("AA0100007F:9C40", "0100007F:1F90", "01", 0), "LE", undefined],
    ["in a table that is empty", "", "LE", undefined],
    ["in a table that is cut short", " 0100007F:9C40 0100007F:1F90 01 ", "LE", undefined],
  ])("%s", (_what, lines, order, owner) => {
    expect(endIn(head + lines, ends, order)).toEqual(
      owner === undefined ? undefined : { owner, inode: 4_711 },
    );
  });
});

describe.skipIf(process.platform !== "linux")("a real connection", () => {
  /** The accepted end of a connection that a program of this user makes. */
  const acceptFrom = async (
    uid: number,
    family: "127.0.0.1" | "::ffff:127.0.0.1",
  ): Promise<Socket> => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const child: ChildProcess = spawn(
      "python3",
      [
        "-c",
        "import socket,sys; s = socket.create_connection(sys.argv[1:3]); s.recv(1)",
        family,
        String(port),
      ],
      { uid, stdio: "ignore", cwd: "/" },
    );
    const [socket] = (await once(server, "connection")) as [Socket];
    onTestFinished(() => {
      socket.destroy();
      child.kill();
      server.close();
    });
    return socket;
  };

  test.each(["127.0.0.1", "::ffff:127.0.0.1"] as const)(
    "of ours is ours, to %s",
    async (family) => {
      expect(await isOurs(await acceptFrom(process.getuid!(), family))).toBe(true);
    },
  );

  test.skipIf(process.getuid?.() !== 0)("of another user is not", async () => {
    expect(await isOurs(await acceptFrom(65_534, "127.0.0.1"))).toBe(false);
  });

  test("that has gone is nobody's", async () => {
    const socket = await acceptFrom(process.getuid!(), "127.0.0.1");
    socket.destroy();
    await once(socket, "close");
    expect(await isOurs(socket)).toBe(false);
  });

  test("stands in a table of the form that is read", async () => {
    expect(await readFile("/proc/net/tcp", "latin1")).toMatch(
      /^ +sl +local_address rem_address +st /u,
    );
  });
});
