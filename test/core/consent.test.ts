import { beforeEach, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../electron/core/audit.ts";
import { type Caller, callerName, unknownCaller } from "../../electron/core/caller.ts";
import { type Answer, Consent, type Patience } from "../../electron/core/consent.ts";
import { errorOf, EvercredError } from "../../electron/core/errors.ts";
import { type Target, targetOf } from "../../electron/core/source.ts";
import { never, plus } from "../../electron/core/time.ts";
import { MemoryAnswers } from "../fakes/answer-store.ts";
import { MemoryAudit } from "../fakes/audit.ts";
import { FakeClock, settle } from "../fakes/clock.ts";
import { hour, minute, second } from "./world.ts";

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");
const bridge: Caller = { kind: "bridge", name: "box" };

const program = (name: string, identity: string | undefined = `/usr/bin/${name}`): Caller => ({
  kind: "program",
  program: { name, path: `/usr/bin/${name}`, identity, parents: ["code"] },
});
const claude = program("claude");
const other = program("other");
/** A program that nothing tells from others. */
const inline: Caller = {
  kind: "program",
  program: { name: "python3", path: "/usr/bin/python3", identity: undefined, parents: [] },
};

let clock: FakeClock;
let audit: MemoryAudit;
let store: MemoryAnswers;
let isOn: boolean;
let hasFace: boolean;
let changes: number;
let consent: Consent;

/** The consent of a daemon; a second one stands for its next start. */
const open = (): Consent =>
  new Consent({
    clock,
    audit,
    store,
    hasFace,
    isOn: () => isOn,
    endOfDay: (now) => plus(now, 8 * hour),
    changed: () => {
      changes += 1;
    },
  });

beforeEach(() => {
  clock = new FakeClock();
  audit = new MemoryAudit();
  store = new MemoryAnswers();
  isOn = true;
  hasFace = true;
  changes = 0;
  consent = open();
});

/** What has become of a request. */
interface Request {
  /** `yes`, or the code of its refusal; undefined while it waits. */
  fate: string | undefined;
  error: EvercredError | undefined;
  leave(): void;
}

const request = async (
  caller: Caller = claude,
  target: Target = dev,
  patience: Partial<Patience> = {},
): Promise<Request> => {
  const gone = new AbortController();
  const made: Request = {
    fate: undefined,
    error: undefined,
    leave: () => gone.abort(new EvercredError("cancelled")),
  };
  consent.admit(caller, target, { ms: hour, signal: gone.signal, ...patience }).then(
    () => {
      made.fate = "yes";
    },
    (thrown: unknown) => {
      made.error = errorOf(thrown);
      made.fate = made.error.code;
    },
  );
  await settle();
  return made;
};

const answer = async (said: Answer): Promise<void> => {
  consent.answer(consent.questions[0]!.id, said);
  await settle();
};

/** A request, and the answer to it. */
const answered = async (
  said: Answer,
  caller: Caller = claude,
  target: Target = dev,
): Promise<Request> => {
  const made = await request(caller, target);
  await answer(said);
  return made;
};

describe("while nobody is to be asked", () => {
  beforeEach(() => {
    isOn = false;
  });

  test("everything passes at once", async () => {
    expect((await request(unknownCaller)).fate).toBe("yes");
    expect([consent.questions, changes]).toEqual([[], 0]);
  });

  test("answers of before count for nothing", async () => {
    isOn = true;
    await answered("never");
    isOn = false;
    expect((await request()).fate).toBe("yes");
  });
});

describe("the first time", () => {
  test("a person is asked who wants what, and the request waits", async () => {
    const waiting = await request();
    expect(waiting.fate).toBeUndefined();
    expect(consent.questions).toEqual([
      {
        id: "1",
        caller: claude,
        target: dev,
        since: clock.now(),
        mayRemember: true,
        isQuiet: false,
      },
    ]);
    expect(changes).toBe(1);
  });

  const cases: readonly (readonly [Answer, string, string | undefined])[] = [
    ["once", "yes", undefined],
    ["today", "yes", "yes"],
    ["always", "yes", "yes"],
    ["never", "consent-refused", "consent-refused"],
    ["not now", "consent-refused", "consent-refused"],
  ];
  test.each(cases)("'%s' is %s, and the next time %s", async (said, first, next) => {
    expect((await answered(said)).fate).toBe(first);
    expect(consent.questions).toEqual([]);
    expect((await request()).fate).toBe(next);
    expect(audit.entries).toEqual([
      {
        event: "consent",
        program: "claude",
        path: "/usr/bin/claude",
        parents: ["code"],
        target: dev,
        answer: said,
      } satisfies AuditEntry,
    ]);
  });

  test("a bridge is asked about as such, and may be remembered", async () => {
    expect((await answered("always", bridge)).fate).toBe("yes");
    expect((await request(bridge)).fate).toBe("yes");
    expect((await request({ kind: "bridge", name: "other" })).fate).toBeUndefined();
  });

  test("many requests are one question, and one answer", async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => request()));
    expect(consent.questions).toHaveLength(1);
    await answer("once");
    expect(new Set(all.map(({ fate }) => fate))).toEqual(new Set(["yes"]));
    expect((await request()).fate).toBeUndefined();
  });
});

