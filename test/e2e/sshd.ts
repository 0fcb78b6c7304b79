import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen } from "../fakes/cloud/listening.ts";

const run = promisify(execFile);

/** A host that one may sign in to, by the name `box` and as the user of this process. */
export interface SshHost {
  /** A folder with an `ssh` that knows the host, to be put in front in PATH. */
  readonly bin: string;
  close(): Promise<void>;
}

/** Starts a real sshd on loopback, with keys of its own, in `folder`. Its sessions get `path` as PATH. */
export const startSshHost = async (folder: string, path: string): Promise<SshHost> => {
  const file = (name: string): string => join(folder, name);
  await mkdir(file("bin"), { recursive: true });
  await Promise.all(
    ["host", "user"].map((name) =>
      run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(name)]),
    ),
  );
  await writeFile(file("authorized"), await readFile(file("user.pub")));
  // As root, sshd wants this folder, which the system's own service makes.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const port = String(await freePort());
  await writeFile(
    file("sshd_config"),
    [
      "ListenAddress 127.0.0.1",
      `Port ${port}`,
      `HostKey ${file("host")}`,
      `AuthorizedKeysFile ${file("authorized")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PidFile none",
      `SetEnv PATH=${path}`,
      "",
    ].join("\n"),
  );
  const [type = "", key = ""] = (await readFile(file("host.pub"), "utf8")).split(" ");
  await writeFile(file("known_hosts"), `[127.0.0.1]:${port} ${type} ${key}\n`);
  await writeFile(
    file("ssh_config"),
    [
      "Host box",
      "HostName 127.0.0.1",
      `Port ${port}`,
      `User ${userInfo().username}`,
      `IdentityFile ${file("user")}`,
      "IdentitiesOnly yes",
      `UserKnownHostsFile ${file("known_hosts")}`,
      "StrictHostKeyChecking yes",
      "",
    ].join("\n"),
  );
  // ssh reads the home of the user's entry in passwd, whatever HOME says.
  const ssh = `#!/bin/sh\nexec /usr/bin/ssh -F ${file("ssh_config")} "$@"\n`;
  await writeFile(join(file("bin"), "ssh"), ssh, { mode: 0o755 });
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", file("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(server, "exit");
  await new Promise<void>((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Server listening")) resolve();
    });
    server.once("exit", () => {
      reject(new Error(`sshd ended: ${said}`));
    });
  });
  return {
    bin: file("bin"),
    close: async () => {
      server.kill();
      await ended;
    },
  };
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
};
