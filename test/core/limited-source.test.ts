import { expect, test } from "vitest";
import type { AwsCredential, Grant } from "../../electron/core/credential.ts";
import { limitedSource } from "../../electron/core/limited-source.ts";
import { type Limits, noRule, type Rule } from "../../electron/core/limits.ts";
import type { Offer, Reach, SignInRequest, Source, Target } from "../../electron/core/source.ts";
import { targetOf } from "../../electron/core/source.ts";
import { signInOptions } from "../fakes/source.ts";
import { key, otherKey, World } from "./world.ts";

const never = new AbortController().signal;
const none = (): Promise<never> => Promise.reject(new Error("nothing else is asked for"));

/** A machine with one rule, which may change. */
class Ruled extends World {
  rule: Rule = noRule;
  /** How often it was waited for the place where programs are. */
  waits = 0;
  readonly links = new Map<string, string>();

  constructor() {
    super({ alone: true });
  }

  limit(limits: Limits): void {
    this.rule = { ...noRule, organization: "Example Corp", limits };
  }

  limited(source: Source, isInMemory = false): Source {
    return limitedSource(source, {
      rule: () => this.rule,
      realPath: (path) => this.links.get(path),
      isInMemory,
      programsReady: async () => {
        this.waits += 1;
      },
    });
  }

  /** A grant of somebody who has signed in. */
  async grantOf(source: Source): Promise<Grant> {
    const visits = this.source.visits.length;
    const granted = source.signIn(signInOptions("code"), never);
    while (this.source.visits.length === visits) await Promise.resolve();
    this.source.visits.at(-1)?.approve();
    return granted;
  }
}

const refused = (what: string) => ({
  code: "policy-refused",
  message: `Example Corp does not allow ${what}.`,
});

/** A source like another one, but for these parts. */
const like = (source: Source, parts: Partial<Source>): Source =>
  new Proxy(source, {
    get: (target, name) => {
      if (name in parts) return parts[name as keyof Source];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    has: (target, name) => name in parts || name in target,
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(parts)])],
    getOwnPropertyDescriptor: (target, name) =>
      name in parts
        ? {
            value: parts[name as keyof Source],
            enumerable: true,
            configurable: true,
            writable: true,
          }
        : Reflect.getOwnPropertyDescriptor(target, name),
  });

test("where nothing is limited it is as the source is", async () => {
  const world = new Ruled();
  const source = world.limited(world.source);
  const { id, kind, title, organisation, boundTo, unattended, hasDeviceFlow } = world.source;
  expect(source).toMatchObject({
    id,
    kind,
    title,
    organisation,
    boundTo,
    unattended,
    hasDeviceFlow,
  });
  expect([...source.offers]).toEqual([...world.source.offers]);
  const grant = await world.grantOf(source);
  expect(source.restore(grant.saved)).toEqual(grant);
  expect((await source.issue(grant, key, never, none)).kind).toBe("aws");
  expect((await source.renew(grant, never)).issuedAt).toBe(grant.issuedAt);
  expect(world.waits).toBe(0);
});

test("a page is doubtful under a rule as it is without one, and no way to sign in comes with it", () => {
  const world = new Ruled();
  const hosts = ["login.example.com"];
  const parts = { pageHosts: () => hosts, hasDeviceFlow: false };
  const { pageHosts, hasDeviceFlow } = world.limited(like(world.source, parts));
  expect([pageHosts?.(), hasDeviceFlow]).toEqual([hosts, false]);
  const { pageHosts: ofNone } = world.limited(world.source);
  expect(ofNone?.()).toBeUndefined();
});

test("what is forbidden is not asked, but for the end of a grant", async () => {
  const world = new Ruled();
  const source = world.limited(world.makeSource({ lists: true }));
  const grant = await world.grantOf(world.source);
  const calls = world.provider.calls.length;
  world.limit({ sourceKinds: ["google"] });
  const refusal = refused("sources of kind aws-sso");
  const { directory } = source;
  const shown: unknown[] = [];
  const options = signInOptions("code", (request) => shown.push(request));
  await expect(source.signIn(options, never)).rejects.toMatchObject(refusal);
  await expect(source.renew(grant, never)).rejects.toMatchObject(refusal);
  await expect(source.issue(grant, key, never, none)).rejects.toMatchObject(refusal);
  await expect(source.identify(grant, never, undefined)).rejects.toMatchObject(refusal);
  await expect(source.probe(grant, never)).rejects.toMatchObject(refusal);
  await expect(directory?.accounts(grant, never)).rejects.toMatchObject(refusal);
  await expect(directory?.roles(grant, "111122223333", never)).rejects.toMatchObject(refusal);
  await expect(source.restraint?.admit(grant, never)).rejects.toMatchObject(refusal);
  expect(shown).toEqual([]);
  expect(world.provider.calls.length).toBe(calls);
  await source.revoke(grant, never);
  expect(world.provider.calls.length).toBe(calls + 1);
});