describe("what is remembered", () => {
  test("holds for that program and that target, and no other", async () => {
    await answered("always");
    expect((await request(claude, ops)).fate).toBeUndefined();
    expect((await request(program("claude", "/home/ann/claude"))).fate).toBeUndefined();
    expect((await request(program("renamed", "/usr/bin/claude"))).fate).toBe("yes");
  });

  test("outlives the daemon; what was for today ends with the day", async () => {
    await answered("always");
    await answered("today", claude, ops);
    consent = open();
    expect([(await request()).fate, (await request(claude, ops)).fate]).toEqual(["yes", "yes"]);
    await clock.advance(8 * hour);
    expect((await request(claude, ops)).fate).toBeUndefined();
    expect((await request()).fate).toBe("yes");
    expect(consent.answers.map(({ target }) => target)).toEqual([dev]);
  });

  test("what was for today does not come back with a clock that is set back", async () => {
    await answered("today");
    clock.jump(-hour);
    expect((await request()).fate).toBeUndefined();
  });

  test("for good holds though the clock is set back", async () => {
    await answered("always");
    clock.jump(-48 * hour);
    expect((await request()).fate).toBe("yes");
  });

  test("is told, and the latest answer is the one", async () => {
    const at = clock.now();
    await answered("today");
    await clock.advance(8 * hour);
    await answered("never");
    const who = "/usr/bin/claude";
    expect(store.kept).toEqual(consent.answers);
    expect(consent.answers).toEqual([
      { who, name: "claude", target: dev, answer: "never", at: plus(at, 8 * hour), until: never },
    ]);
  });

  test("is forgotten, and asked again", async () => {
    await answered("never");
    await answered("always", claude, ops);
    const forgotten = consent.forget(({ answer: said }) => said === "never", other);
    expect(forgotten.map(({ target }) => target)).toEqual([dev]);
    expect(store.kept.map(({ target }) => target)).toEqual([ops]);
    expect(audit.entries.at(-1)).toEqual({
      ...{ event: "consent-forgotten", program: "other", path: "/usr/bin/other" },
      ...{ parents: ["code"], of: "claude", target: dev, answer: "never" },
    });
    expect((await request()).fate).toBeUndefined();
    const { saves } = store;
    expect(consent.forget(() => false, undefined)).toEqual([]);
    expect(store.saves).toBe(saves);
  });

  test("is nothing of what nothing tells from others", async () => {
    const waiting = await request(inline);
    const [question] = consent.questions;
    expect(question?.mayRemember).toBe(false);
    for (const said of ["today", "always", "never"] as const) {
      expect(() => consent.answer(question!.id, said)).toThrow(
        expect.objectContaining({ code: "usage" }),
      );
    }
    expect([waiting.fate, audit.entries, store.saves]).toEqual([undefined, [], 0]);
    await answer("once");
    expect(waiting.fate).toBe("yes");
    expect((await request(inline)).fate).toBeUndefined();
  });
});

test("an answer to what is asked no more says so", async () => {
  await answered("once");
  expect(() => consent.answer("1", "always")).toThrow(
    expect.objectContaining({ code: "unknown-name" }),
  );
});

