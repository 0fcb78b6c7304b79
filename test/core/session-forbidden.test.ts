import { describe, expect, test } from "vitest";
import { Broker } from "../../electron/core/broker.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { limitedSource } from "../../electron/core/limited-source.ts";
import { type Limits, noRule, type Rule } from "../../electron/core/limits.ts";
import type { Session } from "../../electron/core/session.ts";
import { targetOf } from "../../electron/core/source.ts";
import { unknownPresence } from "../../electron/core/person.ts";
import { SignIns } from "../../electron/core/sign-ins.ts";
import { FakeBrowser } from "../fakes/browser.ts";
import { settle } from "../fakes/clock.ts";
import type { ScriptedSource, SourceParts } from "../fakes/source.ts";
import { hour, minute, place, World, type WorldParts } from "./world.ts";

const dev = targetOf("aws", "dev");
const ops = targetOf("aws", "ops");

/** A daemon on a machine that an organisation may bind. */
class Bound extends World {
  rule: Rule = noRule;
  broker = this.#start();
  #source: ScriptedSource;

  constructor(parts: WorldParts = {}, source: Partial<SourceParts> = {}) {
    super(parts);
    const isKept = parts.kept === true;
    this.#source = this.makeSource({
      ...(parts.alone !== true && { shared: this.shared }),
      ...(isKept && { keptBy: "gcloud" }),
      ...source,
    });
  }

  get bound(): ScriptedSource {
    return this.#source;
  }

  get session(): Session {
    return this.broker.session("corp")!;
  }

  #start(): Broker {
    return new Broker(this.ports);
  }

  /** The daemon reads its sources, as it does at its start and after each change. */
  async load(source = this.#source): Promise<void> {
    this.#source = source;
    const limited = limitedSource(source, {
      rule: () => this.rule,
      realPath: String,
      isInMemory: false,
      programsReady: () => Promise.resolve(),
    });
    await this.broker.configure([limited]);
  }

  /** The organisation says something else, and the daemon has heard it. */
  async limit(limits: Limits): Promise<void> {
    this.say(limits);
    await this.load();
  }

  say(limits: Limits): void {
    this.rule = { ...noRule, organization: "Example Corp", contact: "it@example.com", limits };
  }

  async startAgain(): Promise<void> {
    await this.broker.close();
    this.memo.close();
    this.broker = this.#start();
    await this.load();
  }

  async signInBound(): Promise<void> {
    await this.signIn(this.session, this.#source);
  }
}

const forbidden = { sourceKinds: ["google"] };
const refusal = {
  code: "policy-refused",
  message: "Example Corp does not allow sources of kind aws-sso.",
  remedy: "Help: it@example.com",
};
const isForbidden = { kind: "signed-out", reason: "forbidden", because: refusal };

const signedIn = async (parts?: WorldParts, source?: Partial<SourceParts>): Promise<Bound> => {
  const world = new Bound(parts, source);
  await world.load();
  await world.signInBound();
  return world;
};

