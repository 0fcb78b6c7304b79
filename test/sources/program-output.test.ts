import { beforeEach, describe, expect, test } from "vitest";
import { ProgramOutput } from "../../electron/sources/program-output.ts";
import { FakeClock } from "../fakes/clock.ts";

const second = 1_000;
let clock: FakeClock;
let said: string[];
let pages: string[];
let output: ProgramOutput;

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  pages = [];
  output = new ProgramOutput(
    { say: (line) => void said.push(line), page: (url) => void pages.push(url) },
    clock,
  );
});

const print = (...chunks: (string | Uint8Array)[]): void => {
  for (const chunk of chunks) output.take(Buffer.from(chunk), "stdout");
};

const complain = (text: string): void => output.take(Buffer.from(text), "stderr");

/** The page that is found in this text, once nothing more comes for a while. */
const pageIn = async (text: string): Promise<string | undefined> => {
  print(`${text}\n`);
  await clock.advance(second);
  expect(pages.length).toBeLessThanOrEqual(1);
  return pages[0];
};

describe("lines", () => {
  test("of both outputs are said as they come, without blank ones", () => {
    print("one\n\ntwo\r\n  \n");
    complain("three\n");
    print("four\n");
    expect(said).toEqual(["one", "two", "three", "four"]);
    expect(output.last).toBe("four");
  });

  test("that come in pieces are put together, each output by itself", () => {
    print("sign");
    complain("warn");
    print("ed in\n");
    complain("ing\n");
    expect(said).toEqual(["signed in", "warning"]);
  });

  test("keep characters whole that come in pieces", () => {
    const bytes = Buffer.from("Zürich 東京 🔑\n");
    print(...[...bytes].map((byte) => Uint8Array.of(byte)));
    expect(said).toEqual(["Zürich 東京 🔑"]);
  });

  test("that are written over are said as they are in the end", () => {
    print("10 %\r", "50 %\r100 %\r\n", "waiting\r", "\u001b[K\r\n");
    expect(said).toEqual(["100 %", "waiting"]);
  });

  test("cannot steer a terminal", () => {
    print("\u001b[31mred\u001b[0m\ta\u0007b\u0008\n");
    print("\u001b]8;;https://hidden.example/\u001b\\text\u001b]8;;\u001b\\\n");
    print("\u001b]0;title\u0007\u009b2Jx\u202ey\u2028z\u2066\n");
    expect(said).toEqual(["red ab", "text", "xyz"]);
  });

  test("are at most a thousand characters long", () => {
    print(`${"x".repeat(1_001)}\n`);
    expect(said).toEqual(["x".repeat(1_000)]);
  });

  test("are at most two hundred; the last one is known all the same", () => {
    print("line\n".repeat(300), "the end\n");
    expect(said).toHaveLength(200);
    expect(output.last).toBe("the end");
  });

  test("that never end are cut off, and what follows is a line of its own", () => {
    for (let i = 0; i < 100; i++) print("x".repeat(10_000));
    print("\nnext\n");
    expect(said).toEqual(["x".repeat(1_000), "next"]);
  });

  test("of a progress bar that never ends are what it shows last", () => {
    for (let i = 0; i < 10_000; i++) print(`${i} of 10000\r`);
    print("done");
    output.close();
    expect(said).toEqual(["done"]);
  });

  test("that stay open are said after a second without more, or at the end", async () => {
    print("Enter");
    await clock.advance(900);
    print(" the code: ");
    await clock.advance(900);
    expect(said).toEqual([]);
    await clock.advance(100);
    expect(said).toEqual(["Enter the code:"]);
    complain("no");
    output.close();
    expect(said).toEqual(["Enter the code:", "no"]);
    expect(clock.pending).toEqual([]);
  });
});

const page = "https://login.example/authorize?state=1&scope=a%20b";