describe("where nobody answers", () => {
  test("a request waits a minute at most, and is told that the tray has asked", async () => {
    const waiting = await request();
    await clock.advance(minute - 1);
    expect(waiting.fate).toBeUndefined();
    await clock.advance(1);
    expect(waiting.fate).toBe("consent-pending");
    expect(waiting.error).toMatchObject({
      exit: 5,
      message: "The tray has asked whether claude may have aws:dev, and nobody has answered.",
    });
  });

  test("a request that has less time waits no longer", async () => {
    const waiting = await request(claude, dev, { ms: 9 * second });
    await clock.advance(9 * second);
    expect(waiting.fate).toBe("consent-pending");
    expect(consent.questions).toHaveLength(1);
  });

  test("the question stays for five minutes, and an answer counts for one request", async () => {
    await request();
    await clock.advance(5 * minute - 1);
    await answer("once");
    await clock.advance(5 * minute - 1);
    expect((await request()).fate).toBe("yes");
    expect((await request()).fate).toBeUndefined();
  });

  test("a no to a question that nobody waits for lets nobody through", async () => {
    await request();
    await clock.advance(minute);
    await answer("not now");
    expect((await request()).fate).toBe("consent-refused");
  });

  test("a yes for good to a question that nobody waits for is over once it is forgotten", async () => {
    await request();
    await clock.advance(minute);
    await answer("always");
    consent.forget(() => true, undefined);
    expect((await request()).fate).toBeUndefined();
  });

  test("what was allowed once and not used lapses", async () => {
    await request();
    await clock.advance(2 * minute);
    await answer("once");
    await clock.advance(5 * minute);
    expect((await request()).fate).toBeUndefined();
  });

  test("the next request joins it, and an answer counts for that one", async () => {
    await request();
    await clock.advance(2 * minute);
    const next = await request();
    expect(consent.questions).toHaveLength(1);
    await answer("once");
    expect(next.fate).toBe("yes");
    expect((await request()).fate).toBeUndefined();
  });

  test("it lapses for who waits still, and that is recorded", async () => {
    await request();
    await clock.advance(4.5 * minute);
    const late = await request();
    await clock.advance(0.5 * minute);
    expect(late.fate).toBe("consent-pending");
    expect(consent.questions).toEqual([]);
    expect(audit.entries).toMatchObject([{ event: "consent", answer: "nothing" }]);
    expect(clock.pending).toEqual([]);
  });

  test("a question that nothing tells from others goes with its request", async () => {
    const waiting = await request(unknownCaller);
    await clock.advance(minute);
    expect([waiting.fate, consent.questions]).toEqual(["consent-pending", []]);
    expect(audit.entries).toMatchObject([{ program: "unknown", answer: "nothing" }]);
  });
});

describe("who leaves", () => {
  test("takes the question along, as the last one", async () => {
    const [first, second] = [await request(), await request()];
    first.leave();
    await settle();
    expect([first.fate, second.fate]).toEqual(["cancelled", undefined]);
    expect(consent.questions).toHaveLength(1);
    second.leave();
    await settle();
    expect([second.fate, consent.questions, clock.pending]).toEqual(["cancelled", [], []]);
  });

  test("leaves it to those who were told that it stays", async () => {
    await request(claude, dev, { ms: second });
    await clock.advance(second);
    (await request()).leave();
    await settle();
    expect(consent.questions).toHaveLength(1);
  });

  test("after the answer leaves nothing that tells of it", async () => {
    const made = await answered("once");
    const { length } = audit.entries;
    made.leave();
    await settle();
    expect(audit.entries).toHaveLength(length);
  });

  test("has asked nothing, where that was before", async () => {
    const signal = AbortSignal.abort();
    expect((await request(claude, dev, { signal })).fate).toBeDefined();
    const odd = AbortSignal.abort("a text");
    expect((await request(claude, dev, { signal: odd })).fate).toBe("cancelled");
    expect(consent.questions).toEqual([]);
  });

  test("may have nothing that tells of it", async () => {
    const refused = expect(consent.admit(claude, dev, { ms: second })).rejects;
    const waiting = refused.toMatchObject({ code: "consent-pending" });
    await clock.advance(second);
    await waiting;
  });
});

