import { beforeEach, describe, expect, test } from "vitest";
import type { AuditLine } from "../../electron/core/audit.ts";
import { plus } from "../../electron/core/time.ts";
import { hour, minute, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.make();
});

/** Something was recorded so many milliseconds ago. */
const record = (agoMs: number, line: Omit<AuditLine, "at">): void =>
  world.auditReader.add({ ...line, at: plus(world.clock.now(), -agoMs) });

const audit = (...words: readonly string[]): Promise<Outcome> => world.run(["audit", ...words]);

/** The verbs in what was printed: each line of these tests has its own. */
const verbsIn = ({ stdout }: Outcome): readonly string[] => stdout.match(/verb-\w+/g) ?? [];

describe("the record", () => {
  test("is printed for people, the newest line last", async () => {
    record(2 * minute, {
      event: "served",
      program: "claude",
      path: "/usr/bin/claude",
      target: "aws:dev",
      verb: "aws export",
      exit: 0,
      count: 3,
    });
    record(minute, { event: "refused", bridge: "box", target: "aws:ops", code: "access-denied" });
    record(0, { event: "signed-in", source: "corp" });
    expect(await audit()).toEqual({
      exit: 0,
      stdout: [
        "2027-01-04T08:58:00Z  claude      served     aws:dev  aws export ×3",
        "2027-01-04T08:59:00Z  bridge box  refused    aws:ops  access-denied",
        "2027-01-04T09:00:00Z  -           signed-in  corp",
        "",
      ].join("\n"),
      stderr: "",
      questions: [],
    });
  });

  test("has whose answer was forgotten", async () => {
    const answered = { target: "aws:dev", answer: "never" };
    record(0, { event: "consent-forgotten", program: "bash", of: "claude", ...answered });
    expect((await audit()).stdout).toBe(
      "2027-01-04T09:00:00Z  bash  consent-forgotten  aws:dev  never of claude\n",
    );
  });

  test("since a time has also what stands behind a line that was written late", async () => {
    record(hour - minute, { event: "served", program: "claude", verb: "verb-new" });
    record(hour + minute, { event: "refused", bridge: "box", verb: "verb-late" });
    record(0, { event: "signed-in", source: "corp", verb: "verb-last" });
    expect(verbsIn(await audit("--since", "1h"))).toEqual(["verb-new", "verb-last"]);
  });

  test("cannot steer a terminal", async () => {
    record(0, { event: "consent", program: "cl\u001b[2J\u202eaude", answer: "once" });
    expect((await audit()).stdout).not.toMatch(/[\u001b\u202e]/u);
  });

  test("as JSON it is as it stands in the file", async () => {
    record(0, { event: "signed-in", source: "corp" });
    const [stored] = world.auditReader.lines;
    expect((await audit("--json")).stdout).toBe(`${stored!.text}\n`);
  });

  test("of nothing says so, and prints nothing", async () => {
    expect(await audit()).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "Nothing of that stands in /home/ann/.local/state/evercred/audit.jsonl.\n",
    });
  });
});

describe("of it are printed", () => {
  beforeEach(() => {
    record(30 * hour, { event: "served", program: "old", target: "aws:dev", verb: "verb-old" });
    record(2 * hour, {
      event: "served",
      program: "claude",
      path: "/usr/bin/claude",
      target: "aws:dev",
      verb: "verb-claude",
    });
    record(hour, { event: "served", bridge: "box", target: "api-key:x", verb: "verb-box" });
    record(minute, { event: "session-ended", source: "corp", verb: "verb-corp" });
    record(0, { event: "sign-in-failed", source: "other", verb: "verb-other" });
  });

  test.each([
    [
      ["--last", "2"],
      ["verb-corp", "verb-other"],
    ],
    [["-n", "0"], []],
    [
      ["--since", "1h"],
      ["verb-box", "verb-corp", "verb-other"],
    ],
    [
      ["--since", "2027-01-04"],
      ["verb-claude", "verb-box", "verb-corp", "verb-other"],
    ],
    [
      ["--since", "2027-01-04T08:30:00Z"],
      ["verb-corp", "verb-other"],
    ],
    [["--program", "claude"], ["verb-claude"]],
    [["--program", "/usr/bin/claude"], ["verb-claude"]],
    [["--program", "box"], ["verb-box"]],
    [["--target", "api-key:x"], ["verb-box"]],
    // What was handed out belongs to the source that it leads to.
    [
      ["--source", "corp"],
      ["verb-old", "verb-claude", "verb-corp"],
    ],
    [["--source", "other", "--target", "aws:dev"], []],
  ])("with %o: %o", async (words, verbs) => {
    expect(verbsIn(await audit(...words))).toEqual(verbs);
  });

  test.each([
    ["--since", "yesterday", '"yesterday" is no time.'],
    ["--last", "ten", "The number of lines is a number."],
  ])("none with %s %s", async (flag, value, sentence) => {
    const { exit, stdout, stderr } = await audit(flag, value);
    expect([exit, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
  });

  test("with --follow further lines that fit, until the caller goes", async () => {
    const call = await world.start(["audit", "-f", "-n", "0", "--program", "claude"]);
    record(0, { event: "served", program: "claude", verb: "verb-new" });
    record(0, { event: "served", program: "other", verb: "verb-not" });
    await world.settle();
    expect(call.stdout).toBe("2027-01-04T09:00:00Z  claude  served  -  verb-new\n");
    call.leave();
    expect([await call.exit, call.stderr, world.auditReader.followers]).toEqual([0, "", 0]);
  });

  test("with --follow --json further lines as they stand in the file", async () => {
    const call = await world.start(["audit", "--follow", "--json", "-n", "0"]);
    record(0, { event: "signed-out", source: "corp" });
    await world.settle();
    expect(call.stdout).toBe(`${world.auditReader.lines.at(-1)!.text}\n`);
    call.leave();
    await call.exit;
  });
});
