import type { Credential, Grant } from "./credential.ts";
import type { EvercredError } from "./errors.ts";
import {
  judgeAccount,
  judgeMemory,
  judgeOffer,
  judgePerson,
  judgePrograms,
  judgeSource,
  throwWhere,
  type RealPath,
  type Verdict,
} from "./judging.ts";
import type { Rule } from "./limits.ts";
import type { Directory, Flow, Offer, Restraint, SharedPlace, Source, Target } from "./source.ts";

/** Whose word binds sources, and what it takes to judge by it. */
export interface RuleWorld {
  /** The rule in force: the same object while it has not changed. */
  rule(): Rule;
  readonly realPath: RealPath;
  /** Whether what sign-ins give is kept in memory alone. */
  readonly isInMemory: boolean;
  /** Resolves once programs are found where they will be when they are run. */
  programsReady(): Promise<void>;
}

/**
 * A source that does what a rule allows. What is forbidden rejects with `policy-refused` and never reaches the source
 * itself; ending a grant is always allowed. A change of the rule counts at once. Where a `flow` is given every sign-in
 * goes that way, whatever its caller wishes.
 */
export const limitedSource = (source: Source, world: RuleWorld, flow?: Flow): Source => {
  const judge = new Judge(source, world);
  const { directory, shared } = source;
  return {
    ...source,
    get offers() {
      return judge.offers;
    },
    hasDeviceFlow: source.hasDeviceFlow === true && (flow === undefined || flow === "device"),
    restraint: judge,
    shared: shared && limitedPlace(shared, judge),
    directory: directory && limitedDirectory(directory, judge),
    pageHosts: () => source.pageHosts?.(),
    offsetMs: () => source.offsetMs(),
    signIn: async (options, signal) => {
      await judge.checkSignIn();
      return source.signIn(flow === undefined ? options : { ...options, flow }, signal);
    },
    renew: async (grant, signal, wanted) => {
      await judge.settle();
      judge.check(grant);
      return source.renew(grant, signal, wanted);
    },
    issue: async (grant, key, signal, other) => {
      await judge.admit(grant, signal);
      judge.checkKey(key);
      const credential = await source.issue(grant, key, signal, other);
      await judge.checkIssued(credential, signal);
      // The rule may have changed meanwhile.
      judge.check(grant);
      judge.checkKey(key);
      return credential;
    },
    identify: async (grant, signal, held) => {
      judge.check(grant);
      return source.identify(grant, signal, held);
    },
    probe: async (grant, signal) => {
      judge.check(grant);
      return source.probe(grant, signal);
    },
    revoke: (grant, signal) => source.revoke(grant, signal),
    restore: (saved) => source.restore(saved),
  };
};

/** What is forbidden looks at nothing and shows nothing; what was shown can always be taken away. */
const limitedPlace = (place: SharedPlace, judge: Judge): SharedPlace => ({
  get writable() {
    return place.writable;
  },
  look: async (known, keep) =>
    judge.refusal(undefined) === undefined ? place.look(known, keep) : { kind: "known" },
  publish: async (grant) => judge.refusal(grant) === undefined && place.publish(grant),
  withdraw: (only) => place.withdraw(only),
});

const limitedDirectory = (directory: Directory, judge: Judge): Directory => ({
  accounts: async (grant, signal) => {
    await judge.admit(grant, signal);
    const accounts = await directory.accounts(grant, signal);
    return accounts.filter(({ id }) => judge.refusalOfAccount(id) === undefined);
  },
  roles: async (grant, account, signal) => {
    await judge.admit(grant, signal);
    throwWhere(judge.refusalOfAccount(account));
    return directory.roles(grant, account, signal);
  },
});

/** Judges one source by the rule in force. */
class Judge implements Restraint {
  readonly #source: Source;
  readonly #world: RuleWorld;
  /** Who the grants are of that others keep, as the provider says. */
  readonly #people = new WeakMap<Grant, { readonly name: string | undefined }>();
  #offered: Offered | undefined;
  /** The last verdict on the whole: callers that are served from memory do not wait for files to be looked at. */
  #last:
    | { readonly word: Rule; readonly grant: Grant | undefined; readonly verdict: Verdict }
    | undefined;

  constructor(source: Source, world: RuleWorld) {
    this.#source = source;
    this.#world = world;
  }

  get word(): Rule {
    return this.#world.rule();
  }

  refusal(grant: Grant | undefined): Verdict {
    const { word } = this;
    if (this.#last?.word !== word || this.#last.grant !== grant) {
      this.#last = { word, grant, verdict: this.#judge(grant) };
    }
    return this.#last.verdict;
  }