test("a change of the rule counts at once, also for what is under way", async () => {
  const world = new Ruled();
  const source = world.limited(world.source);
  const grant = await world.grantOf(source);
  const issued = source.issue(grant, key, never, none);
  world.limit({ awsAccounts: ["444455556666"] });
  await expect(issued).rejects.toMatchObject(refused("AWS account 111122223333"));
  await expect(source.issue(grant, otherKey, never, none)).resolves.toMatchObject({ kind: "aws" });
  world.rule = noRule;
  const answer = world.provider.hold("issue");
  const under = source.issue(grant, key, never, none);
  while (world.provider.busy("issue") === 0) await Promise.resolve();
  world.limit({ sourceKinds: [] });
  answer();
  await expect(under).rejects.toMatchObject(refused("sources of kind aws-sso"));
  world.rule = noRule;
  await expect(source.issue(grant, key, never, none)).resolves.toMatchObject({ kind: "aws" });
});

test("one offer may be forbidden where another of the same credential is not", async () => {
  const world = new Ruled();
  const offers = new Map<Target, Offer>([
    [targetOf("gcp", "google"), { key, title: "Token" }],
    [targetOf("api-key", "vertex"), { key, title: "Token", keyKind: "gcp-access-token" }],
    [targetOf("api-key", "own"), { key: otherKey, title: "Key", keyKind: "oidc" }],
  ]);
  const source = world.limited(like(world.source, { offers }));
  const { restraint } = source;
  const grant = await world.grantOf(source);
  world.limit({ keyKinds: [] });
  const [plain, vertex, own] = [...source.offers.values()];
  expect(plain?.key).toBe(key);
  expect(restraint?.refusalOf(key)).toBe(undefined);
  expect(vertex?.key).not.toBe(key);
  const refusal = refused("keys of kind gcp-access-token");
  expect(restraint?.refusalOf(vertex?.key ?? "")).toMatchObject(refusal);
  await expect(source.issue(grant, vertex?.key ?? "", never, none)).rejects.toMatchObject(refusal);
  // What nobody may have under any name may not be asked for by its key either.
  expect(restraint?.refusalOf(otherKey)).toMatchObject(refused("keys of kind oidc"));
  expect(restraint?.refusalOf(own?.key ?? "")).toMatchObject(refused("keys of kind oidc"));
});

test("the account of keys is the provider's word where their source may say anything", async () => {
  const world = new Ruled();
  const asked: AwsCredential[] = [];
  const accountOf = async (keys: AwsCredential): Promise<string> => {
    asked.push(keys);
    return "999999999999";
  };
  const offers = new Map([[targetOf("aws", "dev"), { key, title: "Own keys" }]]);
  const source = world.limited(like(world.source, { kind: "aws-profile", offers, accountOf }));
  const grant = await world.grantOf(source);
  await source.issue(grant, key, never, none);
  expect(asked).toEqual([]);
  world.limit({ awsAccounts: ["111122223333"] });
  const refusal = refused("AWS account 999999999999");
  await expect(source.issue(grant, key, never, none)).rejects.toMatchObject(refusal);
  world.limit({ awsAccounts: ["999999999999"] });
  await source.issue(grant, key, never, none);
  expect(asked.length).toBe(2);
});

test("lists have what is allowed, and no other account is looked into", async () => {
  const world = new Ruled();
  world.provider.roles = { "111122223333": ["Developer"], "444455556666": ["Operator"] };
  const source = world.limited(world.makeSource({ lists: true }));
  const grant = await world.grantOf(world.source);
  world.limit({ awsAccounts: ["444455556666"] });
  const { directory, restraint } = source;
  const accounts = await directory!.accounts(grant, never);
  expect(accounts.map(({ id }) => id)).toEqual(["444455556666"]);
  const refusal = refused("AWS account 111122223333");
  await expect(directory!.roles(grant, "111122223333", never)).rejects.toMatchObject(refusal);
  expect(restraint?.refusalOfAccount("111122223333")).toMatchObject(refusal);
});