describe("the page", () => {
  test.each([
    ["alone", page],
    ["in a sentence", `Open ${page}.`],
    ["followed by a comma", `See ${page}, then wait`],
    ["in double quotes", `Open "${page}".`],
    ["in single quotes", `Open '${page}'!`],
    ["in angle brackets", `Open <${page}>`],
    ["in brackets", `Open [${page}] (or ${page})`],
    ["in parentheses", `Open it (${page}).`],
    ["in colour", `\u001b[1m${page}\u001b[0m`],
    ["emphasized", `**${page}**`],
    ["after a line that is written over", `waiting…\r${page}`],
  ])("is found %s", async (_, text) => {
    expect(await pageIn(text)).toBe(page);
  });

  test("keeps brackets of its own", async () => {
    expect(await pageIn("(http://login.example/a_(b))")).toBe("http://login.example/a_(b)");
  });

  test("is found on stderr, in pieces, and in a line that stays open", async () => {
    complain(`Visit ${page.slice(0, 20)}`);
    print("waiting\n");
    complain(`${page.slice(20)} `);
    await clock.advance(2 * second);
    expect(pages).toEqual([page]);
  });

  test("is found whole where it is longer than what is said of it", async () => {
    const long = `${page}&x=${"y".repeat(4_000)}`;
    expect(await pageIn(long)).toBe(long);
  });

  test.each([
    ["no address", "Signed in as jo@example.com"],
    ["another scheme", "file:///etc/passwd ftp://login.example/ javascript:alert(1)"],
    ["no host", "https:// and http://"],
    ["a broken host", "https://[broken/ https://login.example:99999/"],
    ["sixteen thousand characters before it", `${"x".repeat(16_384)} ${page}`],
    ["a password in it", "https://jo:hunter2@login.example/"],
    ["a name in it", "https://jo@login.example/"],
  ])("is not what has %s", async (_, text) => {
    expect(await pageIn(text)).toBeUndefined();
  });

  test("is the first of two in sentences", async () => {
    print(`Open ${page} now.\n`);
    complain("Help: see https://docs.example/.\n");
    await clock.advance(second);
    expect(pages).toEqual([page]);
  });

  test("is the first that can be shown", async () => {
    print(`https://jo:hunter2@other.example/\n${page}\nhttps://third.example/\n`);
    await clock.advance(second);
    expect(pages).toEqual([page]);
  });

  test("is told at once where the program opens what it has printed", () => {
    print(`Go to:\n  ${page}\n`);
    expect(pages).toEqual([]);
    print(`${page}\n`);
    expect(pages).toEqual([page]);
  });

  test("is told at once where what it opens comes before what it prints of it", () => {
    print(`${page}\n`);
    complain(`If it does not open, go to ${page}\n`);
    expect(pages).toEqual([page]);
  });

  test("is not what a text names twice", () => {
    complain(`See https://docs.example/ or https://docs.example/.\n`);
    expect(pages).toEqual([]);
  });

  test("is the fuller address that the program opens right after the one for people to type", async () => {
    print("Open https://device.example/\nThen enter the code:\nABCD-EFGH\n");
    await clock.advance(900);
    print("https://device.example/?user_code=ABCD-EFGH\n");
    expect(pages).toEqual(["https://device.example/?user_code=ABCD-EFGH"]);
    await clock.advance(10 * second);
    print("https://device.example/?user_code=ABCD-EFGH&again\n");
    expect(pages).toHaveLength(1);
  });

  test.each([
    ["an address in a sentence", "Read about it at https://docs.example/login.\n"],
    [
      "a receiver on this machine",
      "http://localhost:8085/\nhttp://127.0.0.1:9/\nhttp://[::1]:9/\n",
    ],
  ])("is rather what stands alone than %s", async (_, first) => {
    print(first);
    await clock.advance(500);
    print(`${page}\n`);
    await clock.advance(500);
    expect(pages).toEqual([]);
    await clock.advance(500);
    expect(pages).toEqual([page]);
  });

  test("may be on this machine where there is no other", async () => {
    expect(await pageIn("Please visit http://localhost:8000/ in your browser")).toBe(
      "http://localhost:8000/",
    );
  });

  test("is not told after the end", async () => {
    print(`${page}\n`);
    output.close();
    await clock.advance(2 * second);
    expect(pages).toEqual([]);
    expect(clock.pending).toEqual([]);
  });
});
