import { expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { errandsOf } from "../../electron/shell/errands.ts";
import { keySource, offer, source, viewWith } from "./views.ts";

const open = (run = (): readonly string[] => ["gateway.example.com takes the key litellm."]) => {
  const done: string[] = [];
  const facts = new Map<string, string>();
  const errands = errandsOf({
    view: () => viewWith(source("corp", { offers: [offer("dev")] }), keySource("litellm")),
    verbs: {
      run: (args) => {
        done.push(args.join(" "));
        return Promise.resolve({ lines: run() });
      },
    },
    memo: {
      get: (name) => facts.get(name),
      set: (name, fact) => void facts.set(name, fact),
    },
    copyText: (text) => {
      done.push(`copied ${text}`);
      return Promise.resolve();
    },
    changed: () => done.push("drawn"),
  });
  return { errands, done };
};

test("the command for a target is copied, never what it prints", async () => {
  const { errands, done } = open();
  expect(await errands.copyCommand("aws:dev")).toEqual({ kind: "done", value: undefined });
  expect(done).toEqual(["copied evercred aws export --profile dev"]);
});

test("the console is opened with the role of a profile", async () => {
  const { errands, done } = open();
  expect(await errands.openConsole("aws:dev")).toMatchObject({ kind: "done" });
  expect(done).toEqual(["aws console --profile dev"]);
});

test("what a gateway says of a key is told in its words", async () => {
  const { errands, done } = open();
  expect(await errands.testKey("litellm", "https://gateway.example.com")).toEqual({
    kind: "done",
    value: "gateway.example.com takes the key litellm.",
  });
  expect(done).toEqual(["api-key test litellm --url https://gateway.example.com"]);
});

test("what is under way for a target is cut off: it is cancelled, and nothing else", async () => {
  const signals: AbortSignal[] = [];
  const errands = errandsOf({
    view: () => viewWith(source("corp", { offers: [offer("dev")] }), keySource("litellm")),
    verbs: {
      run: (_args, { signal }) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener("abort", () => reject(new EvercredError("timed-out")));
        }),
    },
    memo: { get: () => undefined, set: () => undefined },
    copyText: () => Promise.resolve(),
    changed: () => undefined,
  });
  const opening = errands.openConsole("aws:dev");
  const testing = errands.testKey("litellm", "https://gateway.example.com");
  await errands.stop("aws:other");
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  expect(await errands.stop("aws:dev")).toEqual({ kind: "done", value: undefined });
  expect(await opening).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  // Whoever starts it anew wants only the new one.
  const again = errands.testKey("litellm", "https://gateway.example.com");
  expect(await testing).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
  await errands.stop("api-key:litellm");
  expect(await again).toMatchObject({ kind: "failed", trouble: { code: "cancelled" } });
});

test("a verb that fails gives its own sentence", async () => {
  const { errands } = open(() => {
    throw new EvercredError("access-denied", "It does not accept the key.");
  });
  expect(await errands.testKey("litellm", "https://gateway.example.com")).toMatchObject({
    kind: "failed",
    trouble: { code: "access-denied", sentence: "It does not accept the key." },
  });
});

test.each(["aws:nobody", "api-key:litellm", "", "--profile", "dev"])(
  "no console is opened for what is no profile here: %s",
  async (target) => {
    const { errands, done } = open();
    expect(await errands.openConsole(target)).toMatchObject({
      kind: "failed",
      trouble: { code: "unknown-name" },
    });
    expect(done).toEqual([]);
  },
);

test("a key that is not there is not tested, and no command of it copied", async () => {
  const { errands, done } = open();
  expect(await errands.testKey("--help", "x")).toMatchObject({ kind: "failed" });
  expect(await errands.copyCommand("api-key:other")).toMatchObject({ kind: "failed" });
  expect(done).toEqual([]);
});

test("what is said once is understood for ever; nonsense is not", async () => {
  const { errands, done } = open();
  expect(errands.dismissed).toEqual([]);
  await errands.dismissHint("no-tray");
  expect(errands.dismissed).toEqual(["no-tray"]);
  expect(await errands.dismissHint("all")).toMatchObject({ kind: "failed" });
  expect(done).toEqual(["drawn"]);
});