  refusalOf(key: string): Verdict {
    return this.#offeredNow.refusals.get(key);
  }

  refusalOfAccount(account: string): Verdict {
    return judgeAccount(account, this.word);
  }

  async admit(grant: Grant, signal: AbortSignal): Promise<void> {
    await this.settle();
    this.check(grant);
    const isAsked = this.#hasPeople && this.word.limits.googleDomains !== undefined;
    if (!isAsked || this.#personOf(grant) !== undefined) return;
    // What stands in a file of others is anybody's word.
    const name = await this.#source.identify({ ...grant, account: undefined }, signal, undefined);
    this.#people.set(grant, { name });
    this.#last = undefined;
    this.check(grant);
  }

  /** As the source offers it; what is not allowed has a key of its own, which no allowed one shares. */
  get offers(): ReadonlyMap<Target, Offer> {
    return this.#offeredNow.offers;
  }

  /** Resolves once nobody can be found elsewhere than where it was judged. */
  async settle(): Promise<void> {
    if (this.word.limits.commands !== undefined) await this.#world.programsReady();
  }

  /** Throws where the source, or this grant, may not be used now. */
  check(grant: Grant | undefined): void {
    this.#last = undefined;
    throwWhere(this.refusal(grant));
  }

  checkKey(key: string): void {
    throwWhere(this.refusalOf(key));
  }

  async checkSignIn(): Promise<void> {
    await this.settle();
    this.check(undefined);
    throwWhere(this.#judgePrograms(() => this.#source.reach?.signInPrograms?.()));
  }

  /** Throws where AWS keys turn out to be of another account than may be had. */
  async checkIssued(credential: Credential, signal: AbortSignal): Promise<void> {
    if (credential.kind !== "aws" || this.word.limits.awsAccounts === undefined) return;
    const asked = this.#source.accountOf?.(credential, signal);
    const account = asked === undefined ? credential.accountId : await asked;
    throwWhere(judgeAccount(account, this.word));
  }

  get #hasPeople(): boolean {
    return this.#source.reach?.isGoogle === true;
  }

  /** Who a grant is of, as far as the provider itself has told; undefined where it has not been asked. */
  #personOf(grant: Grant): { readonly name: string | undefined } | undefined {
    const { account } = grant;
    const isTold = this.#source.keptBy === undefined && account !== undefined;
    return isTold ? { name: account } : this.#people.get(grant);
  }

  #judge(grant: Grant | undefined): Verdict {
    const { word } = this;
    const verdict =
      judgeSource(this.#source, word) ??
      this.#judgeKeeping() ??
      this.#judgePrograms(() => this.#source.reach?.programs?.(grant));
    if (verdict !== undefined || grant === undefined || !this.#hasPeople) return verdict;
    const person = this.#personOf(grant);
    return person && judgePerson(person.name, word);
  }

  /** What others keep is kept, wherever we keep what is ours. */
  #judgeKeeping(): Verdict {
    const isKept = !this.#world.isInMemory || this.#source.keptBy !== undefined;
    return isKept ? undefined : judgeMemory(this.word);
  }

  /** Nobody looks for programs where it does not matter which they are. */
  #judgePrograms(find: () => readonly string[] | undefined): Verdict {
    const { word } = this;
    if (word.limits.commands === undefined) return undefined;
    return judgePrograms(find() ?? [], word, this.#world.realPath);
  }

  get #offeredNow(): Offered {
    const { word } = this;
    if (this.#offered?.word !== word) this.#offered = offeredUnder(this.#source.offers, word);
    return this.#offered;
  }
}

/** What a source offers under a rule, and why it does not hand out what some keys name. */
interface Offered {
  readonly word: Rule;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly refusals: ReadonlyMap<string, EvercredError>;
}

const offeredUnder = (all: ReadonlyMap<Target, Offer>, word: Rule): Offered => {
  const refusals = new Map<string, EvercredError>();
  const allowed = new Set<string>();
  const offers = new Map<Target, Offer>();
  for (const [target, offer] of all) {
    const refusal = judgeOffer(offer, word);
    if (refusal === undefined) {
      allowed.add(offer.key);
      offers.set(target, offer);
      continue;
    }
    const key = `forbidden ${target}`;
    offers.set(target, { ...offer, key });
    refusals.set(key, refusal).set(offer.key, refusal);
  }
  for (const key of allowed) refusals.delete(key);
  return { word, offers, refusals };
};
