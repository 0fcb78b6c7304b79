import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { SecretRequest, Source } from "../../../electron/core/source.ts";
import { never as noEnd, plus } from "../../../electron/core/time.ts";
import type { StaticKeyConfig } from "../../../electron/sources/keys/static-key.ts";
import { signInOptions } from "../../fakes/source.ts";
import { day, hour, minute, never, nothing, startWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

/** A key that ends so many milliseconds from the start of the test on, or never. */
const key = (endsInMs?: number): StaticKeyConfig => ({
  kind: "static",
  ...(endsInMs !== undefined && { expiresAt: startsAt() + endsInMs }),
  remindBefore: 14 * day,
});

const startsAt = (): number => Date.UTC(2027, 0, 4, 9);

const sourceOf = (config: StaticKeyConfig): Source => world.sources({ litellm: config })[0]!;

test("a source is what the configuration says", () => {
  const source = sourceOf(key());
  expect(source).toMatchObject({
    id: "litellm",
    kind: "static-key",
    title: "litellm",
    unattended: false,
    keptBy: undefined,
    keepsEnded: true,
    enteredBy: "evercred api-key set litellm",
    askBeforeMs: 14 * day,
    shared: undefined,
  });
  expect([...source.offers]).toEqual([["api-key:litellm", { key: "litellm", title: "API key" }]]);
});

describe("a sign-in", () => {
  const signIn = (source: Source, act: (request: SecretRequest) => void, signal = never) =>
    source.signIn(
      signInOptions("secret", (request) => {
        if (request.flow !== "secret") throw new Error("No secret is asked for.");
        act(request);
      }),
      signal,
    );

  test("asks for the key, and takes the first that is entered as it is, without the end of its line", async () => {
    const shown: SecretRequest[] = [];
    let counted: boolean[] = [];
    const source = sourceOf(key());
    const grant = await signIn(source, (request) => {
      shown.push(request);
      const entered = [" two words\t\r\n", "another"];
      counted = entered.map((text) => request.submit(new Secret(text)));
    });
    expect(counted).toEqual([true, false]);
    expect(shown).toMatchObject([
      {
        flow: "secret",
        what: "the key of litellm",
        hasLines: false,
        endsAt: plus(world.clock.now(), 15 * minute),
      },
    ]);
    expect(grant).toMatchObject({
      boundTo: source.boundTo,
      signedInAt: world.clock.now(),
      expiresAt: noEnd,
      renewable: false,
    });
    const issued = await source.issue(grant, "litellm", never, nothing);
    expect(issued).toMatchObject({ kind: "token", scopes: [], expiresAt: noEnd });
    expect(issued.kind === "token" && issued.token.reveal()).toBe(" two words\t");
    expect(JSON.stringify([grant, issued])).not.toContain("two words");
  });

  test.each(["", "\n", " \t", "\r\n\r\n"])("refuses what is empty: %j", async (entered) => {
    const signedIn = signIn(sourceOf(key()), ({ submit }) => submit(new Secret(entered)));
    await expect(signedIn).rejects.toMatchObject({
      code: "usage",
      message: "Nothing was entered as the key of litellm.",
    });
  });

  test("ends after a quarter of an hour", async () => {
    const failed = expect(signIn(sourceOf(key()), () => undefined)).rejects.toMatchObject({
      code: "timed-out",
      message: "Nobody entered the key of litellm in time.",
    });
    await world.clock.advance(15 * minute);
    await failed;
  });

  test("ends with its signal, before and while it waits", async () => {
    const reason = new EvercredError("cancelled");
    const stop = new AbortController();
    let counts: boolean | undefined;
    const stopped = signIn(
      sourceOf(key()),
      ({ submit }) => {
        stop.abort(reason);
        counts = submit(new Secret("sk-1"));
      },
      stop.signal,
    );
    await expect(stopped).rejects.toBe(reason);
    expect(counts).toBe(false);
    const late = signIn(sourceOf(key()), () => expect.unreachable(), stop.signal);
    await expect(late).rejects.toBe(reason);
    expect(world.clock.pending).toEqual([]);
  });

  test("asks for nothing where the configuration says that the key has ended", async () => {
    const source = sourceOf(key(hour));
    world.clock.jump(hour);
    await expect(signIn(source, () => expect.unreachable())).rejects.toMatchObject({
      code: "config-invalid",
      message: "By the configuration the key of litellm has ended already.",
      remedy: "Correct expiresAt of keys.litellm, then run: evercred api-key set litellm",
    });
  });
});

const ofLaterVersion = { version: 2, boundTo: "static-key", secret: "sk-1", enteredAt: 1 };

test.each(["", "null", "{}", "not json", JSON.stringify(ofLaterVersion)])(
  "%j is no grant",
  (saved) => {
    expect(sourceOf(key()).restore(new Secret(saved))).toBeUndefined();
  },
);

test("what it does not have is refused; what cannot be is said", async () => {
  await world.configure({ litellm: key() });
  await world.enter("litellm", "sk-1");
  const source = sourceOf(key());
  const grant = source.restore(new Secret(world.store.peek("grant/litellm")!))!;
  await expect(source.issue(grant, "other", never, nothing)).rejects.toMatchObject({
    code: "access-denied",
  });
  const foreign = { ...grant, boundTo: "another" };
  await expect(source.issue(foreign, "litellm", never, nothing)).rejects.toMatchObject({
    code: "internal",
  });
  const reason = new EvercredError("cancelled");
  const gone = AbortSignal.abort(reason);
  await expect(source.issue(grant, "litellm", gone, nothing)).rejects.toBe(reason);
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "internal" });
  await expect(source.probe(grant, never)).resolves.toBeUndefined();
  await expect(source.revoke(grant, never)).resolves.toBeUndefined();
  await expect(source.identify(grant, never, undefined)).resolves.toBeUndefined();
  expect(source.offsetMs()).toBe(0);
});

