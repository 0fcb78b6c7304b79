import dns from "node:dns/promises";
import { get } from "node:http";
import { connect, createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { takeRefusals } from "../loopback-only.ts";

// 192.0.2.0/24 is kept for documentation: nobody answers there, even where there is a network.
const elsewhere = "192.0.2.1";
const refusal = `A test may reach this machine only, not ${elsewhere}.`;

test("a socket to another machine is refused", async () => {
  await expect(once(connect(443, elsewhere), "connect")).rejects.toThrow(refusal);
  expect(takeRefusals()).toEqual([elsewhere]);
});

test("an HTTP request to another machine is refused", async () => {
  await expect(once(get(`http://${elsewhere}/`), "response")).rejects.toThrow(refusal);
  expect(takeRefusals()).toEqual([elsewhere]);
});

test("fetch from another machine is refused", async () => {
  await expect(fetch(`http://${elsewhere}/`)).rejects.toMatchObject({
    cause: { message: refusal },
  });
  expect(takeRefusals()).toEqual([elsewhere]);
});

test("a host name is refused before it is looked up", async () => {
  await expect(once(connect(443, "example.com"), "connect")).rejects.toThrow("not example.com");
  await expect(dns.lookup("example.com")).rejects.toThrow("not example.com");
  await expect(dns.resolve4("example.com")).rejects.toThrow("not example.com");
  expect(takeRefusals()).toEqual(["example.com", "example.com", "example.com"]);
});

test.each(["127.0.0.1", "localhost"])("a server of this machine is reached by %s", async (host) => {
  const server = createServer((socket) => socket.end("here")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect({ port, host, family: 4 });
  const [data]: unknown[] = await once(socket, "data");
  expect(String(data)).toBe("here");
  server.close();
  await once(server, "close");
});
