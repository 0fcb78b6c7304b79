import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A message bus with nobody on it. */
export interface MessageBus {
  readonly address: string;
  /** Stops it in the middle of whatever it does: calls hang. */
  freeze(): void;
  thaw(): void;
  /** Ends it, and starts one anew at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Anybody may do anything on it, and it starts no service but `startable`, which it cannot. */
const configOf = (folder: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>${folder}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

/** Starts one; `stop` must be called. */
export const startBus = async (startable?: string): Promise<MessageBus> => {
  const folder = await mkdtemp(join(tmpdir(), "evercred-bus-"));
  const config = join(folder, "bus.conf");
  await writeFile(config, configOf(folder));
  if (startable !== undefined) {
    const service = `[D-BUS Service]\nName=${startable}\nExec=/bin/false\n`;
    await writeFile(join(folder, "one.service"), service);
  }
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      "dbus-daemon",
      [`--config-file=${config}`, "--print-address=1", "--nofork"],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    await once(createInterface(child.stdout), "line");
    return child;
  };
  let daemon = await start();
  return {
    address: `unix:path=${folder}/bus`,
    freeze: () => void daemon.kill("SIGSTOP"),
    thaw: () => void daemon.kill("SIGCONT"),
    restart: async () => {
      await end(daemon);
      await rm(join(folder, "bus"), { force: true });
      daemon = await start();
    },
    stop: async () => {
      await end(daemon);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
};
