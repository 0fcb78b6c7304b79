import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { listenAt } from "../../electron/server/listener.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "../platform/folder.ts";

/** As many as it takes. */
const most = 4_096;

/** A socket that has taken as many connections as it does; `say` is what each of them has said. */
const crowded = async (
  say: string,
): Promise<{ readonly taken: readonly Socket[]; connect(): Socket }> => {
  const path = join(temporaryFolder(), "socket");
  const taken: Socket[] = [];
  const heard: Promise<unknown>[] = [];
  const listener = await listenAt({
    path,
    prepare: () => Promise.resolve(),
    announce: () => Promise.resolve(),
    take: (socket) => {
      taken.push(socket);
      socket.on("error", () => undefined);
      if (say !== "") heard.push(once(socket, "data"));
      socket.resume();
    },
    log: new MemoryLog(),
  });
  const connect = (): Socket => {
    const socket = createConnection(path).on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    if (say !== "") socket.write(say);
    return socket;
  };
  onTestFinished(() => listener.close());
  for (let count = 0; count < most; count += 1) connect();
  await expect.poll(() => taken.length).toBe(most);
  await Promise.all(heard);
  return { taken, connect };
};

test("who has said nothing makes room for who comes", async () => {
  const { taken, connect } = await crowded("");
  const eldest = once(taken[0]!, "close");
  connect();
  await eldest;
  await expect.poll(() => taken.length).toBe(most + 1);
  expect(taken.filter(({ destroyed }) => destroyed)).toEqual([taken[0]]);
});

test("who has begun to speak keeps their place: who comes then is turned away", async () => {
  const { taken, connect } = await crowded("x");
  await new Promise((resolve) => connect().resume().once("close", resolve));
  expect(taken).toHaveLength(most);
  expect(taken.filter(({ destroyed }) => destroyed)).toEqual([]);
});