test("without a face nobody is asked, and answers of before count", async () => {
  await answered("always");
  hasFace = false;
  consent = open();
  expect((await request()).fate).toBe("yes");
  const refused = await request(claude, ops);
  expect(refused.error).toMatchObject({
    code: "consent-refused",
    exit: 5,
    message: expect.stringContaining("consent needs the desktop app") as string,
  });
  expect(consent.questions).toEqual([]);
});

describe("where it is turned off", () => {
  const turn = async (on: boolean, by?: Caller): Promise<void> => {
    isOn = on;
    consent.look(by);
    await settle();
  };

  test("who waits is turned away, and may ask again: that is no answer", async () => {
    const waiting = await request();
    consent.look(undefined);
    expect([consent.questions.length, audit.entries]).toEqual([1, []]);
    await turn(false);
    expect(waiting.error).toMatchObject({
      code: "consent-pending",
      exit: 5,
      message: "Consent was turned off while it was asked whether claude may have aws:dev.",
      remedy: "Ask for it again.",
    });
    expect([consent.questions, clock.pending]).toEqual([[], []]);
    expect((await request()).fate).toBe("yes");
  });

  test("the record has it, and whose doing it was, once", async () => {
    await turn(false, other);
    await turn(false, other);
    await turn(true);
    expect(audit.entries).toEqual([
      { event: "consent-off", program: "other", path: "/usr/bin/other", parents: ["code"] },
      { event: "consent-on" },
    ]);
  });

  test("what was allowed once is not left for later", async () => {
    await request();
    await clock.advance(minute);
    await answer("once");
    await turn(false);
    await turn(true);
    expect((await request()).fate).toBeUndefined();
  });
});

test("what is asked as it is turned on stays, though nobody has looked yet", async () => {
  isOn = false;
  consent = open();
  isOn = true;
  const waiting = await request();
  consent.look(undefined);
  await settle();
  expect(waiting.fate).toBeUndefined();
  expect(consent.questions).toHaveLength(1);
});

test("at the end the record has no answer that nobody gave", async () => {
  await request();
  consent.close();
  expect(audit.entries).toEqual([]);
});

test("at the end who waits is turned away, and no alarm is left", async () => {
  const waiting = await request();
  consent.close();
  await settle();
  expect([waiting.fate, consent.questions, clock.pending]).toEqual(["cancelled", [], []]);
});