describe("a source that is not allowed any more", () => {
  test("serves nothing of what it has in memory, from that moment on", async () => {
    const world = await signedIn({}, { lists: true });
    await world.broker.issue(dev);
    await world.session.accounts();
    world.say(forbidden);
    await expect(world.session.accounts()).rejects.toMatchObject(refusal);
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusal);
    await world.load();
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusal);
    expect(world.session.issued.uses()).toEqual([]);
    for (const work of [
      () => world.session.revive(),
      () => world.session.prove(),
      () => world.session.accounts(),
      () => world.session.lend(() => Promise.resolve()),
    ]) {
      await expect(work()).rejects.toMatchObject(refusal);
    }
  });

  test("is used for nothing else either, before the daemon has read its sources anew", async () => {
    const world = await signedIn();
    expect(world.session.refusal).toBeUndefined();
    world.say(forbidden);
    expect(world.session.refusal).toMatchObject(refusal);
    await expect(world.session.revive()).rejects.toMatchObject(refusal);
  });

  test("has nothing in memory, and no account", async () => {
    const world = await signedIn();
    await world.limit(forbidden);
    expect([world.session.isSignedIn, world.session.isLive]).toEqual([false, false]);
  });

  test("takes nothing from other tools where it has nothing itself", async () => {
    const world = new Bound();
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    await world.limit(forbidden);
    expect(world.session.state).toMatchObject(isForbidden);
    expect(world.shared.content).toBeDefined();
  });

  test("that a person has signed out of stays so when it is allowed again, whatever still lies about", async () => {
    const world = new Bound();
    world.provider.renewable = false;
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    world.shared.writable = false;
    await world.load();
    expect(world.session.isBorrowed).toBe(true);
    await world.session.signOut();
    await world.limit(forbidden);
    await world.limit({});
    expect(world.shared.content).toBeDefined();
    expect(world.session.isSignedIn).toBe(false);
  });

  test("keeps its grant in the keychain, shows why, and asks nobody for hours", async () => {
    const world = await signedIn();
    const kept = world.store.peek(place);
    await world.limit(forbidden);
    expect(world.session.state).toMatchObject(isForbidden);
    const calls = world.provider.calls.length;
    const reads = world.store.reads;
    await world.live(world.session, 12 * hour);
    await world.broker.look();
    world.session.remind();
    expect(world.session.wantedAt).toBe(undefined);
    expect(world.provider.calls.length).toBe(calls);
    expect(world.store.reads).toBe(reads);
    expect(world.store.peek(place)).toBe(kept);
    expect(world.session.state).toMatchObject(isForbidden);
  });

  test("is taken up again once it is allowed, without a sign-in", async () => {
    const world = await signedIn();
    await world.limit(forbidden);
    await world.limit({});
    expect(world.session.state.kind).toBe("active");
    expect((await world.broker.issue(dev)).kind).toBe("aws");
    expect(world.provider.count("sign-in")).toBe(1);
  });

  test("is so for a daemon that has just started, too, which takes back what others see", async () => {
    const world = await signedIn();
    world.say(forbidden);
    await world.startAgain();
    expect(world.session.state).toMatchObject(isForbidden);
    expect(world.shared.content).toBe(undefined);
    const { reads } = world.store;
    await world.startAgain();
    // Then it does not even read the keychain.
    expect(world.store.reads).toBe(reads);
    expect(world.session.state).toMatchObject(isForbidden);
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusal);
    await world.limit({});
    expect(world.session.state.kind).toBe("active");
  });

  test("has no page opened for it, and one that is open is given up", async () => {
    const world = new Bound();
    await world.load();
    const browser = new FakeBrowser();
    const signIns = new SignIns(browser, unknownPresence, world.log);
    const wish = { by: "person", flow: undefined, browser: true } as const;
    const begun = signIns.begin(world.session, wish);
    await begun.page;
    const opened = browser.opened.length;
    await world.limit(forbidden);
    expect(await begun.signIn.outcome).toMatchObject({ kind: "failed", error: refusal });
    const again = signIns.begin(world.session, wish);
    expect(await again.signIn.outcome).toMatchObject({ kind: "failed", error: refusal });
    await again.page;
    expect(browser.opened.length).toBe(opened);
    expect(world.session.state).toMatchObject(isForbidden);
    expect(world.session.heldBack).toBe(false);
  });

  test("sends away who waits for it", async () => {
    const world = await signedIn();
    const open = world.provider.hold("issue");
    const waiting = world.broker.issue(dev);
    waiting.catch(() => undefined);
    await settle();
    await world.limit(forbidden);
    await expect(waiting).rejects.toMatchObject(refusal);
    open();
  });

  test("is no longer shown to other tools by us, and what they leave is not taken up", async () => {
    const world = await signedIn();
    expect(world.shared.content).not.toBe(undefined);
    await world.limit(forbidden);
    expect(world.shared.content).toBe(undefined);
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    await world.broker.look();
    expect(world.session.state).toMatchObject(isForbidden);
    await world.limit({});
    expect(world.session.isSignedIn).toBe(true);
  });

  test("stays where another tool has left it, of which it is borrowed", async () => {
    const world = new Bound({ durability: "memory" });
    const left = world.provider.signIn(world.bound.boundTo);
    world.shared.leave(left);
    await world.load();
    expect(world.session.isBorrowed).toBe(true);
    await world.limit(forbidden);
    expect(world.session.state).toMatchObject(isForbidden);
    expect(world.shared.content).toBe(left);
    await world.broker.look();
    expect(world.session.state).toMatchObject(isForbidden);
    await world.limit({});
    expect(world.session.isBorrowed).toBe(true);
    expect(world.session.state.kind).toBe("active");
  });

  test("that is borrowed can be signed out of, and is then not found again", async () => {
    const world = new Bound({ durability: "memory" });
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    await world.load();
    await world.limit(forbidden);
    await world.session.signOut();
    await world.limit({});
    await world.broker.look();
    expect(world.session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("stays where others keep it, and is there again when it is allowed", async () => {
    const world = await signedIn({ kept: true });
    const before = world.shared.content;
    await world.limit(forbidden);
    expect(world.shared.content).toBe(before);
    await world.live(world.session, 2 * hour);
    expect(world.session.state).toMatchObject(isForbidden);
    await world.limit({});
    expect(world.session.isSignedIn).toBe(true);
  });

  test("is so where the keychain is locked, too, and can even then be signed out of", async () => {
    const world = await signedIn();
    world.say(forbidden);
    world.store.mood = "locked";
    await world.startAgain();
    expect(world.session.state).toMatchObject(isForbidden);
    await expect(world.session.signOut()).rejects.toMatchObject({ code: "keychain-locked" });
    expect(world.session.state).toMatchObject({ kind: "signed-out", reason: "user" });
  });

  test("can be signed out of for good", async () => {
    const world = await signedIn();
    await world.limit(forbidden);
    expect(await world.session.signOut()).toBe(true);
    expect(world.provider.count("revoke")).toBe(1);
    expect(world.store.peek(place)).toBe(undefined);
    await world.limit({});
    expect(world.session.isSignedIn).toBe(false);
  });

  test("whose last renewal could not be saved is saved before it is set aside, where that is possible", async () => {
    const world = await signedIn();
    world.store.readOnly = true;
    await world.clock.advance(50 * minute);
    expect(world.session.durable).toBe(false);
    world.store.readOnly = false;
    const before = world.store.peek(place);
    await world.limit(forbidden);
    expect(world.store.peek(place)).not.toBe(before);
    await world.limit({});
    await world.broker.issue(dev);
    expect(world.session.state.kind).toBe("active");
  });

  test("is not renewed in between, and does not count as failing", async () => {
    const world = await signedIn();
    world.say(forbidden);
    const renewals = world.provider.count("renew");
    await world.live(world.session, 2 * hour);
    expect(world.provider.count("renew")).toBe(renewals);
    expect(world.session.state).toMatchObject(isForbidden);
  });

  test("needs nobody, and has nothing from nobody", async () => {
    const world = new Bound({ kept: true }, { unattended: true });
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    await world.load();
    await world.broker.issue(dev);
    await world.limit({ sourceKinds: [] });
    const calls = world.provider.calls.length;
    await expect(world.session.takeUp()).rejects.toMatchObject(refusal);
    await world.live(world.session, hour);
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusal);
    expect(world.provider.calls.length).toBe(calls);
  });
});