test("programs are looked at each time that they would be run", async () => {
  const world = new Ruled();
  const vault = "/home/ann/bin/vault";
  world.links.set(vault, "/usr/bin/vault").set("/usr/bin/open", "/usr/bin/open");
  const reach: Reach = {
    programs: () => [vault],
    signInPrograms: () => ["/usr/bin/open"],
  };
  const source = world.limited(like(world.source, { reach }));
  const grant = await world.grantOf(source);
  world.limit({ commands: ["/usr/bin/vault"] });
  expect(source.restraint?.refusal(grant)).toBe(undefined);
  await source.issue(grant, key, never, none);
  await expect(source.signIn(signInOptions("code"), never)).rejects.toMatchObject(
    refused("the program /usr/bin/open"),
  );
  await source.issue(grant, key, never, none);
  // Somebody has put another program there.
  world.links.set(vault, "/home/ann/evil");
  await expect(source.issue(grant, key, never, none)).rejects.toMatchObject(
    refused("the program /home/ann/evil"),
  );
  await expect(source.renew(grant, never)).rejects.toMatchObject(
    refused("the program /home/ann/evil"),
  );
  expect(world.waits).toBe(5);
});

test("whoever signed in is the provider's word where others keep the sign-in", async () => {
  const world = new Ruled();
  world.limit({ googleDomains: ["example.com"] });
  world.provider.person = "jdoe@gmail.com";
  const kept = like(world.source, { reach: { isGoogle: true }, keptBy: "gcloud" });
  const own = like(world.source, { reach: { isGoogle: true } });
  const grant = { ...(await world.grantOf(own)), account: "ann@example.com" };
  const refusal = refused("the Google account jdoe@gmail.com");
  // Of ours it is what the provider has told at the sign-in.
  await world.limited(own).restraint?.admit(grant, never);
  const source = world.limited(kept);
  expect(source.restraint?.refusal(grant)).toBe(undefined);
  await expect(source.issue(grant, key, never, none)).rejects.toMatchObject(refusal);
  // Now it is known.
  expect(source.restraint?.refusal(grant)).toMatchObject(refusal);
  world.provider.person = undefined;
  await expect(world.limited(kept).restraint?.admit(grant, never)).rejects.toMatchObject(
    refused("a Google sign-in that does not tell whose it is"),
  );
  world.provider.person = "ann@EXAMPLE.com";
  await world.limited(kept).restraint?.admit(await world.grantOf(kept), never);
});

test("whoever is asked who somebody is is not told what a file says", async () => {
  const world = new Ruled();
  world.limit({ googleDomains: ["example.com"] });
  const kept = like(world.source, {
    reach: { isGoogle: true },
    keptBy: "gcloud",
    identify: async ({ account }: Grant) => account ?? "jdoe@gmail.com",
  });
  const grant = { ...(await world.grantOf(kept)), account: "ann@example.com" };
  await expect(world.limited(kept).issue(grant, key, never, none)).rejects.toMatchObject(
    refused("the Google account jdoe@gmail.com"),
  );
});

test("what is in memory alone is not served once that is not allowed; what others keep is", async () => {
  const world = new Ruled();
  const source = world.limited(world.source, true);
  const grant = await world.grantOf(source);
  world.limit({ keychain: ["memory"] });
  await source.issue(grant, key, never, none);
  world.limit({ keychain: ["os"] });
  const refusal = refused("sign-ins that the keychain does not keep");
  await expect(source.issue(grant, key, never, none)).rejects.toMatchObject(refusal);
  await expect(source.signIn(signInOptions("code"), never)).rejects.toMatchObject(refusal);
  expect(source.restraint?.refusal(grant)).toMatchObject(refusal);
  await world.limited(world.source).issue(grant, key, never, none);
  const kept = like(world.source, { keptBy: "gcloud" });
  await world.limited(kept, true).issue(grant, key, never, none);
});

test("what runs no program is no matter of programs", () => {
  const world = new Ruled();
  world.limit({ commands: [] });
  expect(world.limited(world.source).restraint?.refusal(undefined)).toBeUndefined();
});

test.each(["code", "device"] as const)(
  "a flow that is forced is the way of every sign-in: %s",
  async (flow) => {
    const { source: inner } = new World();
    const world = {
      rule: () => noRule,
      realPath: String,
      isInMemory: false,
      programsReady: () => Promise.resolve(),
    };
    const source = limitedSource(inner, world, flow);
    expect(source.hasDeviceFlow).toBe(flow === "device");
    for (const wished of ["code", "device"] as const) {
      const shown = new Promise<string>((resolve) => {
        const options = {
          ...signInOptions(wished),
          show: (request: SignInRequest) => resolve(request.flow),
        };
        source.signIn(options, never).catch(() => undefined);
      });
      expect(await shown).toBe(flow);
    }
  },
);

