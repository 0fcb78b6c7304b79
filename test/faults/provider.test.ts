import { Agent } from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Fault } from "../fakes/cloud/faults.ts";
import { Throwaway } from "../platform/throwaway-certificates.ts";
import { proxyAgent } from "../sources/aws/world.ts";
import { hour, Machine, minute } from "./machine.ts";

const providers = /\.amazonaws\.com$/;

let machine: Machine;

beforeEach(async () => {
  machine = await Machine.signedIn();
});

afterEach(() => machine.close());

/** What a fault is, how it is put right, and what callers hear once what they had has ended. */
interface Scenario {
  readonly title: string;
  readonly begin: () => Promise<() => Promise<void> | void>;
  readonly says: string;
}

const struck = (fault: Fault) => (): Promise<() => void> => {
  const handle = machine.cloud.faults.add({ host: providers, ...fault });
  return Promise.resolve(() => handle.remove());
};

/** The machine is somewhere where nothing but this can be reached. */
const elsewhere = (agent: () => Agent) => async (): Promise<() => Promise<void>> => {
  await machine.reach({ agent: agent() });
  return () => machine.reach();
};

const unreachable = "The provider cannot be reached.";
const fault = "The provider has a fault.";
const senseless = "The provider's reply makes no sense.";
const patience = "The provider asks for patience.";
const untrusted = "The provider's certificate is not trusted.";

