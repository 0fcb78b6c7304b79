import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Conversation, ListeningDaemon } from "./listening-daemon.ts";
import type { Sandbox } from "./sandbox.ts";

type Answer = (conversation: Conversation) => void | Promise<void>;

/** A bridge as a daemon makes it: a folder with a socket and a token. */
export interface Bridge {
  readonly folder: string;
  readonly socket: string;
  readonly tokenFile: string;
  /** The bytes that the token file writes in hexadecimal digits. */
  readonly token: Buffer;
  readonly daemon: ListeningDaemon;
  /** An environment that leads to the bridge. */
  readonly env: Readonly<Record<string, string>>;
}

/** A bridge in a folder of the sandbox; a daemon of the test's own answers there. */
export async function openBridge(
  sandbox: Sandbox,
  answer: Answer,
  folder = join(sandbox.folder, "bridge"),
): Promise<Bridge> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [socket, tokenFile] = [join(folder, "socket"), join(folder, "token")];
  const token = randomBytes(32);
  writeFileSync(tokenFile, token.toString("hex"), { mode: 0o600 });
  const daemon = await sandbox.serve(answer, socket);
  const env = { ...sandbox.env, EVERCRED_BRIDGE: folder };
  return { folder, socket, tokenFile, token, daemon, env };
}

/** A bridge over TCP. Its environment names the token file. */
export async function openTcpBridge(
  sandbox: Sandbox,
  answer: Answer,
  host = "127.0.0.1",
): Promise<Bridge> {
  const bridge = await openBridge(sandbox, answer);
  const daemon = await sandbox.serve(answer, { host });
  const name = host.includes(":") ? `[${host}]` : host;
  const env = {
    ...sandbox.env,
    EVERCRED_BRIDGE: `tcp://${name}:${String(daemon.port)}`,
    EVERCRED_BRIDGE_TOKEN_FILE: bridge.tokenFile,
  };
  return { ...bridge, daemon, env };
}

/** The sentence of a bridge that cannot be used. */
export const sentence = (env: Bridge["env"], what: string): string =>
  `evercred: The bridge ${env["EVERCRED_BRIDGE"] ?? ""} ${what}. Make it anew on the host with: evercred bridge add\n`;
