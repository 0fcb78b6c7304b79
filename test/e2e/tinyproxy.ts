import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { listen } from "../fakes/cloud/listening.ts";

/** A tinyproxy that wants a user and a password, and leads on through another proxy. */
export interface Tinyproxy {
  readonly url: string;
  /** What was asked for: `login.example.com:443`. */
  asked(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const startTinyproxy = async (
  folder: string,
  login: { readonly user: string; readonly password: string },
  next: URL,
): Promise<Tinyproxy> => {
  const placeholder = createServer();
  const port = await listen(placeholder);
  placeholder.close();
  await once(placeholder, "close");
  const [file, log] = [join(folder, "tinyproxy.conf"), join(folder, "tinyproxy.log")];
  const lines = [
    ...[`Port ${port}`, "Listen 127.0.0.1", "Allow 127.0.0.1", "ConnectPort 443", "Timeout 60"],
    ...[`BasicAuth ${login.user} ${login.password}`, `Upstream http ${next.host}`],
    ...[`LogFile "${log}"`, "LogLevel Connect"],
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const child = spawn("tinyproxy", ["-d", "-c", file], { stdio: "ignore" });
  await listening(port, child);
  return {
    url: `http://127.0.0.1:${port}`,
    asked: async () =>
      Array.from(
        (await readFile(log, "utf8")).matchAll(/ CONNECT (\S+) HTTP/g),
        ([, to = ""]) => to,
      ),
    close: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
};

const listening = async (port: number, child: ChildProcess): Promise<void> => {
  for (;;) {
    if (child.exitCode !== null) throw new Error("tinyproxy has ended.");
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await setTimeout(20);
  }
};
