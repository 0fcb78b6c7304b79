import { doubtOf } from "../../electron/core/page-doubt.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credential, Grant } from "../../electron/core/credential.ts";
import { endings, EvercredError, errorOf } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import { type Flow, pageOf, type SignInRequest, type Source } from "../../electron/core/source.ts";
import type { Instant } from "../../electron/core/time.ts";
import { signInOptions } from "../fakes/source.ts";

/** One source with a provider of its own, and the hands of everybody around it. */
export interface SourceBench {
  /** Offers at least one key that the person may have. */
  readonly source: Source;
  readonly flows: readonly Flow[];
  /** What would be asked for, were it the person's to have. */
  readonly forbiddenKey: string;
  /** Whether what it offers first is in the grant itself: the provider is not asked for it. */
  readonly handsOutItsOwn?: boolean;
  /** Whether its sign-ins begin without the provider. */
  readonly beginsAlone?: boolean;
  /** The provider's present time. */
  readonly now: () => Instant;
  /** The person signs in on the page of this request. */
  readonly approve: (request: SignInRequest) => Promise<void>;
  /** The person refuses there. */
  readonly refuse: (request: SignInRequest) => Promise<void>;
  /** An administrator ends every session. */
  readonly endSessions: () => Promise<void>;
  /** Nobody reaches the provider any more. */
  readonly disconnect: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every Source promises. `make` gives one whose provider is up and knows nobody. */
export function describeSource(name: string, make: () => Promise<SourceBench>): void {
  describe(name, () => {
    let bench: SourceBench;
    let source: Source;
    const { signal } = new AbortController();

    beforeEach(async () => {
      bench = await make();
      ({ source } = bench);
    });

    afterEach(() => bench.close());

    /** Signs in; `act` is what the person does once there is something to open. */
    const signIn = async (
      flow: Flow,
      act: (request: SignInRequest) => Promise<void>,
      stop: AbortSignal = signal,
    ): Promise<{ readonly grant: Grant; readonly shown: readonly SignInRequest[] }> => {
      const shown: SignInRequest[] = [];
      const acts: Promise<void>[] = [];
      const show = (request: SignInRequest): void => {
        shown.push(request);
        acts.push(act(request));
      };
      const grant = await source.signIn(signInOptions(flow, show), stop);
      await Promise.all(acts);
      return { grant, shown };
    };

    const flow = (): Flow => bench.flows[0] ?? "code";

    /** A grant that is good now: what others keep has to be renewed first. */
    const signedIn = async (): Promise<Grant> => {
      const { grant } = await signIn(flow(), bench.approve);
      return bench.now() < grant.expiresAt ? grant : source.renew(grant, signal);
    };

    /** What is asked for here needs no other credential. */
    const alone = (): Promise<Credential> => Promise.reject(new EvercredError("internal"));

    const firstKey = (): string => [...source.offers.values()][0]?.key ?? "";

    test("every flow shows one request and ends in a grant that is bound as the source is", async () => {
      for (const wished of bench.flows) {
        const { grant, shown } = await signIn(wished, bench.approve);
        expect(shown).toHaveLength(1);
        const [request] = shown;
        expect(request?.flow).toBe(wished);
        const page = pageOf(request);
        expect(page?.url).toMatch(/^https?:\/\//);
        // What a source does not take for its own is not opened for anybody.
        if (page !== undefined) expect(doubtOf(source, page)).toBeUndefined();
        expect(page?.userCode === undefined).toBe(wished !== "device");
        expect(request?.endsAt).toBeGreaterThan(grant.signedInAt);
        expect(grant.boundTo).toBe(source.boundTo);
        expect(grant.issuedAt).toBeGreaterThanOrEqual(grant.signedInAt);
        expect(grant.renewable || bench.now() < grant.expiresAt).toBe(true);
        if (source.keptBy === undefined) expect(grant.expiresAt).toBeGreaterThan(bench.now());
      }
    });

    test("a person's refusal rejects with sign-in-denied", async () => {
      await expect(signIn(flow(), bench.refuse)).rejects.toMatchObject({ code: "sign-in-denied" });
    });

    test("a sign-in that is stopped rejects with the signal's reason", async () => {
      const stop = new AbortController();
      const reason = new EvercredError("cancelled");
      const act = async (): Promise<void> => stop.abort(reason);
      await expect(signIn(flow(), act, stop.signal)).rejects.toBe(reason);
    });

    test("a sign-in that is stopped before it begins rejects with the signal's reason", async () => {
      const reason = new EvercredError("cancelled");
      const gone = AbortSignal.abort(reason);
      await expect(signIn(flow(), bench.approve, gone)).rejects.toBe(reason);
    });

    test("a grant is the same after it was saved and restored", async () => {
      const grant = await signedIn();
      if (source.keptBy !== undefined) return;
      const restored = source.restore(new Secret(grant.saved.reveal()));
      expect(restored).toMatchObject({ ...grant, saved: expect.any(Secret) });
      await expect(source.probe(restored!, signal)).resolves.toBeUndefined();
    });

    test.each(["", "null", "{}", "not json", '{"version":0}'])(
      "what cannot be read as a grant is undefined: %j",
      (saved) => {
        expect(source.restore(new Secret(saved))).toBeUndefined();
      },
    );

    test("a renewal gives a successor that the provider knows, of the same sign-in", async () => {
      const grant = await signedIn();
      if (!grant.renewable) return;
      const next = await source.renew(grant, signal);
      expect(next.signedInAt).toBe(grant.signedInAt);
      expect(next.boundTo).toBe(grant.boundTo);
      expect(next.renewable).toBe(true);
      // Providers tell the time in whole seconds.
      expect(next.expiresAt).toBeGreaterThan(grant.expiresAt - 1_001);
      await expect(source.probe(next, signal)).resolves.toBeUndefined();
      await expect(source.renew(next, signal)).resolves.toMatchObject({ renewable: true });
    });

    test("what is offered is handed out, and good for a while", async () => {
      const credential = await source.issue(await signedIn(), firstKey(), signal, alone);
      expect(credential.expiresAt).toBeGreaterThan(bench.now());
      expect(credential.issuedAt).toBeLessThan(credential.expiresAt);
    });

    test("what the person may not have rejects with access-denied", async () => {
      const grant = await signedIn();
      const issue = source.issue(grant, bench.forbiddenKey, signal, alone);
      await expect(issue).rejects.toMatchObject({ code: "access-denied" });
    });

    test("after the session's end its token and its renewal are rejected, each by its own code", async () => {
      const grant = await signedIn();
      await bench.endSessions();
      const rejected = { code: "token-rejected" };
      await expect(source.probe(grant, signal)).rejects.toMatchObject(rejected);
      if (bench.handsOutItsOwn !== true) {
        const issue = source.issue(grant, firstKey(), signal, alone);
        await expect(issue).rejects.toMatchObject(rejected);
      }
      if (!grant.renewable) return;
      const why = await source
        .renew(grant, signal)
        .catch((thrown: unknown) => errorOf(thrown).code);
      expect(endings).toContain(why);
    });

    test("a revoked grant is no longer known", async () => {
      const grant = await signedIn();
      await source.revoke(grant, signal);
      await expect(source.probe(grant, signal)).rejects.toMatchObject({ code: "token-rejected" });
    });

    test("who signed in has a name that stays the same, or none at all", async () => {
      const grant = await signedIn();
      const name = await source.identify(grant, signal, undefined);
      expect(name === undefined || name.trim() !== "").toBe(true);
      const next = grant.renewable ? await source.renew(grant, signal) : grant;
      expect(await source.identify(next, signal, undefined)).toBe(name);
    });

    test("a provider that cannot be reached has rejected nothing", async () => {
      const grant = await signedIn();
      await bench.disconnect();
      const unreachable = { name: "EvercredError", code: "unreachable" };
      await expect(source.renew(grant, signal)).rejects.toMatchObject(unreachable);
      if (bench.handsOutItsOwn !== true) {
        const issue = source.issue(grant, firstKey(), signal, alone);
        await expect(issue).rejects.toMatchObject(unreachable);
      }
      await expect(source.probe(grant, signal)).rejects.toMatchObject(unreachable);
      if (bench.beginsAlone === true) return;
      await expect(signIn(flow(), bench.approve)).rejects.toMatchObject(unreachable);
    });

    test("a call whose signal has been aborted rejects with the signal's reason", async () => {
      const grant = await signedIn();
      const reason = new EvercredError("cancelled");
      const gone = AbortSignal.abort(reason);
      await expect(source.renew(grant, gone)).rejects.toBe(reason);
      await expect(source.issue(grant, firstKey(), gone, alone)).rejects.toBe(reason);
    });

    test("neither a grant nor a credential prints a secret", async () => {
      const grant = await signedIn();
      const credential = await source.issue(grant, firstKey(), signal, alone);
      const printed = JSON.stringify([grant, credential]);
      expect(printed).toContain("[secret]");
      for (const secret of [grant.saved, ...secretsOf(credential)]) {
        expect(printed).not.toContain(secret.reveal());
      }
    });
  });
}

const secretsOf = (credential: Credential): readonly Secret[] =>
  credential.kind === "aws"
    ? [credential.secretAccessKey, credential.sessionToken]
    : [credential.token];