test("while a policy cannot be read nothing is served, and then all goes on", async () => {
  const world = await signedIn();
  await world.broker.issue(dev);
  const closed = new EvercredError("policy-refused", "The policy cannot be used.");
  world.rule = { ...noRule, closed };
  await world.load();
  await expect(world.broker.issue(dev)).rejects.toBe(closed);
  world.rule = noRule;
  await world.load();
  await world.broker.issue(dev);
  expect(world.session.state.kind).toBe("active");
});

describe("one account that is not allowed", () => {
  const refusedAccount = {
    code: "policy-refused",
    message: "Example Corp does not allow AWS account 444455556666.",
  };

  test("is not served any more, and the others go on", async () => {
    const world = await signedIn();
    await world.broker.issue(dev);
    await world.broker.issue(ops);
    world.say({ awsAccounts: ["111122223333"] });
    await expect(world.broker.issue(ops)).rejects.toMatchObject(refusedAccount);
    expect((await world.broker.issue(dev)).kind).toBe("aws");
    await world.load();
    await expect(world.broker.issue(ops)).rejects.toMatchObject(refusedAccount);
    expect(world.session.state.kind).toBe("active");
    const issued = world.provider.count("issue");
    await world.live(world.session, 3 * hour);
    // What is in use is fetched ahead, the other is not.
    expect(world.provider.count("issue")).toBeGreaterThan(issued);
    expect(world.session.issued.uses().map(({ key }) => key)).toEqual(["111122223333/Developer"]);
  });

  test("is not the beginning of a way to another one either", async () => {
    const parents = { "111122223333/Developer": "444455556666/Operator" };
    const world = await signedIn({}, { parents });
    await world.broker.issue(dev);
    await world.limit({ awsAccounts: ["111122223333"] });
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusedAccount);
  });
});

