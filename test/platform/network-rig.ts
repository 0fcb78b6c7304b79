import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Socket } from "node:net";
import { onTestFinished } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { Network, type NetworkOptions } from "../../electron/platform/network.ts";
import { MemoryLog } from "../fakes/log.ts";

/** A network that trusts nobody but whom it is told to, and uses no proxy but one that is named. */
export function openNetwork({
  settings,
  ...options
}: Partial<Omit<NetworkOptions, "settings">> & {
  readonly settings?: Partial<NetworkOptions["settings"]>;
}): Network {
  const network = new Network({
    env: {},
    settings: { proxy: "auto", noProxy: [], caFiles: [], systemCa: false, ...settings },
    secretOf: secretsOf({}),
    system: undefined,
    log: new MemoryLog(),
    ...options,
  });
  onTestFinished(() => network.close());
  return network;
}

/** Secrets of static keys, by name. */
export const secretsOf =
  (secrets: Readonly<Record<string, string>>): NetworkOptions["secretOf"] =>
  async (name) => {
    const secret = secrets[name];
    if (secret !== undefined) return new Secret(secret);
    throw new EvercredError("sign-in-needed", `The key ${name} is not there.`);
  };

/** What a host answers. */
export interface Answer {
  readonly body: string;
  readonly socket: Socket;
}

export async function get(network: Pick<Network, "agent">, url: string): Promise<Answer> {
  const outgoing = request(url, { agent: network.agent });
  outgoing.end();
  const [reply] = (await once(outgoing, "response")) as [IncomingMessage];
  const { socket } = reply;
  let body = "";
  for await (const chunk of reply) body += String(chunk);
  return { body, socket };
}
