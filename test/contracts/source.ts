import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credential, Grant } from "../../electron/core/credential.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { Flow, SignInRequest, Source } from "../../electron/core/source.ts";
import type { Instant } from "../../electron/core/time.ts";

/** One source with a provider of its own, and the hands of everybody around it. */
export interface SourceBench {
  /** Offers at least one key that the person may have. */
  readonly source: Source;
  readonly flows: readonly Flow[];
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
      const grant = await source.signIn({ flow, previous: undefined, show }, stop);
      await Promise.all(acts);
      return { grant, shown };
    };

    const flow = (): Flow => bench.flows[0] ?? "code";

    const signedIn = async (): Promise<Grant> => (await signIn(flow(), bench.approve)).grant;

    /** What is asked for here needs no other credential. */
    const alone = (): Promise<Credential> => Promise.reject(new EvercredError("internal"));

    const firstKey = (): string => [...source.offers.values()][0]?.key ?? "";

    test("every flow shows one request and ends in a grant that is bound as the source is", async () => {
      for (const wished of bench.flows) {
        const { grant, shown } = await signIn(wished, bench.approve);
        expect(shown).toHaveLength(1);
        const [request] = shown;
        expect(request?.flow).toBe(wished);
        const page = request?.flow === "mfa" ? undefined : request;
        expect(page?.url).toMatch(/^https?:\/\//);
        expect(page?.userCode === undefined).toBe(wished === "code");
        expect(request?.endsAt).toBeGreaterThan(grant.signedInAt);
        expect(grant.boundTo).toBe(source.boundTo);
        expect(grant.issuedAt).toBeGreaterThanOrEqual(grant.signedInAt);
        expect(grant.expiresAt).toBeGreaterThan(bench.now());
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
      expect(next.expiresAt).toBeGreaterThanOrEqual(grant.expiresAt);
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
      const issue = source.issue(grant, "999999999999/Nobody", signal, alone);
      await expect(issue).rejects.toMatchObject({ code: "access-denied" });
    });

    test("after the session's end its token and its renewal are rejected, each by its own code", async () => {
      const grant = await signedIn();
      await bench.endSessions();
      const rejected = { code: "token-rejected" };
      await expect(source.probe(grant, signal)).rejects.toMatchObject(rejected);
      await expect(source.issue(grant, firstKey(), signal, alone)).rejects.toMatchObject(rejected);
      if (!grant.renewable) return;
      await expect(source.renew(grant, signal)).rejects.toMatchObject({ code: "grant-rejected" });
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
      await expect(source.issue(grant, firstKey(), signal, alone)).rejects.toMatchObject(
        unreachable,
      );
      await expect(source.probe(grant, signal)).rejects.toMatchObject(unreachable);
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
      for (const secret of [grant.saved, credential.secretAccessKey, credential.sessionToken]) {
        expect(printed).not.toContain(secret.reveal());
      }
    });
  });
}
