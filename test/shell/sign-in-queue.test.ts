import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { SignInQueue, type Turn, turnOf } from "../../electron/shell/sign-in-queue.ts";
import { minute, World } from "../core/world.ts";
import { settle } from "../fakes/clock.ts";

/** A queue whose sign-ins end when a test says so. */
const queueOf = () => {
  const begun: string[] = [];
  const ends: ((turn: Turn) => void)[] = [];
  const queue = new SignInQueue((source) => {
    begun.push(source);
    return new Promise((resolve) => ends.push(resolve));
  });
  const end = async (turn: Turn): Promise<void> => {
    ends.shift()?.(turn);
    await settle();
  };
  return { queue, begun, end };
};

test("one begins after the other, also of those that come later, each once", async () => {
  const { queue, begun, end } = queueOf();
  queue.add(["a", "b"]);
  queue.add(["b", "c"]);
  expect(begun).toEqual(["a"]);
  await end("ended");
  expect(begun).toEqual(["a", "b"]);
  await end("ended");
  await end("ended");
  expect(begun).toEqual(["a", "b", "c"]);
  queue.add(["a"]);
  expect(begun).toEqual(["a", "b", "c", "a"]);
});

test("who cancels one wants none of the others; what is asked for afterwards begins", async () => {
  const { queue, begun, end } = queueOf();
  queue.add(["a", "b", "c"]);
  await end("cancelled");
  expect(begun).toEqual(["a"]);
  queue.add(["c"]);
  expect(begun).toEqual(["a", "c"]);
});

test("a sign-in that is cancelled is, one that nobody finishes or that succeeds is not", async () => {
  const world = new World();
  const session = await world.open();
  expect(await turnOf(session)).toBe("ended");
  const first = session.signIn(undefined);
  const turn = turnOf(session);
  session.cancelSignIn();
  await first.outcome;
  expect(await turn).toBe("cancelled");

  await session.signIn(undefined).request;
  const late = turnOf(session);
  await world.clock.advance(10 * minute);
  expect(session.heldBack).toBe(true);
  expect(await late).toBe("ended");
  expect(await turnOf(undefined)).toBe("ended");
});

test("a sign-in that is replaced by another way goes on", async () => {
  const world = new World();
  const session = await world.open();
  const first = session.signIn("code");
  await first.request;
  let turn: Turn | undefined;
  void turnOf(session).then((found) => (turn = found));
  const second = session.signIn("device");
  await first.outcome;
  await settle();
  expect(turn).toBeUndefined();
  second.stop(new EvercredError("cancelled"));
  await settle();
  expect(turn).toBe("cancelled");
});
