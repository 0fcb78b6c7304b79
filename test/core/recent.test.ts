import { expect, test } from "vitest";
import { Recent } from "../../electron/core/recent.ts";
import { FakeClock } from "../fakes/clock.ts";

test("an answer that was on its way when all were forgotten is not kept, nor shared", async () => {
  const recent = new Recent<string>(new FakeClock(), 1_000);
  let answer: (text: string) => void = () => undefined;
  const early = recent.get("a", false, () => new Promise((resolve) => (answer = resolve)));
  recent.clear();
  const next = recent.get("a", false, () => Promise.resolve("new"));
  answer("old");
  expect(await early).toBe("old");
  expect(await next).toBe("new");
  expect(await recent.get("a", false, () => Promise.resolve("newer"))).toBe("new");
});
