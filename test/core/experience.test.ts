import { expect, test } from "vitest";
import type { Grant } from "../../electron/core/credential.ts";
import { Experience } from "../../electron/core/experience.ts";
import { Facts } from "../../electron/core/facts.ts";
import { Secret } from "../../electron/core/secret.ts";
import { sourceIdOf } from "../../electron/core/source.ts";
import { type Instant, instantOf, plus } from "../../electron/core/time.ts";
import { MemoryMemo } from "../fakes/memo.ts";
import { hour, minute } from "./world.ts";

const start = instantOf(Date.UTC(2027, 0, 4, 9));

const grantOf = (renewable: boolean, issuedAt: Instant, expiresAt: Instant): Grant => ({
  saved: new Secret(""),
  boundTo: "",
  signedInAt: start,
  issuedAt,
  expiresAt,
  renewable,
});

const bench = (...hours: readonly number[]): Experience => {
  const facts = new Facts(new MemoryMemo(), sourceIdOf("corp"));
  if (hours.length > 0) facts.set("session-ms", hours.map((each) => each * hour).join(" "));
  return new Experience(facts);
};

/** The session before the one that begins at `start` would have ended then. */
const early = plus(start, hour);

test.each([
  [4 * minute, true],
  [6 * minute, false],
])(
  "a long session that ends %d ms after the one before it would have: is the end fixed?",
  (laterMs, isFixed) => {
    const experience = bench(8);
    experience.begun(grantOf(true, start, plus(start, hour)), early);
    const last = plus(early, laterMs);
    experience.ended(grantOf(true, last, plus(last, hour)), plus(last, minute));
    expect(experience.endIsFixed).toBe(isFixed);
  },
);

test("a short session that cannot be renewed is measured by its own length", () => {
  const experience = bench();
  const soon = plus(start, 18 * minute);
  experience.begun(grantOf(false, start, plus(start, 20 * minute)), soon);
  expect(experience.endIsFixed).toBe(false);
});

test("a session that goes on has shown nothing before it has outlasted the one before it", () => {
  const experience = bench();
  experience.begun(grantOf(true, start, plus(start, hour)), early);
  experience.goesOn(grantOf(true, plus(start, 40 * minute), plus(start, 2 * hour)));
  expect(experience.endIsFixed).toBe(false);
});
