import { afterEach, describe, expect, test, vi } from "vitest";
import type { Site } from "../fakes/cloud/exchange.ts";
import { type Issuer, startIssuer } from "../fakes/oidc/issuer.ts";
import { sourceOf, tokenIn } from "./google-home.ts";
import type { Outcome } from "./house.ts";
import {
  type Company,
  type CompanyOptions,
  entryOf,
  givenBy,
  keptIn,
  openCompany,
  presentedTo,
} from "./oidc-home.ts";

let company: Company;
const others: Issuer[] = [];

const open = async (options: CompanyOptions = {}): Promise<Company> => {
  company = await openCompany(options);
  return company;
};

afterEach(async () => {
  await company.close();
  for (const issuer of others.splice(0)) await issuer.close();
});

/** What has been handed out is served to its end: only then the next one is asked for. */
const patient = { timeout: 10_000 };

const kill = async (): Promise<void> => {
  process.kill(await company.house.daemonPid(), "SIGKILL");
};

const refreshes = { path: "/token", grantType: "refresh_token" } as const;

/** Which refresh tokens the issuer has been shown more than once. */
const replayed = (): readonly string[] => {
  const presented = presentedTo(company);
  return presented.filter((token, at) => presented.indexOf(token) !== at);
};

/** Waits until the issuer's clock has passed an instant. */
const untilPast = (at: number): Promise<unknown> =>
  vi.waitUntil(() => Date.now() > at, { timeout: 20_000 });

/** The tokens that a program has been given are good, and it was told nothing else. */
const isServed = (outcome: Outcome): boolean => company.issuer.isKnown(tokenIn(outcome));

test("tokens of seconds are renewed with nobody asking, each refresh token used once; where a thief uses one again, it is over: exit 3, and no page", async () => {
  const { house, issuer, key, signIn, present } = await open({
    issuer: { lifetimes: { accessToken: 3 } },
  });
  await signIn();
  const first = tokenIn(await key("plain"));
  await house.cloud.log.waitFor(refreshes, 2);
  await vi.waitUntil(() => !issuer.isKnown(first), patient);
  const pair = await Promise.all([key("plain"), key("plain")]);
  expect(pair.map(isServed)).toEqual([true, true]);
  expect(replayed()).toEqual([]);

  const [stolen = ""] = givenBy(company);
  expect(await present(stolen)).toBe(400);
  const ended = await vi.waitFor(async () => {
    const outcome = await key("plain");
    expect(outcome.code).toBe(3);
    return outcome;
  }, patient);
  expect(ended).toMatchObject({ stdout: "" });
  expect(ended.stderr).toMatch(
    /^evercred: You are not signed in to company\. company has ended the session\. It says: .+\. Run: evercred login company\n$/,
  );
  expect(replayed()).toEqual([stolen]);
  expect(await sourceOf(house, "company")).toMatchObject({
    state: "signed-out",
    reason: "ended",
    signInWantedAt: expect.any(String),
  });
  expect(await house.pages()).toHaveLength(1);
  await signIn();
  expect(isServed(await key("plain"))).toBe(true);
});

