import { afterEach, beforeEach, expect, test } from "vitest";
import { doubtOf } from "../../../electron/core/page-doubt.ts";
import type { PageRequest, Source } from "../../../electron/core/source.ts";
import { errorOf, EvercredError } from "../../../electron/core/errors.ts";
import { signInOptions } from "../../fakes/source.ts";
import { never, pageOf, startWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

/** A sign-in that is open: its page, and how it ends. */
const begin = async (
  source: Source,
  signal = never,
): Promise<{ readonly page: PageRequest; readonly outcome: Promise<unknown> }> => {
  let outcome: Promise<unknown> = Promise.resolve();
  const page = await new Promise<PageRequest>((resolve, reject) => {
    outcome = source
      .signIn(
        signInOptions("device", (request) => resolve(pageOf(request))),
        signal,
      )
      .catch((thrown: unknown) => {
        reject(errorOf(thrown));
        return thrown;
      });
  });
  return { page, outcome };
};

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** Lets the source wait as long as it does between two questions, and ask. */
const poll = async (waitMs: number): Promise<void> => {
  await world.clock.armed(waitMs);
  await world.clock.advance(waitMs);
};

/** What the issuer answers to one question. */
const sayOnce = (error: string): void => {
  const body = JSON.stringify({ error });
  world.cloud.faults.add({ kind: "status", status: 400, path: "/token", times: 1, body });
};

test("the page has the code in it, shows it, and waits as long as the issuer says", async () => {
  world.house.lifetimes.deviceCode = 120;
  const { page, outcome } = await begin(world.source());
  expect(page).toMatchObject({ flow: "device", endsAt: world.clock.now() + 120_000 });
  expect(page.userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  expect(page.url).toBe(`https://login.example.com/device?user_code=${page.userCode}`);
  expect(page.paste).toBeUndefined();
  await world.answer(page);
  await poll(5_000);
  await expect(outcome).resolves.toMatchObject({ renewable: true, account: "ann@example.com" });
});

test("what any key needs is asked for, and every key can be had of it", async () => {
  const source = world.source({ flow: "device" });
  const { page, outcome } = await begin(source);
  const [asked] = world.cloud.log.all({ path: "/device/auth" });
  const form = new URLSearchParams(asked?.body);
  expect(form.get("scope")).toBe("openid email offline_access chat search");
  expect(form.getAll("resource")).toHaveLength(2);
  await world.answer(page);
  await poll(5_000);
  const grant = (await outcome) as Awaited<ReturnType<Source["signIn"]>>;
  const next = await source.renew(grant, never, source.offers.get("api-key:gateway" as never)?.key);
  await expect(world.issue(source, next, "gateway")).resolves.toMatchObject({ scopes: ["chat"] });
});

test("a source of this flow signs in so whatever is wished", async () => {
  const source = world.source({ flow: "device" });
  const flows: string[] = [];
  const stop = new AbortController();
  const reason = new EvercredError("cancelled");
  const show = ({ flow }: { readonly flow: string }): void => {
    flows.push(flow);
    stop.abort(reason);
  };
  await expect(source.signIn(signInOptions("code", show), stop.signal)).rejects.toBe(reason);
  expect(flows).toEqual(["device"]);
});

test("nobody is asked more often than the issuer wants", async () => {
  const { page, outcome } = await begin(world.source());
  const count = (): number => world.cloud.log.count({ grantType: deviceGrant });
  await poll(5_000);
  expect(await world.cloud.log.waitFor({ grantType: deviceGrant })).toMatchObject({ status: 400 });
  sayOnce("slow_down");
  await poll(5_000);
  await world.cloud.log.waitFor({ grantType: deviceGrant }, 2);
  await world.answer(page);
  await world.clock.armed(10_000);
  expect(world.clock.pending[0]).toBe(world.clock.now() + 10_000);
  expect(count()).toBe(2);
  await world.clock.advance(10_000);
  await expect(outcome).resolves.toMatchObject({ account: "ann@example.com" });
  expect(count()).toBe(3);
});

/** What the issuer says of the page that it opens, instead of its own. */
const openWith = (parts: Readonly<Record<string, unknown>>): void => {
  const usual = {
    device_code: "d",
    user_code: "ABCD-EFGH",
    verification_uri: "https://login.example.com/device",
    expires_in: 600,
  };
  const body = JSON.stringify({ ...usual, ...parts });
  world.cloud.faults.add({ kind: "status", status: 200, path: "/device/auth", body });
};

test("a page on another host than the issuer's is told from its own", async () => {
  openWith({ verification_uri: "https://login.example.com.evil.test/device" });
  const source = world.source();
  const { page } = await begin(source);
  expect(doubtOf(source, page)).toBe("foreign");
  expect(doubtOf(source, { url: "https://login.example.com/device" })).toBeUndefined();
});

test("the code and the page are shown without what would disturb a terminal", async () => {
  openWith({
    user_code: "AB\u001b]0;owned\u0007CD\nrun this",
    verification_uri: "https://login.example.com/\u001b[2Jx\nnext?user=ann",
  });
  const { page } = await begin(world.source());
  expect(page.userCode).toBe("AB ]0;owned CD run this");
  expect(page.url).toBe("https://login.example.com/%1B[2Jxnext?user=ann");
});

test.each([1e300, 86_400, 3_601])(
  "nobody is waited for longer than an hour: %d s",
  async (life) => {
    openWith({ expires_in: life });
    const { page, outcome } = await begin(world.source());
    expect(page.endsAt).toBe(world.clock.now() + 60 * 60_000);
    // Each question is answered by the network: only the end of the hour comes by the clock.
    world.cloud.faults.add({ kind: "reset", path: "/token" });
    await world.clock.advance(60 * 60_000);
    await expect(outcome).resolves.toMatchObject({ code: "timed-out" });
  },
);

test.each([
  [0.001, 1_000],
  [1, 1_000],
  [7, 7_000],
  [undefined, 5_000],
])("an issuer that wants to be asked each %s s is asked each %d ms", async (interval, waitMs) => {
  openWith({ interval });
  await begin(world.source());
  await world.clock.armed(waitMs);
  expect(world.clock.pending[0]).toBe(world.clock.now() + waitMs);
});

test("networks that come and go do not end the wait", async () => {
  const { page, outcome } = await begin(world.source());
  for (const fault of [
    { kind: "reset", times: 1 },
    { kind: "html", times: 1 },
    { kind: "status", status: 503, times: 1 },
    { kind: "status", status: 429, times: 1 },
  ] as const) {
    world.cloud.faults.add({ ...fault, path: "/token" });
    await poll(5_000);
  }
  await world.answer(page);
  await poll(5_000);
  await expect(outcome).resolves.toMatchObject({ account: "ann@example.com" });
});

test("a person's no ends it", async () => {
  const { page, outcome } = await begin(world.source());
  await world.answer(page, { deny: true });
  await poll(5_000);
  await expect(outcome).resolves.toMatchObject({
    code: "sign-in-denied",
    message: "The sign-in to company was refused. It says: The person has said no.",
  });
});

test("what nobody answers ends in time, by our clock or the issuer's word", async () => {
  const first = await begin(world.source());
  await world.clock.advance(600_000);
  const late = { code: "timed-out", message: "Nobody signed in to company in time." };
  await expect(first.outcome).resolves.toMatchObject(late);
  const second = await begin(world.source());
  sayOnce("expired_token");
  await poll(5_000);
  await expect(second.outcome).resolves.toMatchObject(late);
});

test("a sign-in that is cancelled stops asking", async () => {
  const stop = new AbortController();
  const { outcome } = await begin(world.source(), stop.signal);
  const reason = new EvercredError("cancelled");
  stop.abort(reason);
  await expect(outcome).resolves.toBe(reason);
  await world.clock.advance(60_000);
  expect(world.asked("/token")).toBe(0);
});

test("an issuer without this flow is told apart", async () => {
  await world.close();
  world = await startWorld({ issuer: { without: ["deviceFlow"] } });
  await expect(begin(world.source())).rejects.toMatchObject({
    code: "config-invalid",
    message: "The issuer of company has no sign-in with a code for other machines.",
  });
});

test.each(["file:///etc/passwd", "javascript:alert(1)", "http://login.example.com/device", "x"])(
  "a page that is none is not shown: %s",
  async (url) => {
    const body = { device_code: "d", user_code: "u", verification_uri: url, expires_in: 600 };
    world.cloud.faults.add({
      ...{ kind: "status", status: 200, path: "/device/auth", body: JSON.stringify(body) },
    });
    await expect(begin(world.source())).rejects.toMatchObject({ code: "reply-invalid" });
  },
);
