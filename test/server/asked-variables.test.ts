import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { unknownCaller } from "../../electron/core/caller.ts";
import { frame, limits } from "../../electron/protocol/wire.ts";
import { type Handler, serve } from "../../electron/server/connection.ts";
import { MemoryLog } from "../fakes/log.ts";
import { Caller, defer, makeDirectory } from "./rig.ts";

type Told = Readonly<Record<string, string>> | undefined;

/** A request of a shim of this version, for a verb that wants variables; and what the verb is told. */
const requestOf = async (
  version: string,
  names: readonly string[],
  bridge?: { readonly name: string; readonly allow: readonly [] },
): Promise<{ readonly caller: Caller; readonly told: Promise<Told> }> => {
  const told = defer<Told>();
  const handle: Handler = async (_request, reply) => {
    told.resolve(await reply.variables(names));
    return 0;
  };
  const path = join(await makeDirectory(), "socket");
  const server = createServer((socket) => {
    serve(socket, { token: undefined, bridge }, unknownCaller, handle, new MemoryLog());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
  });
  const caller = new Caller(path).send(frame("V", version), frame("G"));
  return { caller, told: told.promise };
};

test("variables are asked for by name, and are those that come before the end of the answer", async () => {
  const { caller, told } = await requestOf("2", ["AWS_*", "HTTPS_PROXY"]);
  await caller.frame("e", "AWS_* HTTPS_PROXY");
  caller.send(frame("E", "AWS_PROFILE=dev=x"), frame("E", "EMPTY="), frame("E", "=x"));
  caller.send(frame("E", "none"), frame("G"));
  expect(await told).toEqual({ AWS_PROFILE: "dev=x", EMPTY: "" });
  expect(await caller.ended).toMatchObject({ exit: 0 });
});

test("a newer shim is asked, too", async () => {
  const { caller, told } = await requestOf("3", ["A"]);
  await caller.frame("e");
  caller.send(frame("G"));
  expect(await told).toEqual({});
});

test("a shim of the first version, and a bridge, are not asked", async () => {
  for (const { caller, told } of [
    await requestOf("1", ["A"]),
    await requestOf("2", ["A"], { name: "box", allow: [] }),
  ]) {
    expect(await told).toBeUndefined();
    expect((await caller.ended).frames.map(({ type }) => type)).toEqual(["X"]);
  }
});

test("nothing is told where the caller goes away", async () => {
  const { caller, told } = await requestOf("2", ["A"]);
  await caller.frame("e");
  caller.send(frame("E", "A=1"));
  caller.socket.destroy();
  expect(await told).toBeUndefined();
});

test("an environment without an end ends the connection", async () => {
  const { caller, told } = await requestOf("2", ["A"]);
  await caller.frame("e");
  const much = frame("E", Buffer.alloc(limits.frameBytes, "x"));
  caller.send(much, much, much);
  expect(await told).toBeUndefined();
  expect((await caller.ended).exit).toBeUndefined();
});
