import { expect, test } from "vitest";
import { SingleFlight } from "../../electron/core/single-flight.ts";
import { settle } from "../fakes/clock.ts";

/** Work that a test ends by hand. */
const handWork = <T>() => {
  let begun = 0;
  const running: { end: (value: T) => void; fail: (error: Error) => void }[] = [];
  return {
    work: () => {
      begun += 1;
      return new Promise<T>((resolve, reject) => {
        running.push({ end: resolve, fail: reject });
      });
    },
    begun: () => begun,
    end: (value: T) => running.shift()?.end(value),
    fail: (error: Error) => running.shift()?.fail(error),
  };
};

test("whoever comes while work runs shares its outcome", async () => {
  const flights = new SingleFlight();
  const hand = handWork<string>();
  const all = Promise.all([1, 2, 3].map(() => flights.run("key", hand.work)));
  hand.end("one");
  expect(await all).toEqual(["one", "one", "one"]);
  expect(hand.begun()).toBe(1);
});

test("work of another key is its own", async () => {
  const flights = new SingleFlight();
  const hand = handWork<string>();
  const both = [flights.run("a", hand.work), flights.run("b", hand.work)];
  expect(hand.begun()).toBe(2);
  hand.end("one");
  hand.end("two");
  expect(await Promise.all(both)).toEqual(["one", "two"]);
});

test("work that is over is not shared, also where it failed", async () => {
  const flights = new SingleFlight();
  const hand = handWork<string>();
  const first = flights.run("key", hand.work);
  hand.fail(new Error("no"));
  await expect(first).rejects.toThrow("no");
  const second = flights.run("key", hand.work);
  hand.end("two");
  expect(await second).toBe("two");
});

test("what comes after waits for the running work, failed or not, and runs alone", async () => {
  const flights = new SingleFlight();
  const hand = handWork<string>();
  const first = flights.run("key", hand.work);
  const second = flights.after("key", hand.work);
  const third = flights.after("key", hand.work);
  expect(hand.begun()).toBe(1);
  hand.fail(new Error("no"));
  await expect(first).rejects.toThrow("no");
  await settle();
  expect(hand.begun()).toBe(2);
  hand.end("two");
  expect(await second).toBe("two");
  await settle();
  expect(hand.begun()).toBe(3);
  hand.end("three");
  expect(await third).toBe("three");
});

test("what comes after nothing runs at once", async () => {
  expect(await new SingleFlight().after("key", () => Promise.resolve("done"))).toBe("done");
});