test("a forbidden source looks at nothing that other tools have left, and shows them nothing", async () => {
  const world = new World();
  let rule = noRule;
  const source = limitedSource(world.source, {
    rule: () => rule,
    realPath: String,
    isInMemory: false,
    programsReady: () => Promise.resolve(),
  });
  const { shared } = source;
  const grant = world.provider.signIn(source.boundTo);
  expect(shared?.writable).toBe(true);
  expect(await shared?.publish(grant)).toBe(true);
  expect(await shared?.look(undefined, true)).toMatchObject({ kind: "foreign" });
  rule = { ...noRule, limits: { sourceKinds: [] } };
  expect(await shared?.look(undefined, true)).toEqual({ kind: "known" });
  expect(await shared?.publish(grant)).toBe(false);
  await shared?.withdraw(undefined);
  rule = noRule;
  expect(await shared?.look(undefined, true)).toEqual({ kind: "absent" });
});

test("what a source leaves out is left out under a rule, too", async () => {
  const world = new Ruled();
  world.limit({ commands: [], awsAccounts: [] });
  const parts = { pageHosts: undefined, reach: undefined } as unknown as Partial<Source>;
  const source = world.limited(like(world.source, parts));
  expect(source.pageHosts?.()).toBeUndefined();
  const grant = await world.grantOf(source);
  expect(source.restraint?.refusal(grant)).toBeUndefined();
  world.provider.tokens = true;
  const offers = new Map([[targetOf("gcp", "dev"), { key, title: "Token" }]]);
  const tokens = world.limited(like(world.source, { ...parts, offers }));
  await expect(tokens.issue(grant, key, never, none)).resolves.toMatchObject({ kind: "token" });
});

test("a sign-in is of the flow that is wished, where none is forced", async () => {
  const world = new Ruled();
  world.limit({ commands: [] });
  const flow = await new Promise<string>((resolve) => {
    const options = signInOptions("device", (request) => resolve(request.flow));
    world
      .limited(world.source)
      .signIn(options, never)
      .catch(() => undefined);
  });
  expect(flow).toBe("device");
});

test("who is served from memory waits for no look at files, and is shown the same offers, while the rule is the same", () => {
  const world = new Ruled();
  let looks = 0;
  const programs = (): readonly string[] => {
    looks += 1;
    return [];
  };
  const source = world.limited(like(world.source, { reach: { programs } }));
  source.restraint?.refusal(undefined);
  expect(looks).toBe(0);
  world.limit({ commands: [] });
  source.restraint?.refusal(undefined);
  const { offers } = source;
  source.restraint?.refusal(undefined);
  expect(looks).toBe(1);
  expect(source.offers).toBe(offers);
});

test("nobody is asked who somebody is where it does not matter, or is known", async () => {
  const world = new Ruled();
  world.provider.person = "ann@example.com";
  const asked = (): number => world.source.identifiedBy.length;
  const google = { reach: { isGoogle: true }, keptBy: "gcloud" };
  const grant = await world.grantOf(world.source);
  await world.limited(like(world.source, google)).issue(grant, key, never, none);
  world.limit({ googleDomains: ["example.com"] });
  await world.limited(world.source).issue(grant, key, never, none);
  await world
    .limited(like(world.source, { reach: undefined } as unknown as Partial<Source>))
    .issue(grant, key, never, none);
  expect(asked()).toBe(0);
  const own = world.limited(like(world.source, { reach: { isGoogle: true } }));
  await own.issue({ ...grant, account: "ann@example.com" }, key, never, none);
  expect(asked()).toBe(0);
  const kept = world.limited(like(world.source, google));
  await kept.issue(grant, key, never, none);
  await kept.issue(grant, key, never, none);
  expect(asked()).toBe(1);
});

test("a Google source that is not allowed is so for those of an allowed domain, too", async () => {
  const world = new Ruled();
  world.limit({ googleDomains: ["example.com"], sourceKinds: [] });
  const source = world.limited(like(world.source, { reach: { isGoogle: true } }));
  const grant = { ...(await world.grantOf(world.source)), account: "ann@example.com" };
  expect(source.restraint?.refusal(grant)).toMatchObject(refused("sources of kind aws-sso"));
});