describe("a session of it", () => {
  const issued = async (): Promise<string> => (await world.issue("litellm")).token.reveal();

  test("hands out what was entered, after a new start too, until somebody signs out", async () => {
    await world.configure({ litellm: key() });
    await expect(issued()).rejects.toMatchObject({
      code: "sign-in-needed",
      remedy: "Run: evercred api-key set litellm",
    });
    expect(await world.enter("litellm", "sk-1\n")).toEqual({ kind: "signed-in" });
    expect(await issued()).toBe("sk-1");
    await world.restart({ litellm: key() });
    expect(await issued()).toBe("sk-1");
    expect(await world.session("litellm").signOut()).toBe(true);
    expect(world.store.peek("grant/litellm")).toBeUndefined();
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("hands out the new key at once where another one is entered", async () => {
    await world.configure({ litellm: key(day) });
    await world.enter("litellm", "sk-1");
    expect(await issued()).toBe("sk-1");
    world.clock.jump(1);
    await world.enter("litellm", "sk-2");
    expect(await issued()).toBe("sk-2");
  });

  test("keeps the one that is there where the new one is empty", async () => {
    await world.configure({ litellm: key() });
    await world.enter("litellm", "sk-1");
    const outcome = await world.enter("litellm", "\n");
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "usage" } });
    expect(await issued()).toBe("sk-1");
    expect(world.session("litellm").heldBack).toBe(false);
  });

  test("ends on the day that the configuration says, and asks before it", async () => {
    await world.configure({ litellm: key(30 * day) });
    await world.enter("litellm", "sk-1");
    const { expiresAt } = await world.issue("litellm");
    expect(expiresAt).toBe(startsAt() + 30 * day);
    expect(world.session("litellm").askAt(20 * minute)).toBe(startsAt() + 16 * day);
    await world.clock.advance(30 * day);
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(world.session("litellm").state).toMatchObject({ kind: "signed-out", reason: "ended" });
  });

  test("is put away at its end, and back where the configuration puts that off", async () => {
    await world.configure({ litellm: key(day) });
    await world.enter("litellm", "sk-1");
    await world.clock.advance(day);
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.configure({ litellm: key(3 * day) });
    expect(await issued()).toBe("sk-1");
    expect((await world.issue("litellm")).expiresAt).toBe(startsAt() + 3 * day);
    await world.configure({ litellm: key(day / 2) });
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.restart({ litellm: key(day / 2) });
    await expect(issued()).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.configure({ litellm: key() });
    expect(await issued()).toBe("sk-1");
    expect((await world.issue("litellm")).expiresAt).toBe(noEnd);
  });

  test("has the end of the configuration after a new start", async () => {
    await world.configure({ litellm: key(day) });
    await world.enter("litellm", "sk-1");
    await world.restart({ litellm: key(2 * day) });
    expect((await world.issue("litellm")).expiresAt).toBe(startsAt() + 2 * day);
  });
});
