import { beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry, AuditLine } from "../../electron/core/audit.ts";
import { DayBook, type Mark } from "../../electron/core/day-book.ts";
import { type Instant, instantOf, plus } from "../../electron/core/time.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { FakeClock } from "../fakes/clock.ts";
import { hour, minute } from "./world.ts";

let clock: FakeClock;
let record: MemoryAudit;

beforeEach(() => {
  clock = new FakeClock();
  record = new MemoryAudit();
});

/** `before`: what was recorded so far, the newest first. */
const bookOf = (before: () => Iterable<AuditLine> = () => []): DayBook =>
  new DayBook(clock, record, before);

const entry = (event: AuditEntry["event"], source = "corp"): AuditEntry => ({ event, source });

const line = (
  event: AuditEntry["event"],
  agoMs: number,
  parts: Partial<AuditLine> = {},
): AuditLine => ({ ...entry(event), at: plus(clock.now(), -agoMs), ...parts });

const mark = (kind: Mark["kind"], at: Instant, until?: Instant): Mark => ({ kind, at, until });

describe("the day of a source", () => {
  test("has its sign-ins, renewals and ends, the oldest first, and nobody else's", async () => {
    const book = bookOf();
    const at = clock.now();
    book.note(entry("signed-in"));
    book.note(entry("signed-in", "other"));
    await clock.advance(hour);
    book.note({ ...entry("renewed"), expiresAt: 1 });
    book.note(entry("session-ended"));
    expect(book.marksOf("corp")).toEqual([
      mark("signed-in", at),
      mark("renewed", plus(at, hour)),
      mark("session-ended", plus(at, hour)),
    ]);
    expect(book.marksOf("other")).toEqual([mark("signed-in", at)]);
    expect(book.marksOf("none")).toEqual([]);
  });

  test("tells until when what could not be renewed is served all the same", () => {
    const book = bookOf();
    const until = plus(clock.now(), hour);
    book.note({ ...entry("renewal-failed"), code: "offline", expiresAt: until });
    book.note({ ...entry("renewal-failed", "other"), code: "offline" });
    expect(book.marksOf("corp")).toEqual([mark("renewal-failed", clock.now(), until)]);
    expect(book.marksOf("other")).toEqual([mark("renewal-failed", clock.now())]);
  });

  test("has nothing of what programs do, which is recorded all the same", () => {
    const book = bookOf();
    const served: AuditEntry = { event: "served", program: "claude", target: "aws:dev" };
    book.note(served);
    book.note({ event: "signed-in" });
    book.note(entry("consent"));
    expect(record.entries).toEqual([served, { event: "signed-in" }, entry("consent")]);
    expect(book.marksOf("corp")).toEqual([]);
  });

  test("is 24 hours long", async () => {
    const book = bookOf();
    book.note(entry("signed-in"));
    await clock.advance(minute);
    book.note(entry("session-ended"));
    await clock.advance(24 * hour - minute);
    expect(book.marksOf("corp").map(({ kind }) => kind)).toEqual(["signed-in", "session-ended"]);
    await clock.advance(1);
    expect(book.marksOf("corp").map(({ kind }) => kind)).toEqual(["session-ended"]);
    book.note(entry("signed-in", "other"));
    await clock.advance(minute);
    book.note(entry("signed-in", "other"));
    expect(book.marksOf("corp")).toEqual([]);
  });

  test("holds no more than a person can see, the latest of it", () => {
    const book = bookOf();
    for (let count = 0; count < 500; count++) book.note(entry("sign-in-failed"));
    book.note(entry("signed-in"));
    const marks = book.marksOf("corp");
    expect(marks).toHaveLength(200);
    expect(marks.at(-1)?.kind).toBe("signed-in");
  });
});

describe("a renewal", () => {
  test("soon after another one is no news, to the record neither", async () => {
    const book = bookOf();
    const at = clock.now();
    for (let count = 0; count < 4; count++) {
      book.note(entry("renewed"));
      await clock.advance(5 * minute);
    }
    expect(book.marksOf("corp").map((each) => each.at - at)).toEqual([0, 10 * minute]);
    expect(record.entries).toHaveLength(2);
  });

  test("is news where the clock was set back meanwhile by more", () => {
    const book = bookOf();
    book.note(entry("renewed"));
    clock.jump(-hour);
    book.note(entry("renewed"));
    expect(record.entries).toHaveLength(2);
  });

  test("is one where something else was between, or it is another source's", () => {
    const book = bookOf();
    for (const event of ["renewed", "renewal-failed", "renewed"] as const) book.note(entry(event));
    book.note(entry("renewed", "other"));
    expect(record.entries).toHaveLength(4);
  });
});

describe("after a restart", () => {
  test("the day goes on with what the record has of it", () => {
    const book = bookOf(() => [
      line("renewed", hour),
      line("served", 2 * hour, { target: "aws:dev" }),
      line("renewal-failed", 3 * hour, { expiresAt: 5 }),
      line("signed-in", 4 * hour, { source: "other" }),
      { event: "signed-in", at: plus(clock.now(), -5 * hour) },
      line("signed-in", 24 * hour),
    ]);
    const now = clock.now();
    book.note(entry("session-ended"));
    expect(book.marksOf("corp")).toEqual([
      mark("signed-in", plus(now, -24 * hour)),
      mark("renewal-failed", plus(now, -3 * hour), instantOf(5)),
      mark("renewed", plus(now, -hour)),
      mark("session-ended", now),
    ]);
    expect(book.marksOf("other")).toEqual([mark("signed-in", plus(now, -4 * hour))]);
    expect(record.entries).toEqual([entry("session-ended")]);
  });

  test("the record is read when somebody looks, once, as far as a day goes back, and nothing counts twice", async () => {
    const written: AuditLine[] = [];
    let read = 0;
    function* before(): Generator<AuditLine> {
      for (const each of [...written].reverse()) {
        read += 1;
        yield each;
      }
    }
    written.push(line("signed-in", 48 * hour), line("renewed", 25 * hour), line("renewed", hour));
    const book = bookOf(before);
    await clock.advance(hour);
    book.note(entry("signed-out"));
    written.push({ ...entry("signed-out"), at: clock.now() });
    expect(read).toBe(0);
    expect(book.marksOf("corp").map(({ kind }) => kind)).toEqual(["renewed", "signed-out"]);
    expect(read).toBe(3);
    expect(book.marksOf("corp")).toHaveLength(2);
    expect(read).toBe(3);
  });

  test("what came at the moment of the start counts once", () => {
    const written: AuditLine[] = [];
    const book = bookOf(() => written);
    book.note(entry("signed-in"));
    written.push({ ...entry("signed-in"), at: clock.now() });
    expect(book.marksOf("corp")).toHaveLength(1);
  });

  test("no more is taken from the record than is kept", () => {
    const lines = Array.from({ length: 300 }, (_, count) => line("sign-in-failed", 1 + count));
    const book = bookOf(() => lines);
    const marks = book.marksOf("corp");
    expect(marks).toHaveLength(200);
    expect(marks.at(-1)?.at).toBe(plus(clock.now(), -1));
  });

  test("nor of the record and what has come since together", () => {
    const lines = Array.from({ length: 150 }, (_, count) => line("sign-in-failed", 1 + count));
    const book = bookOf(() => lines);
    for (let count = 0; count < 100; count++) book.note(entry("signed-in"));
    const kinds = book.marksOf("corp").map(({ kind }) => kind);
    expect(kinds).toHaveLength(200);
    expect(kinds.filter((kind) => kind === "signed-in")).toHaveLength(100);
  });
});
