import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { KeptAnswer } from "../../electron/core/answers.ts";
import { targetOf } from "../../electron/core/source.ts";
import { instantOf, never } from "../../electron/core/time.ts";
import { ConsentFile, endOfDay } from "../../electron/platform/consent.ts";
import { MemoryLog } from "../fakes/log.ts";
import { temporaryFolder } from "./folder.ts";

const answers: readonly KeptAnswer[] = [
  {
    who: "/usr/bin/claude",
    name: "claude",
    target: targetOf("aws", "dev"),
    answer: "always",
    at: instantOf(1_000),
    until: never,
  },
  {
    who: "bridge box",
    name: "bridge box",
    target: targetOf("api-key", "gateway"),
    answer: "today",
    at: instantOf(2_000),
    until: instantOf(3_000),
  },
];

const opened = (file = join(temporaryFolder(), "state", "consent.json")) => {
  const log = new MemoryLog();
  return { file, log, consent: new ConsentFile({ file, log }) };
};

describe("answers", () => {
  test("are kept for their owner only, with a version, and are read as they were", () => {
    const { file, consent } = opened();
    consent.save(answers);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(opened(file).consent.load()).toEqual(answers);
  });

  test("that were never given are none, and nothing is wrong", () => {
    const { consent, log } = opened();
    expect([consent.load(), consent.troubles, log.lines]).toEqual([[], [], []]);
  });

  test.each([
    "",
    "{",
    "[]",
    '{"version":1,"answers":[{"who":"","name":"x","target":"aws:dev","answer":"always","at":1}]}',
    '{"version":1,"answers":[{"who":"/x","name":"x","target":"aws:dev","answer":"sure","at":1}]}',
  ])(
    "that cannot be read are asked again, and that is said until they are kept anew: %j",
    (text) => {
      const { file, consent, log } = opened();
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      expect(consent.load()).toEqual([]);
      expect(consent.troubles).toMatchObject([{ code: "consent-lost" }]);
      expect(consent.troubles[0]?.sentence).toContain(file);
      expect(log.lines.map(({ event }) => event)).toEqual(["consent: not read"]);
      consent.save(answers);
      expect(consent.troubles).toEqual([]);
      expect(opened(file).consent.load()).toEqual(answers);
    },
  );

  test("that a newer Evercred has saved stay as they are, and that is said", () => {
    const { file, consent, log } = opened();
    mkdirSync(dirname(file), { recursive: true });
    const text = '{"version":2,"answers":{}}';
    writeFileSync(file, text);
    expect(consent.load()).toEqual([]);
    consent.save(answers);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(consent.troubles).toMatchObject([{ code: "saved-by-newer" }]);
    expect(consent.troubles[0]?.sentence).toContain(`${file} was saved by a newer Evercred`);
    expect(log.lines.map(({ event }) => event)).toEqual(["consent: not read"]);
  });

  test("that cannot be written hold all the same, and that is said", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    const { consent, log } = opened(join(folder, "file", "consent.json"));
    consent.save(answers);
    expect(consent.troubles).toMatchObject([{ code: "consent-unsaved" }]);
    expect(log.lines.map(({ event }) => event)).toEqual(["consent: not written"]);
  });
});

test("a day ends at midnight, where this computer is", () => {
  const noon = new Date(2027, 0, 31, 12, 30).getTime();
  const midnight = new Date(2027, 1, 1).getTime();
  expect(endOfDay(instantOf(noon))).toBe(midnight);
  expect(endOfDay(instantOf(midnight))).toBe(new Date(2027, 1, 2).getTime());
});
