import type { IncomingMessage } from "node:http";
import { type Agent, request } from "node:https";
import type { Socket } from "node:net";
import { EvercredError } from "../core/errors.ts";
import { type Clock, plus } from "../core/time.ts";
import { withDeadline } from "./deadline.ts";
import { networkErrorOf } from "./network-errors.ts";
import { offsetMsOf } from "./provider-time.ts";

/** What an agent knows of a connection that it has made. */
export interface ConnectionSeen {
  readonly way: {
    /** Undefined: directly. */
    readonly proxy: { readonly url: URL } | undefined;
    readonly saidBy: string | undefined;
  };
  readonly certificate: { readonly issuer: string } | undefined;
}

export interface ProbePorts {
  /** An agent that shares no connection with anybody. */
  openAgent(): {
    readonly agent: Agent;
    factsOf(socket: Socket): ConnectionSeen | undefined;
    close(): void;
  };
  readonly clock: Clock;
}

/** What a request that says nothing of anybody has found out about the way to a host. */
export interface ProbeFacts {
  readonly way: {
    readonly kind: "direct" | "proxy";
    readonly proxy: string | undefined;
    readonly saidBy: string | undefined;
  };
  readonly issuer: string | undefined;
  readonly status: number;
  readonly offsetMs: number | undefined;
}

/** How long an answer may take, in milliseconds. */
const limitMs = 15_000;

/**
 * Asks an https address for its head, over a connection of its own. Rejects with what the agent rejects with, `unreachable`
 * or `tls-failed` for what the host itself does, `timed-out`, or the signal's reason.
 */
export const probeOver =
  (ports: ProbePorts) =>
  (url: URL, signal: AbortSignal): Promise<ProbeFacts> => {
    const { host } = url;
    const { clock } = ports;
    const sentence = `${host} has not answered within ${limitMs / 1000} s.`;
    const late = new EvercredError("timed-out", sentence, { remedy: "Check the network." });
    const sentAt = clock.now();
    return withDeadline(clock, plus(sentAt, limitMs), late, signal, async (inner) => {
      const own = ports.openAgent();
      try {
        const message = await headOf(url, own.agent, inner);
        const { way, certificate } = own.factsOf(message.socket) ?? unknown;
        return {
          way: {
            kind: way.proxy === undefined ? "direct" : "proxy",
            proxy: way.proxy?.url.host,
            saidBy: way.saidBy,
          },
          issuer: certificate?.issuer,
          status: message.statusCode ?? 0,
          offsetMs: offsetMsOf(message.headers.date, sentAt, clock.now()),
        };
      } catch (thrown) {
        inner.throwIfAborted();
        throw thrown instanceof EvercredError ? thrown : networkErrorOf(host, thrown);
      } finally {
        own.close();
      }
    });
  };

const unknown: ConnectionSeen = {
  way: { proxy: undefined, saidBy: undefined },
  certificate: undefined,
};

const headOf = (url: URL, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    const asked = request(url, { method: "HEAD", agent, signal }, resolve);
    asked.once("error", reject);
    asked.end();
  });