/** An agent whose every name is looked up in vain, as Node tells it. */
class NamelessAgent extends Agent {
  override createConnection(
    { host }: { readonly host?: string | undefined },
    done?: (error: Error | null, stream: never) => void,
  ): undefined {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host ?? ""}`), {
      code: "ENOTFOUND",
      syscall: "getaddrinfo",
      hostname: host,
    });
    process.nextTick(() => done?.(error, undefined as never));
    return undefined;
  }
}

const expired = (): Promise<() => void> => {
  const folder = mkdtempSync(join(tmpdir(), "expired-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const made = new Throwaway(folder);
  const authority = made.make({ name: "Old authority", isAuthority: true });
  const hosts = ["oidc.us-east-1.amazonaws.com", "portal.sso.us-east-1.amazonaws.com"];
  const days = ["20200101", "20200201"] as const;
  const leaf = made.make({ name: "leaf", issuer: "Old authority", hosts, days });
  machine.cloud.present(leaf);
  const { proxyUrl, ca } = machine.cloud;
  return machine
    .reach({ agent: proxyAgent(proxyUrl, `${ca}\n${authority.cert}`) })
    .then(() => () => machine.cloud.present(undefined));
};

const redirect: Fault = {
  kind: "status",
  status: 302,
  headers: { location: "http://portal.example/" },
};

const foreignCertificate = elsewhere(() => proxyAgent(machine.cloud.proxyUrl, ""));

const scenarios: readonly Scenario[] = [
  { title: "provider down", begin: struck({ kind: "unreachable" }), says: unreachable },
  { title: "connections reset", begin: struck({ kind: "reset" }), says: unreachable },
  { title: "HTML instead of JSON", begin: struck({ kind: "html" }), says: senseless },
  { title: "captive portal, 511", begin: struck({ kind: "html", status: 511 }), says: senseless },
  { title: "a reply that is no JSON", begin: struck({ kind: "not-json" }), says: senseless },
  { title: "500s", begin: struck({ kind: "status", status: 500 }), says: fault },
  { title: "503 without a body", begin: struck({ kind: "status", status: 503 }), says: fault },
  {
    title: "429 storm without Retry-After",
    begin: struck({ kind: "status", status: 429 }),
    says: patience,
  },
  {
    title: "429 storm with Retry-After",
    begin: struck({ kind: "status", status: 429, headers: { "retry-after": "120" } }),
    says: patience,
  },
  { title: "DNS lost", begin: elsewhere(() => new NamelessAgent()), says: unreachable },
  {
    title: "proxy gone",
    begin: elsewhere(() => proxyAgent("http://127.0.0.1:9", machine.cloud.ca)),
    says: unreachable,
  },
  {
    title: "captive portal that breaks TLS",
    begin: foreignCertificate,
    says: untrusted,
  },
  { title: "certificate expired", begin: expired, says: untrusted },
];

describe("while it lasts, what is there is served to its end; then exit 7; then all goes on with nobody asked", () => {
  test.each(scenarios)("$title", async ({ begin, says }) => {
    const mend = await begin();
    await machine.pass(50 * minute);
    const during = await machine.ask();
    expect(during).toMatchObject({ exit: 0, stderr: "" });
    expect(machine.isValid(during.stdout)).toBe(true);
    expect(machine.session.state.kind).toBe("failing");
    expect(machine.headline).toMatch(/^Offline since .* · still serving until /);

    await machine.pass(20 * minute);
    const after = await machine.ask();
    expect(after).toMatchObject({ exit: 7, stdout: "" });
    expect(after.stderr).toContain(says);
    expect(machine.headline).toMatch(/^Offline since /);
    expect(machine.session.isSignedIn).toBe(true);

    await mend();
    await machine.pass(6 * minute);
    const mended = await machine.ask();
    expect(mended).toMatchObject({ exit: 0, stderr: "" });
    expect(machine.isValid(mended.stdout)).toBe(true);
    expect(machine.session.state.kind).toBe("active");
    // Only the person's own sign-in has opened one.
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe("an exchange whose answer is lost", () => {
  test.each([
    ["truncated replies", { kind: "truncate" }],
    ["connections that end before the answer", { kind: "lose-reply" }],
  ] as const)(
    "%s: served to the end, then exit 3 with the reason; one sign-in is enough",
    async (_, effect) => {
      const handle = machine.cloud.faults.add({ path: "/token", ...effect });
      await machine.pass(50 * minute);
      const during = await machine.ask();
      expect(during.exit).toBe(0);
      expect(machine.isValid(during.stdout)).toBe(true);
      handle.remove();
      await machine.pass(hour);
      expect(await machine.ask()).toEqual({
        exit: 3,
        stdout: "",
        stderr:
          "evercred: You are not signed in to corp: the last renewal was cut off. Run: evercred login corp\n",
      });
      expect(machine.browser.opened).toHaveLength(1);
      await machine.signIn();
      expect(await machine.ask()).toMatchObject({ exit: 0 });
    },
  );
});

describe("a provider that is slow", () => {
  test("answers late", async () => {
    machine.cloud.faults.add({ host: providers, kind: "delay", delayMs: 100 });
    await machine.pass(70 * minute);
    const outcome = await machine.ask();
    expect(outcome.exit).toBe(0);
    expect(machine.isValid(outcome.stdout)).toBe(true);
  });

  test("does not answer at all", async () => {
    const timeouts = { connectMs: 400, requestMs: 400 };
    await machine.reach({ agent: proxyAgent(machine.cloud.proxyUrl, machine.cloud.ca), timeouts });
    const handle = machine.cloud.faults.add({ host: providers, kind: "hang" });
    await machine.pass(42 * minute);
    expect(machine.session.state).toMatchObject({ kind: "failing", error: "unreachable" });
    const during = await machine.ask();
    expect(during.exit).toBe(0);
    expect(machine.isValid(during.stdout)).toBe(true);
    machine.clock.jump(20 * minute);
    expect(await machine.ask()).toMatchObject({ exit: 7, stdout: "" });
    handle.remove();
    await machine.reach();
    await machine.pass(6 * minute);
    expect(await machine.ask()).toMatchObject({ exit: 0 });
    expect(machine.browser.opened).toHaveLength(1);
  });
});

describe("a provider that asks for patience", () => {
  const requests = (): number => machine.cloud.log.count({ host: providers });

  test("and says for how long is left alone until then", async () => {
    const headers = { "retry-after": "600" };
    machine.cloud.faults.add({ host: providers, kind: "status", status: 429, headers });
    await machine.pass(62 * minute);
    machine.cloud.log.clear();
    for (let i = 0; i < 60; i += 1) {
      const callers = Array.from({ length: 10 }, () => machine.ask());
      for (const { exit } of await Promise.all(callers)) expect(exit).toBe(7);
      await machine.pass(minute);
    }
    // One at a time, ten minutes from each other.
    expect(requests()).toBeLessThanOrEqual(6);
  });

  test("and does not say for how long is asked ever less often", async () => {
    machine.cloud.faults.add({ host: providers, kind: "status", status: 429 });
    await machine.pass(62 * minute);
    machine.cloud.log.clear();
    for (let i = 0; i < 60; i += 1) {
      const callers = Array.from({ length: 10 }, () => machine.ask());
      for (const { exit } of await Promise.all(callers)) expect(exit).toBe(7);
      await machine.pass(minute);
    }
    // Ever longer waits, and then one request every five minutes.
    expect(requests()).toBeLessThanOrEqual(16);
  });
});

describe("behind a captive portal", () => {
  const portals: readonly Pick<Scenario, "title" | "begin">[] = [
    { title: "a page", begin: struck({ kind: "html" }) },
    { title: "a page with 511", begin: struck({ kind: "html", status: 511 }) },
    { title: "a redirect to the portal", begin: struck(redirect) },
    { title: "a certificate of the portal's", begin: foreignCertificate },
  ];

  test.each(portals)(
    "$title: it is asked about once a minute, and the renewal comes within one of its end, with nobody asking",
    async ({ begin }) => {
      const renewals = machine.renewals;
      for (const minutes of [42, 100]) {
        const mend = await begin();
        await machine.pass(minutes * minute);
        expect(machine.session.state.kind).toBe("failing");
        await mend();
        await machine.clock.advance(minute);
        expect(machine.session.state.kind).toBe("active");
      }
      // For two minutes, then for an hour; some more each time, since the first waits are shorter and the last one is met.
      expect(machine.renewals - renewals).toBeLessThanOrEqual(2 + 60 + 2 * 6);
      expect(machine.browser.opened).toHaveLength(1);
    },
  );

  test("the next caller finds out that it is over", async () => {
    const mend = await struck({ kind: "html" })();
    await machine.pass(2 * hour);
    mend();
    machine.clock.jump(5_000);
    expect(await machine.ask()).toMatchObject({ exit: 0, stderr: "" });
  });

  test.each([
    { title: "a load balancer's page with 503", fault: { kind: "html", status: 503 } },
    { title: "a page that says no", fault: { kind: "html", status: 403 } },
  ] as const)("$title is none: it is waited out as a provider's fault", async ({ fault: page }) => {
    machine.cloud.faults.add({ host: providers, ...page });
    await machine.pass(62 * minute);
    machine.cloud.log.clear();
    await machine.pass(2 * hour);
    // Twenty minutes at most, and no chance in it here.
    expect(machine.cloud.log.count({ host: providers })).toBe(6);
  });
});

describe("a machine that is", () => {
  test("offline for 12 h, with a session that lasts", async () => {
    machine.cloud.lifetimes.sessionMs = 24 * hour;
    await machine.signIn();
    const handle = machine.cloud.faults.add({ host: providers, kind: "unreachable" });
    await machine.pass(12 * hour);
    expect(await machine.ask()).toMatchObject({ exit: 7 });
    // Some 144 attempts in 12 hours: one in five minutes.
    expect(handle.hits).toBeLessThan(200);
    handle.remove();
    await machine.pass(6 * minute);
    expect(await machine.ask()).toMatchObject({ exit: 0 });
    expect(machine.browser.opened).toHaveLength(2);
  });

  test("offline for 12 h, with a session that ends meanwhile", async () => {
    const handle = machine.cloud.faults.add({ host: providers, kind: "unreachable" });
    await machine.pass(12 * hour);
    handle.remove();
    await machine.pass(6 * minute);
    const { exit, stderr } = await machine.ask();
    expect([exit, stderr]).toEqual([3, expect.stringContaining("Run: evercred login corp")]);
    expect(machine.browser.opened).toHaveLength(1);
    await machine.signIn();
    expect(await machine.ask()).toMatchObject({ exit: 0 });
  });
});