describe("a flood", () => {
  const many = Array.from({ length: 40 }, (_, index) => program(`copy-${index}`));

  test("of programs has five questions open, and the others are refused at once", async () => {
    const all = [];
    for (const each of many) all.push(await request(each));
    expect(consent.questions).toHaveLength(5);
    const refused = all.slice(5);
    expect(new Set(refused.map(({ fate }) => fate))).toEqual(new Set(["consent-refused"]));
    expect(refused[0]?.error?.message).toContain("Too much is being asked already");
    await answer("once");
    expect((await request(many[39])).fate).toBeUndefined();
  });

  test("that nobody waits for any more makes room, the oldest first", async () => {
    for (const each of many.slice(0, 5)) await request(each, dev, { ms: second });
    await clock.advance(second);
    expect(consent.questions).toHaveLength(5);
    const honest = await request();
    expect(honest.fate).toBeUndefined();
    expect(consent.questions.map(({ caller }) => callerName(caller))).toEqual([
      ...["copy-1", "copy-2", "copy-3", "copy-4", "claude"],
    ]);
    expect(audit.entries).toMatchObject([{ program: "copy-0", answer: "nothing" }]);
    for (const each of many.slice(5)) await request(each);
    expect(honest.fate).toBeUndefined();
    expect(consent.questions).toHaveLength(5);
    consent.answer(consent.questions[0]!.id, "once");
    await settle();
    expect(honest.fate).toBe("yes");
  });

  test("of one program's wishes that nobody waits for makes room for its own", async () => {
    await request(other, dev, { ms: second });
    const wishes = ["1", "2", "3", "4"].map((name) => targetOf("aws", name));
    for (const wish of wishes) {
      await request(claude, wish, { ms: second });
      await clock.advance(second);
    }
    expect(consent.questions.map(({ target }) => target)).toEqual([dev, ...wishes.slice(1)]);
  });

  test("of one program's wishes has three: others can still ask", async () => {
    for (let count = 0; count < 10; count++) await request(claude, targetOf("aws", String(count)));
    expect(consent.questions).toHaveLength(3);
    for (let count = 0; count < 10; count++) await request(unknownCaller);
    expect(consent.questions).toHaveLength(5);
  });

  test("calls for attention once in ten seconds at most", async () => {
    const quiet = async (each: Caller): Promise<boolean | undefined> => {
      await request(each);
      return consent.questions.at(-1)?.isQuiet;
    };
    expect([await quiet(many[0]!), await quiet(many[1]!)]).toEqual([false, true]);
    await clock.advance(10 * second);
    expect(await quiet(many[2]!)).toBe(false);
  });

  test("calls again ten seconds after the last call, whatever was shown quietly meanwhile", async () => {
    await request(claude);
    await clock.advance(5 * second);
    await request(other);
    await clock.advance(5 * second);
    await request(bridge);
    expect(consent.questions.map(({ isQuiet }) => isQuiet)).toEqual([false, true, false]);
  });

  test("of questions that are given up at once calls for attention ever less often", async () => {
    let calls = 0;
    for (let at = 0; at < 2 * hour; at += 15 * second) {
      const made = await request();
      if (consent.questions.at(-1)?.isQuiet === false) calls += 1;
      made.leave();
      await clock.advance(15 * second);
    }
    // After 1, 2, 4, 8, 16, 32 minutes and so on.
    expect(calls).toBeGreaterThan(3);
    expect(calls).toBeLessThan(9);
  });

  test("of requests after a refusal is refused without a question, ever longer", async () => {
    let questions = 0;
    for (let at = 0; at < 4 * hour; at += minute / 2) {
      const made = await request();
      if (made.fate === undefined) {
        questions += 1;
        await answer("not now");
      }
      await clock.advance(minute / 2);
    }
    expect(questions).toBeGreaterThan(5);
    expect(questions).toBeLessThan(12);
    expect((await request(claude, ops)).fate).toBeUndefined();
  });

  test("of what nothing tells from others is measured by its file, and by none where that is not known", async () => {
    await answered("not now", inline);
    expect((await request(inline)).fate).toBe("consent-refused");
    const { program: python } = inline;
    const perl: Caller = { kind: "program", program: { ...python, path: "/usr/bin/perl" } };
    expect((await request(perl)).fate).toBeUndefined();
    await answer("not now");
    expect((await answered("not now", unknownCaller)).fate).toBe("consent-refused");
    expect((await request(unknownCaller)).fate).toBe("consent-refused");
  });

  test("is forgiven with the first yes, and forgotten after a day", async () => {
    await answered("not now");
    expect((await request()).fate).toBe("consent-refused");
    await clock.advance(minute);
    await answered("not now");
    await clock.advance(minute);
    expect((await request()).fate).toBe("consent-refused");
    await clock.advance(minute);
    await answered("once");
    await answered("not now");
    await clock.advance(minute);
    expect((await request()).fate).toBeUndefined();
    await answer("not now");
    await clock.advance(2 * minute + 24 * hour);
    await answered("not now");
    await clock.advance(minute);
    expect((await request()).fate).toBeUndefined();
  });

  test("of a clock that is set back is not remembered for longer than it was", async () => {
    await answered("not now");
    clock.jump(-hour);
    expect((await request()).fate).toBeUndefined();
  });

  test("of copies that were refused is forgotten, the oldest first", async () => {
    for (let count = 0; count < 257; count++) await answered("not now", program(`copy-${count}`));
    expect((await request(program("copy-1"))).fate).toBe("consent-refused");
    expect((await request(program("copy-0"))).fate).toBeUndefined();
  });

  test("leaves nothing running", async () => {
    for (const each of many) await request(each);
    await clock.advance(hour);
    expect([consent.questions, clock.pending]).toEqual([[], []]);
    expect(clock.fired).toBeLessThan(20);
  });
});
