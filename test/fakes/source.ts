import type { Credential, Grant } from "../../electron/core/credential.ts";
import { EvercredError, hasCode } from "../../electron/core/errors.ts";
import type { Secret } from "../../electron/core/secret.ts";
import {
  type Directory,
  type Offer,
  type Reach,
  type Flow,
  type Held,
  type SignInOptions,
  type SignInRequest,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../electron/core/source.ts";
import { type Clock, type Instant, plus, sleepUntil } from "../../electron/core/time.ts";
import { grantOf, type ScriptedProvider, ticketOf } from "./provider.ts";
import type { FakeSharedPlace } from "./shared-place.ts";

interface Visit {
  readonly request: SignInRequest;
  readonly previous: Grant | undefined;
  approve(): void;
  refuse(): void;
}

/** What a scripted source is made of. */
export interface SourceParts {
  readonly clock: Clock;
  readonly provider: ScriptedProvider;
  readonly id?: string;
  readonly boundTo?: string;
  readonly shared?: FakeSharedPlace;
  /** Profile name -> key. */
  readonly profiles?: Readonly<Record<string, string>>;
  /** Key -> the key of the credential that it is asked for with. */
  readonly parents?: Readonly<Record<string, string>>;
  readonly unattended?: boolean;
  /** Left out: others, where it needs nobody; else we. */
  readonly keptBy?: string;
  readonly byProgram?: boolean;
  /** Left out: there is one. */
  readonly hasDeviceFlow?: boolean;
  /** Who is to sign in. */
  readonly account?: string;
  readonly aliases?: readonly string[];
  /** Whether it lists accounts and roles. */
  readonly lists?: boolean;
  readonly mayRecover?: boolean;
  /** Left out: it does. */
  readonly renewsApart?: boolean;
  /** Left out: it leads nowhere and runs nothing. */
  readonly reach?: Reach;
}

/** A source over a scripted provider; the test is the person before its sign-in pages. */
export class ScriptedSource implements Source {
  readonly id: SourceId;
  readonly kind = "aws-sso";
  readonly unattended: boolean;
  readonly keptBy: string | undefined;
  readonly byProgram: boolean;
  readonly hasDeviceFlow: boolean;
  readonly account: string | undefined;
  readonly aliases: readonly string[];
  readonly directory: Directory | undefined;
  readonly mayRecover?: boolean;
  readonly renewsApart: boolean;
  readonly reach: Reach;
  readonly title = "Corp";
  readonly organisation = "corp.example";
  readonly boundTo: string;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: FakeSharedPlace | undefined;
  /** Whether its sign-ins are done without a page. */
  pageless = false;
  /** What its program prints. */
  lines: readonly string[] = ["Opening the page…"];
  /** What goes on between a sign-in and the end of the program that does it. */
  onLeft: () => Promise<void> = async () => undefined;
  /** Whether it wants what it asks another credential for to be fresh. */
  insists = false;
  /** How long a page waits for a person. */
  pageMs = 10 * 60_000;
  /** What it was asked with who signed in. */
  readonly identifiedBy: (Held | undefined)[] = [];
  /** What its sign-ins turn into, whatever was wished. */
  flow: Flow | undefined;
  /** The hosts of its pages, where anybody knows them. */
  hosts: readonly string[] | undefined;
  /** How often it was given a grant that is bound elsewhere. */
  strangers = 0;
  readonly #clock: Clock;
  readonly #provider: ScriptedProvider;
  readonly #visits: Visit[] = [];
  readonly #parents: Readonly<Record<string, string>>;
  #pages = 0;

  constructor(parts: SourceParts) {
    this.id = sourceIdOf(parts.id ?? "corp");
    this.boundTo = parts.boundTo ?? "https://corp.example/start eu-central-1";
    this.shared = parts.shared;
    this.#clock = parts.clock;
    this.#provider = parts.provider;
    this.unattended = parts.unattended ?? false;
    this.keptBy = parts.keptBy ?? (this.unattended ? "somebody" : undefined);
    this.byProgram = parts.byProgram ?? false;
    this.hasDeviceFlow = parts.hasDeviceFlow ?? true;
    this.account = parts.account;
    this.aliases = parts.aliases ?? [];
    if (parts.mayRecover !== undefined) this.mayRecover = parts.mayRecover;
    this.renewsApart = parts.renewsApart ?? true;
    this.reach = parts.reach ?? {};
    this.#parents = parts.parents ?? {};
    this.directory = parts.lists === true ? this.#lists() : undefined;
    const profiles = parts.profiles ?? { dev: key, ops: otherKey };
    this.offers = new Map(
      Object.entries(profiles).map(([name, offered]) => [
        targetOf("aws", name),
        { key: offered, title: offered, account: /^\d{12}(?=\/)/.exec(offered)?.[0] },
      ]),
    );
  }

  /** The pages that wait for a person, the newest last. */
  get visits(): readonly Visit[] {
    return this.#visits;
  }

  pageHosts(): readonly string[] | undefined {
    return this.hosts;
  }

  offsetMs(): number {
    return this.#provider.shownSkewMs;
  }

  async signIn(
    { flow: wished, previous, attended, show, say }: SignInOptions,
    signal: AbortSignal,
  ): Promise<Grant> {
    if (this.byProgram) {
      await attended;
      signal.throwIfAborted();
      for (const line of this.lines) say(line);
    }
    await this.#learn(this.#provider.begin(signal));
    this.#pages += 1;
    const flow = this.flow ?? wished;
    if (flow === "secret") throw new Error("Nothing is entered here.");
    const endsAt = plus(this.#provider.now(), this.pageMs);
    const url = `https://corp.example/sign-in/${this.#pages}`;
    let approve: () => void = () => undefined;
    let refuse: () => void = () => undefined;
    const answer = new Promise<"approved" | "refused">((resolve) => {
      approve = () => resolve("approved");
      refuse = () => resolve("refused");
    });
    const request: SignInRequest =
      flow === "mfa"
        ? { flow, device: "phone", endsAt, submit: approve }
        : { flow, url, endsAt, ...(flow === "device" ? { userCode: "ABCD-EFGH" } : {}) };
    this.#visits.push({ request, previous, approve, refuse });
    if (!this.pageless) show(request);
    const lapse = new AbortController();
    const stop = (): void => lapse.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      signal.throwIfAborted();
      const lapsed = sleepUntil(this.#clock, this.#local(request.endsAt), lapse.signal);
      const outcome = await Promise.race([answer, lapsed.then(() => "lapsed" as const)]);
      if (outcome === "lapsed") throw new EvercredError("timed-out");
      if (outcome === "refused") throw new EvercredError("sign-in-denied");
      return await this.#left(this.#provider.signIn(this.boundTo));
    } finally {
      signal.removeEventListener("abort", stop);
      lapse.abort(new EvercredError("cancelled"));
      this.#visits.splice(
        this.#visits.findIndex((visit) => visit.request === request),
        1,
      );
    }
  }

  renew(grant: Grant, signal: AbortSignal, wanted?: string): Promise<Grant> {
    this.#meet(grant);
    return this.#learn(this.#provider.renew(grant, signal, wanted));
  }

  async issue(
    grant: Grant,
    wanted: string,
    signal: AbortSignal,
    other: (key: string, fresh: boolean) => Promise<Credential>,
  ): Promise<Credential> {
    this.#meet(grant);
    const parent = this.#parents[wanted];
    if (parent !== undefined) await other(parent, this.insists);
    const offered = [...this.offers.values()].some((offer) => offer.key === wanted);
    return this.#learn(this.#provider.issue(grant, wanted, offered, signal));
  }

  async identify(
    grant: Grant,
    signal: AbortSignal,
    held: Held | undefined,
  ): Promise<string | undefined> {
    this.#meet(grant);
    this.identifiedBy.push(held);
    if (this.#provider.person === undefined) return undefined;
    return this.#learn(this.#provider.identify(grant, signal));
  }

  probe(grant: Grant, signal: AbortSignal): Promise<void> {
    this.#meet(grant);
    return this.#learn(this.#provider.probe(grant, signal));
  }

  revoke(grant: Grant, signal: AbortSignal): Promise<void> {
    this.#meet(grant);
    return this.#learn(this.#provider.revoke(grant, signal));
  }

  restore(saved: Secret): Grant | undefined {
    try {
      return grantOf(ticketOf(saved));
    } catch {
      return undefined;
    }
  }

  /** A sign-in as it comes out: where others keep it, it is what they have left in their place. */
  async #left(grant: Grant): Promise<Grant> {
    if (this.keptBy === undefined || this.shared === undefined) return grant;
    this.shared.leave(grant);
    await this.onLeft();
    return this.shared.asFound(grant);
  }

  #lists(): Directory {
    return {
      accounts: (grant, signal) => this.#learn(this.#provider.accounts(grant, signal)),
      roles: (grant, account, signal) =>
        this.#learn(this.#provider.rolesIn(grant, account, signal)),
    };
  }

  #meet(grant: Grant): void {
    if (grant.boundTo !== this.boundTo) this.strangers += 1;
  }

  /** Every answer of the provider, also a refusal, says what its clock shows. */
  async #learn<T>(call: Promise<T>): Promise<T> {
    try {
      const reply = await call;
      this.#provider.showClock();
      return reply;
    } catch (thrown) {
      if (!hasCode(thrown, "unreachable")) this.#provider.showClock();
      throw thrown;
    }
  }

  #local(at: Instant): Instant {
    return plus(at, -this.#provider.skewMs);
  }
}

/** What a person before a plain machine wishes; `show` gets what there is to open. */
export const signInOptions = (
  flow: Flow,
  show: (request: SignInRequest) => void = () => undefined,
  previous?: Grant,
): SignInOptions => ({
  flow,
  previous,
  attended: Promise.resolve(),
  show,
  say: () => undefined,
});

/** The keys of the two profiles, `dev` and `ops`, that a scripted source has by itself. */
export const key = "111122223333/Developer";
export const otherKey = "444455556666/Operator";