describe("a person of another domain", () => {
  const rule = { googleDomains: ["example.com"] };
  const refusedPerson = {
    code: "policy-refused",
    message: "Example Corp does not allow the Google account jdoe@gmail.com.",
  };
  const reach = { isGoogle: true };

  test("is refused at the sign-in, and what that gave is ended", async () => {
    const world = new Bound({}, { reach });
    await world.load();
    await world.limit(rule);
    world.provider.person = "jdoe@gmail.com";
    const { outcome, request } = world.session.signIn(undefined);
    await request;
    world.bound.visits[0]?.approve();
    expect(await outcome).toMatchObject({ kind: "failed", error: refusedPerson });
    await settle();
    expect(world.provider.count("revoke")).toBe(1);
    expect(world.store.peek(place)).toBe(undefined);
    expect(world.session.isSignedIn).toBe(false);
    world.provider.person = "ann@Example.com";
    await world.signInBound();
    await world.broker.issue(dev);
  });

  test("is refused where nobody tells who it is", async () => {
    const world = new Bound({}, { reach });
    await world.load();
    await world.limit(rule);
    const { outcome, request } = world.session.signIn(undefined);
    await request;
    world.bound.visits[0]?.approve();
    expect(await outcome).toMatchObject({ kind: "failed", error: { code: "policy-refused" } });
    expect(world.session.isSignedIn).toBe(false);
  });

  test("who has signed in before is not served any more, and is renewed no more", async () => {
    const world = new Bound({}, { reach });
    world.provider.person = "jdoe@gmail.com";
    await world.load();
    await world.signInBound();
    await world.broker.issue(dev);
    await world.limit(rule);
    const kept = world.store.peek(place);
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusedPerson);
    await settle();
    expect(world.session.state).toMatchObject({ reason: "forbidden", because: refusedPerson });
    const calls = world.provider.calls.length;
    await world.live(world.session, 8 * hour);
    expect(world.provider.calls.length).toBe(calls);
    expect(world.store.peek(place)).toBe(kept);
  });

  test("whose name the grant itself has is known at once, at a start too: nobody is asked", async () => {
    const world = new Bound({}, { reach });
    world.provider.person = "jdoe@gmail.com";
    world.provider.names = true;
    await world.load();
    await world.signInBound();
    world.say(rule);
    const calls = world.provider.calls.length;
    await world.startAgain();
    expect(world.session.state).toMatchObject({ reason: "forbidden", because: refusedPerson });
    await world.live(world.session, 2 * hour);
    expect(world.provider.calls.length).toBe(calls);
    await world.limit({ googleDomains: ["gmail.com"] });
    expect(world.session.isSignedIn).toBe(true);
  });

  test("in a file that others keep is not served, whatever the file says", async () => {
    const world = new Bound({ kept: true }, { reach });
    world.provider.person = "jdoe@gmail.com";
    world.say(rule);
    const grant = world.provider.signIn(world.bound.boundTo);
    world.shared.leave({ ...grant, account: "ann@example.com" });
    await world.load();
    await expect(world.broker.issue(dev)).rejects.toMatchObject(refusedPerson);
    await settle();
    expect(world.session.state).toMatchObject({ reason: "forbidden" });
    expect(world.shared.content).not.toBe(undefined);
    // Somebody else signs in with the tool that keeps it.
    world.provider.person = "ann@example.com";
    world.shared.leave(world.provider.signIn(world.bound.boundTo));
    await world.broker.look();
    expect((await world.broker.issue(dev)).kind).toBe("aws");
  });
});

describe("where nothing may be kept in memory", () => {
  const kept = {
    code: "policy-refused",
    message: "Example Corp does not allow sign-ins that the keychain does not keep.",
  };

  const strict = async (durability: "persisted" | "memory" = "persisted"): Promise<Bound> => {
    const world = new Bound({ durability });
    const error = new EvercredError("policy-refused", kept.message);
    Object.assign(world.store, { refusal: () => error });
    await world.load();
    return world;
  };

  test.each(["locked", "unavailable", "hanging"] as const)(
    "a sign-in that a keychain does not take, as it is %s, is refused and ended",
    async (mood) => {
      const world = await strict();
      world.store.mood = mood;
      const { outcome, request } = world.session.signIn(undefined);
      await request;
      world.bound.visits[0]?.approve();
      await settle();
      await world.clock.advance(minute);
      expect(await outcome).toMatchObject({ kind: "failed", error: kept });
      await settle();
      expect(world.session.isSignedIn).toBe(false);
      expect(world.provider.count("revoke")).toBe(1);
    },
  );

  test("a keychain that is only memory takes none", async () => {
    const world = await strict("memory");
    const { outcome, request } = world.session.signIn(undefined);
    await request;
    world.bound.visits[0]?.approve();
    expect(await outcome).toMatchObject({ kind: "failed", error: kept });
  });

  test("a renewal waits for the keychain, and what is there is served meanwhile", async () => {
    const world = await strict();
    await world.signInBound();
    world.store.mood = "locked";
    await world.live(world.session, 50 * minute);
    expect(world.provider.count("renew")).toBe(0);
    expect(world.session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
    expect((await world.broker.issue(dev)).kind).toBe("aws");
    expect(world.session.durable).toBe(true);
    world.store.mood = "well";
    await world.live(world.session, 10 * minute);
    expect(world.session.state.kind).toBe("active");
    expect(world.provider.count("renew")).toBe(1);
  });
});
