import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { BlockList, isIP, Socket } from "node:net";
import { afterEach, expect } from "vitest";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

let refusals: string[] = [];

/** The hosts that were refused since the last call; a test that provokes a refusal takes it. */
export function takeRefusals(): readonly string[] {
  const taken = refusals;
  refusals = [];
  return taken;
}

afterEach(() => {
  expect(takeRefusals(), "hosts outside this machine that the test tried to reach").toEqual([]);
});

function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === "localhost" || host.endsWith(".localhost");
  return loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}

function refuse(host: string): Error {
  refusals.push(host);
  return new Error(`A test may reach this machine only, not ${host}.`);
}

/** The host in the arguments of connect(), which are (options), (port, host), (path), or an array of these. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = args;
  if (Array.isArray(first)) return hostOf(first);
  if (typeof first === "object" && first !== null) {
    if ("path" in first && first.path) return undefined;
    return "host" in first && typeof first.host === "string" ? first.host : undefined;
  }
  return typeof second === "string" ? second : undefined;
}

const connect = Socket.prototype.connect;
Socket.prototype.connect = function (this: Socket, ...args: readonly unknown[]) {
  const host = hostOf(args);
  if (host === undefined || isLoopback(host)) return Reflect.apply(connect, this, args);
  const error = refuse(host);
  process.nextTick(() => this.destroy(error));
  return this;
};

const questions = ["lookup", "resolve", "resolve4", "resolve6"] as const;

for (const question of questions) {
  const ask = dns[question];
  const wrapped = (host: string, ...rest: readonly unknown[]): unknown => {
    if (isLoopback(host)) return Reflect.apply(ask, dns, [host, ...rest]);
    const error = refuse(host);
    const callback = rest.at(-1);
    if (typeof callback === "function") process.nextTick(() => callback(error));
    return undefined;
  };
  Object.defineProperty(dns, question, { value: Object.assign(wrapped, ask) });
  const askPromised = dns.promises[question];
  Object.defineProperty(dns.promises, question, {
    value: (host: string, ...rest: readonly unknown[]): unknown =>
      isLoopback(host)
        ? Reflect.apply(askPromised, dns.promises, [host, ...rest])
        : Promise.reject(refuse(host)),
  });
}
syncBuiltinESMExports();