describe("a daemon that is killed", () => {
  /** An issuer whose replies to renewals are held back as long as the test says. */
  const withHeldReplies = async (lifetimeS: number): Promise<{ hold(): () => void }> => {
    let released: Promise<void> | undefined;
    const site: Site = async (request) => {
      const reply = await company.issuer.site(request);
      if (request.body.includes("grant_type=refresh_token")) await released;
      return reply;
    };
    await open({
      issuer: { lifetimes: { accessToken: lifetimeS } },
      sites: { "login.example.com": site },
    });
    return {
      hold: () => {
        let release = (): void => undefined;
        released = new Promise((resolve) => {
          release = resolve;
        });
        return () => {
          released = undefined;
          release();
        };
      },
    };
  };

  test("between renewals, and in one that has not reached the issuer: signed in as before", async () => {
    const { house, key, signIn } = await open({ issuer: { lifetimes: { accessToken: 4 } } });
    await signIn();
    await kill();
    expect(isServed(await key("plain"))).toBe(true);
    const held = house.cloud.faults.add({ ...refreshes, kind: "hang" });
    const request = await house.cloud.log.waitForArrival(refreshes);
    await kill();
    await vi.waitUntil(() => request.isOver, patient);
    held.remove();
    await vi.waitFor(async () => expect(isServed(await key("plain"))).toBe(true), {
      timeout: 10_000,
    });
    expect(await house.pages()).toHaveLength(1);
  });

  test("in one whose answer is lost with it: one sentence says that a sign-in is needed, and one is enough", async () => {
    const held = await withHeldReplies(3);
    const { house, key, signIn } = company;
    await signIn();
    const pid = await house.daemonPid();
    const release = held.hold();
    const spent = givenBy(company).at(-1) ?? "";
    await house.cloud.log.waitForArrival(refreshes);
    await vi.waitUntil(() => !company.issuer.isKnown(spent), patient);
    process.kill(pid, "SIGKILL");
    release();
    const lost = await vi.waitFor(async () => {
      const outcome = await key("plain");
      expect(outcome.code).toBe(3);
      return outcome;
    }, patient);
    expect(lost).toMatchObject({ stdout: "" });
    expect(lost.stderr.replace("Starting Evercred…\n", "")).toBe(
      "evercred: You are not signed in to company: the last renewal was cut off. Run: evercred login company\n",
    );
    expect(await sourceOf(house, "company")).toMatchObject({ reason: "lost" });
    expect(replayed()).toEqual([spent]);
    expect(await house.pages()).toHaveLength(1);
    await signIn();
    expect(isServed(await key("plain"))).toBe(true);
  });

  test("right after an answer, at many moments: what the keyring has is good, and is never shown twice", async () => {
    const { house, key, signIn } = await open({ issuer: { lifetimes: { accessToken: 3 } } });
    await signIn();
    const saved: boolean[] = [];
    for (const delayMs of [0, 3, 7, 12, 40]) {
      const pid = await house.daemonPid();
      const seen = house.cloud.log.count(refreshes);
      // What the round before has left is good for this one, too.
      expect(await house.cloud.log.waitFor(refreshes, seen + 1)).toMatchObject({ status: 200 });
      const end = performance.now() + delayMs;
      while (performance.now() < end) await new Promise(setImmediate);
      process.kill(pid, "SIGKILL");
      const newest = givenBy(company).at(-1) ?? "none";
      const isSaved = (await keptIn(house)).includes(newest);
      saved.push(isSaved);
      const shown = replayed().length;
      if (isSaved) {
        expect(isServed(await key("plain"))).toBe(true);
        expect(replayed()).toHaveLength(shown);
      } else {
        // The token of before is all that there is: the issuer's word for it ends the sign-in.
        await vi.waitFor(
          async () => expect(await key("plain")).toMatchObject({ code: 3 }),
          patient,
        );
        await signIn();
      }
    }

    expect(saved).toContain(true);
  });
});

test("an issuer that is down, hangs, shows a portal's page or is out of order: served to the end, then exit 7, and nobody is asked", async () => {
  const lifetimes = { accessToken: 9 };
  const names = ["down", "slow", "portal", "broken"] as const;
  const hostOf = (name: string): string => `${name}.example.com`;
  for (const name of names) others.push(await startIssuer({ host: hostOf(name), lifetimes }));
  const { house, key, signIn } = await open({
    sites: Object.fromEntries(others.map(({ host, site }) => [host, site])),
    sources: Object.fromEntries(
      names.map((name) => [name, entryOf({ issuer: `https://${hostOf(name)}` })]),
    ),
    keys: Object.fromEntries(names.map((name) => [name, { kind: "oidc", source: name }])),
  });
  await house.evercred("status");
  await Promise.all(names.map((name) => signIn(name)));
  const end = Date.now() + lifetimes.accessToken * 1000;
  const served = async (name: string): Promise<boolean> => {
    const issuer = others.find(({ host }) => host === hostOf(name));
    return issuer!.isKnown(tokenIn(await key(name)));
  };
  expect(await Promise.all(names.map(served))).toEqual([true, true, true, true]);
  const { faults, log } = house.cloud;
  const struck = [
    faults.add({ host: hostOf("down"), kind: "unreachable" }),
    faults.add({ host: hostOf("slow"), kind: "hang" }),
    faults.add({ host: hostOf("portal"), kind: "html" }),
    faults.add({ host: hostOf("broken"), kind: "status", status: 503 }),
  ];
  await vi.waitUntil(() => struck.every(({ hits }) => hits > 0), { timeout: 10_000 });
  expect(await Promise.all(names.map(served))).toEqual([true, true, true, true]);

  await untilPast(end);
  const told = await Promise.all(names.map((name) => key(name, "--timeout", "3s")));
  const expected = {
    down: [7, expect.stringMatching(/^evercred: The provider cannot be reached\./)],
    slow: [6, expect.stringMatching(/^evercred: There was no answer for key slow in time\./)],
    portal: [7, expect.stringMatching(/^evercred: The provider's reply makes no sense\./)],
    broken: [7, expect.stringMatching(/^evercred: The provider has a fault\./)],
  };
  expect(told.map(({ code, stderr, stdout }) => [code, stderr, stdout])).toEqual(
    names.map((name) => [...expected[name], ""]),
  );

  for (const fault of struck) fault.remove();
  for (const name of names) {
    await vi.waitFor(async () => expect(await served(name)).toBe(true), { timeout: 20_000 });
  }
  expect(await house.pages()).toHaveLength(names.length);
  expect(log.count({ path: "/auth" })).toBe(names.length);
});
