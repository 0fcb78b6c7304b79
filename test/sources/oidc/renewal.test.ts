import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { endings, errorOf } from "../../../electron/core/errors.ts";
import { mayHaveSpent } from "../../../electron/core/spent.ts";
import type { Source } from "../../../electron/core/source.ts";
import { claimsOf } from "../../../electron/sources/jwt.ts";
import { OidcSources } from "../../../electron/sources/oidc/index.ts";
import {
  companyKeys,
  entryOf,
  idTokenOf,
  keyEntryOf,
  never,
  offered,
  startWorld,
  type World,
} from "./world.ts";

let world: World;
let source: Source;
let grant: Grant;
beforeEach(async () => {
  world = await startWorld();
  source = world.source();
  grant = await world.signIn(source);
  world.cloud.log.clear();
});
afterEach(() => world.close());

interface Saved {
  readonly refreshToken: string;
  readonly own: { readonly access: { readonly token: string; readonly expiresAt: number } };
}

const savedOf = (of: Grant): Saved => JSON.parse(of.saved.reveal()) as Saved;

/** What the next exchanges are answered with, whatever is presented. */
const answerWith = (status: number, body: object, times = Infinity): void => {
  const headers = { "content-type": "application/json" };
  const text = JSON.stringify(body);
  world.cloud.faults.add({ kind: "status", path: "/token", status, headers, times, body: text });
};

const tokens = { access_token: "fresh", token_type: "Bearer" };

const errorOfRenewal = async (wanted?: string): Promise<ReturnType<typeof errorOf>> =>
  errorOf(await source.renew(grant, never, wanted).catch((thrown: unknown) => thrown));

describe("a renewal", () => {
  test("is one request, and gives a new refresh token in place of the old one", async () => {
    const next = await source.renew(grant, never);
    expect(world.cloud.log.all().map(({ path }) => path)).toEqual(["/token"]);
    const [before, after] = [savedOf(grant), savedOf(next)];
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(after.own.access.token).not.toBe(before.own.access.token);
    expect(world.house.isKnown(after.refreshToken)).toBe(true);
    expect(world.house.isKnown(before.refreshToken)).toBe(false);
    expect(next).toMatchObject({
      signedInAt: grant.signedInAt,
      boundTo: grant.boundTo,
      account: "ann@example.com",
      renewable: true,
    });
  });

  test("keeps the refresh token where the issuer gives no new one", async () => {
    await world.close();
    world = await startWorld({ issuer: { rotates: false } });
    source = world.source();
    grant = await world.signIn(source);
    const next = await source.renew(await source.renew(grant, never), never);
    expect(savedOf(next).refreshToken).toBe(savedOf(grant).refreshToken);
  });

  test("is told apart from every other by its instant, also where no time has passed", async () => {
    const second = await source.renew(grant, never);
    const third = await source.renew(second, never);
    expect(new Set([grant.issuedAt, second.issuedAt, third.issuedAt]).size).toBe(3);
  });

  test("asks for less than the sign-in only where keys have asked for more", async () => {
    await source.renew(grant, never);
    const [request] = world.cloud.log.all({ path: "/token" });
    expect(new URLSearchParams(request?.body).get("scope")).toBe("openid email offline_access");
    const modest = world.source({ resource: ["https://gateway.example.com"], audience: "a" }, {});
    const other = await world.signIn(modest);
    world.cloud.log.clear();
    await modest.renew(other, never);
    const [next] = world.cloud.log.all({ path: "/token" });
    const form = new URLSearchParams(next?.body);
    expect(form.has("scope")).toBe(false);
    expect(form.getAll("resource")).toEqual(["https://gateway.example.com"]);
    expect(form.get("audience")).toBe("a");
  });

  test("with a refresh token that was used before ends all that came of the sign-in", async () => {
    const next = await source.renew(grant, never);
    const refused = {
      code: "grant-rejected",
      message: "company has ended the session. It says: grant request is invalid.",
    };
    await expect(source.renew(grant, never)).rejects.toMatchObject(refused);
    expect(world.house.isKnown(savedOf(next).refreshToken)).toBe(false);
    await expect(source.renew(next, never)).rejects.toMatchObject(refused);
  });

  test("takes the end of a token from itself where the reply does not tell, else five minutes", async () => {
    const end = Math.floor(world.clock.now() / 1000) + 1_234;
    const jwt = idTokenOf({ exp: end });
    answerWith(200, { ...tokens, access_token: jwt }, 1);
    const byItself = await source.renew(grant, never);
    expect(byItself.expiresAt).toBe(end * 1000);
    answerWith(200, tokens, 1);
    const unknown = await source.renew(byItself, never);
    expect(unknown.expiresAt).toBe(unknown.issuedAt + 5 * 60_000);
    answerWith(200, { ...tokens, access_token: jwt, expires_in: 60 }, 1);
    const told = await source.renew(unknown, never);
    expect(told.expiresAt).toBe(told.issuedAt + 60_000);
  });

  test("can be read again after the oddest word of a token's end", async () => {
    for (const expires_in of [1e300, 0, 0.5]) {
      answerWith(200, { ...tokens, expires_in }, 1);
      const next = await source.renew(grant, never);
      expect(source.restore(next.saved)?.expiresAt).toBe(next.expiresAt);
    }
  });

  test("loses nothing where this computer's clock was set by hours meanwhile", async () => {
    const now = Math.floor(Date.now() / 1000);
    const over = idTokenOf({ iat: now - 10_000, exp: now - 7_000 });
    answerWith(200, { ...tokens, expires_in: 3_000, refresh_token: "new", id_token: over });
    const next = await source.renew(grant, never);
    expect(savedOf(next).refreshToken).toBe("new");
  });

  test("asks where the endpoint is now, where the one that was known is gone", async () => {
    const document = {
      issuer: world.house.issuer,
      authorization_endpoint: `${world.house.issuer}/auth`,
      token_endpoint: `${world.house.issuer}/token`,
    };
    const say = (endpoint: string) =>
      world.cloud.faults.add({
        kind: "status",
        status: 200,
        path: "/.well-known/openid-configuration",
        body: JSON.stringify({ ...document, token_endpoint: world.house.issuer + endpoint }),
      });
    await world.close();
    world = await startWorld();
    source = world.source();
    grant = await world.signIn(source);
    world.cloud.faults.add({ kind: "status", status: 404, path: "/token", times: 2 });
    // It is where it was: the endpoint has a fault, and is not asked again and again.
    expect((await errorOfRenewal()).code).toBe("reply-invalid");
    expect(world.asked("/token")).toBe(2);
    const said = say("/elsewhere");
    expect((await errorOfRenewal()).code).toBe("reply-invalid");
    expect(world.asked("/elsewhere")).toBe(1);
    said.remove();
    await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
  });

  test("outlives a new reading of the configuration without another look-up", async () => {
    await world.source().renew(grant, never);
    expect(world.asked("/.well-known/openid-configuration")).toBe(0);
  });

  test("that has been stopped rejects with the signal's reason", async () => {
    const held = world.cloud.faults.add({ kind: "hang", path: "/token" });
    const stop = new AbortController();
    const renewal = source.renew(grant, stop.signal);
    await world.cloud.log.waitForArrival({ path: "/token" });
    const reason = errorOf(new Error("stopped"));
    stop.abort(reason);
    await expect(renewal).rejects.toBe(reason);
    held.remove();
  });
});

describe("a key", () => {
  test("for another service has a token of its own, and the others stay", async () => {
    const needed = { code: "token-rejected" };
    await expect(world.issue(source, grant, "gateway")).rejects.toMatchObject(needed);
    const second = await source.renew(grant, never, offered(source, "gateway"));
    expect(second.expiresAt).toBe(grant.expiresAt);
    const third = await source.renew(second, never, offered(source, "search"));
    expect(world.asked("/token")).toBe(2);
    const gateway = await world.issue(source, third, "gateway");
    expect(claimsOf(gateway.token.reveal())).toMatchObject({
      aud: "https://gateway.example.com",
      scope: "chat",
      sub: "user-ann@example.com",
    });
    expect(gateway.scopes).toEqual(["chat"]);
    const search = await world.issue(source, third, "search");
    expect(claimsOf(search.token.reveal())).toBeUndefined();
    expect(world.house.isKnown(search.token.reveal())).toBe(true);
    const plain = await world.issue(source, third, "plain");
    expect(plain.token.reveal()).toBe(savedOf(grant).own.access.token);
    const fourth = await source.renew(third, never);
    const kept = await world.issue(source, fourth, "gateway");
    expect(kept.token.reveal()).toBe(gateway.token.reveal());
  });

  test("is handed out to its end, and then has to be renewed", async () => {
    const wanted = offered(source, "gateway");
    const second = await source.renew(grant, never, wanted);
    await world.pass(59 * 60_000);
    await expect(world.issue(source, second, "gateway")).resolves.toBeDefined();
    await world.pass(2 * 60_000);
    const ended = world.issue(source, second, "gateway");
    await expect(ended).rejects.toMatchObject({ code: "token-rejected" });
    const third = await source.renew(second, never, wanted);
    await expect(world.issue(source, third, "gateway")).resolves.toBeDefined();
  });

  test("whose tokens have ended is not kept in the grant", async () => {
    const second = await source.renew(grant, never, offered(source, "gateway"));
    await world.pass(61 * 60_000);
    const third = await source.renew(second, never);
    expect(JSON.parse(second.saved.reveal()).others).not.toEqual({});
    expect(JSON.parse(third.saved.reveal()).others).toEqual({});
  });

  test("of an identity token has what the last exchange gave", async () => {
    const { token, scopes } = await world.issue(source, grant, "identity");
    expect(claimsOf(token.reveal())).toMatchObject({ aud: "evercred" });
    expect(scopes).toEqual([]);
    const next = await source.renew(grant, never, offered(source, "identity"));
    const fresh = await world.issue(source, next, "identity");
    expect(fresh.token.reveal()).not.toBe(token.reveal());
    expect(world.asked("/token")).toBe(1);
  });

  test("of an identity token that renewals do not give is served to its end, then refused", async () => {
    const first = await world.issue(source, grant, "identity");
    await world.pass(50 * 60_000);
    answerWith(200, { ...tokens, expires_in: 3_600 });
    const next = await source.renew(grant, never, offered(source, "identity"));
    const same = await world.issue(source, next, "identity");
    expect(same.token.reveal()).toBe(first.token.reveal());
    await world.pass(11 * 60_000);
    await expect(world.issue(source, next, "identity")).rejects.toMatchObject({
      code: "access-denied",
      message: "company gives no identity token at a renewal.",
    });
    // The access token is due then: what gives it may give both.
    await world.pass(40 * 60_000);
    await expect(world.issue(source, next, "identity")).rejects.toMatchObject({
      code: "token-rejected",
    });
  });

  test("whose token is over when it comes is refused, and not fetched at once again", async () => {
    answerWith(200, { ...tokens, expires_in: 0 });
    const next = await source.renew(grant, never, offered(source, "gateway"));
    await world.pass(1_000);
    await expect(world.issue(source, next, "gateway")).rejects.toMatchObject({
      code: "reply-invalid",
      message: "company gives tokens that have already ended.",
    });
    await world.pass(60_000);
    await expect(world.issue(source, next, "gateway")).rejects.toMatchObject({
      code: "token-rejected",
    });
  });

  test("that names an audience asks for it in place of the source's own", async () => {
    const keys = { litellm: keyEntryOf({ audience: "litellm" }) };
    const entry = { audience: "own", resource: ["https://gateway.example.com"] };
    source = world.source(entry, keys);
    grant = await world.signIn(source);
    world.cloud.log.clear();
    await source.renew(grant, never, offered(source, "litellm"));
    const [request] = world.cloud.log.all({ path: "/token" });
    const form = new URLSearchParams(request?.body);
    expect(form.get("audience")).toBe("litellm");
    expect(form.has("resource")).toBe(false);
  });

  test("that is not offered is refused, and nothing is spent for it", async () => {
    expect((await errorOfRenewal("access something")).code).toBe("access-denied");
    expect(world.asked("/token")).toBe(0);
  });

  test("for a service that the issuer has given up is refused; what was spent may be lost", async () => {
    world.house.resources.delete("https://gateway.example.com");
    const error = await errorOfRenewal(offered(source, "gateway"));
    expect(error).toMatchObject({
      code: "access-denied",
      message: expect.stringContaining("company does not give this token. It says: ") as unknown,
    });
    expect(mayHaveSpent(error)).toBe(true);
  });

  test("with a scope that the sign-in did not have is refused, and the sign-in goes on", async () => {
    const keys = { ...companyKeys, more: keyEntryOf({ scopes: ["openid", "admin"] }) };
    source = world.source({}, keys);
    const error = await errorOfRenewal(offered(source, "more"));
    expect(error).toMatchObject({ code: "access-denied" });
    await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
  });
});

describe("what an issuer says to a renewal", () => {
  test.each([
    ["invalid_grant", "grant-rejected", "company has ended the session. It says: No luck."],
    ["invalid_client", "access-denied", "company does not accept our client. It says: No luck."],
    [
      "unauthorized_client",
      "access-denied",
      "company does not accept our client. It says: No luck.",
    ],
    ["interaction_required", "reauth-needed", "Your organisation asks for a new sign-in."],
    ["login_required", "reauth-needed", "Your organisation asks for a new sign-in."],
    ["consent_required", "reauth-needed", "Your organisation asks for a new sign-in."],
    ["invalid_scope", "access-denied", "company does not give this token. It says: No luck."],
    ["invalid_target", "access-denied", "company does not give this token. It says: No luck."],
    ["invalid_request", "access-denied", "company refuses us. It says: No luck."],
    ["temporarily_unavailable", "provider-unavailable", "company has a fault. It says: No luck."],
    ["slow_down", "throttled", "company asks us to wait before we ask again."],
  ])("%s is %s", async (error, code, message) => {
    answerWith(400, { error, error_description: "No luck." });
    expect(await errorOfRenewal()).toMatchObject({ code, message });
  });

  test.each(["interaction_required", "login_required", "consent_required"])(
    "%s is about one key alone, where that asks for more than the source",
    async (error) => {
      answerWith(400, { error });
      const said = await errorOfRenewal(offered(source, "gateway"));
      expect(said).toMatchObject({
        code: "access-denied",
        message: "company gives this token only after another sign-in.",
        remedy: "Run: evercred login company",
      });
      expect(mayHaveSpent(said)).toBe(true);
      expect((await errorOfRenewal(offered(source, "plain"))).code).toBe("reauth-needed");
    },
  );

  test("that has ended the session is about all keys, whichever was asked for", async () => {
    answerWith(400, { error: "invalid_grant" });
    expect((await errorOfRenewal(offered(source, "gateway"))).code).toBe("grant-rejected");
  });

  test("stands in the body, also beside a challenge", async () => {
    const headers = {
      "content-type": "application/json",
      "www-authenticate": 'Basic realm="https://login.example.com"',
    };
    const body = JSON.stringify({ error: "invalid_client" });
    world.cloud.faults.add({ kind: "status", status: 401, path: "/token", headers, body });
    expect(await errorOfRenewal()).toMatchObject({
      code: "access-denied",
      message: "company does not accept our client. It says: invalid_client.",
    });
  });

  test("is shown without what would disturb a terminal", async () => {
    answerWith(400, { error: "invalid_grant", error_description: "\u001b[2Jgone\u202e." });
    expect((await errorOfRenewal()).message).toBe(
      "company has ended the session. It says:  [2Jgone .",
    );
  });

  test.each([
    ["a fault", { kind: "status", status: 503 }, "provider-unavailable", true],
    ["too much", { kind: "status", status: 429 }, "throttled", false],
    ["a captive portal's page", { kind: "html" }, "reply-invalid", true],
    ["a captive portal's refusal", { kind: "html", status: 403 }, "reply-invalid", true],
    [
      "a redirect",
      { kind: "status", status: 302, headers: { location: "https://portal.example.com" } },
      "reply-invalid",
      true,
    ],
    ["no JSON", { kind: "not-json" }, "reply-invalid", true],
    ["half a reply", { kind: "truncate" }, "reply-invalid", true],
    ["a connection that ends", { kind: "lose-reply" }, "unreachable", true],
  ] as const)("%s ends no session", async (_, fault, code, isLost) => {
    world.cloud.faults.add({ ...fault, path: "/token" });
    const error = await errorOfRenewal();
    expect(error.code).toBe(code);
    expect(endings).not.toContain(error.code);
    expect(mayHaveSpent(error)).toBe(isLost);
  });

  test.each([
    ["a page", { kind: "html" }, false],
    [
      "a redirect",
      { kind: "status", status: 302, headers: { location: "https://x.example" } },
      false,
    ],
    ["a 511", { kind: "html", status: 511 }, true],
  ] as const)(
    "%s: of an issuer, which may be down for all at once, only the last is a captive portal's",
    async (_, fault, captive) => {
      const struck = world.cloud.faults.add({ ...fault, path: "/token" });
      expect((await errorOfRenewal()).captive).toBe(captive);
      struck.remove();
      world.cloud.faults.add({ ...fault, path: "/.well-known/openid-configuration" });
      const again = new OidcSources(world.ports).load({
        sources: { company: entryOf() },
        keys: {},
      });
      const looking = again[0]?.renew(grant, never).catch((thrown: unknown) => thrown);
      expect(errorOf(await looking).captive).toBe(captive);
    },
  );

  test.each([
    ["an issuer that cannot be reached", { kind: "unreachable" }, "unreachable"],
    [
      "a proxy that wants a password",
      { kind: "proxy-authentication", user: "a", password: "b" },
      "proxy-refused",
    ],
  ] as const)("%s has been told nothing", async (_, fault, code) => {
    world.cloud.faults.add(fault);
    // The connection that was open is cut: what was sent there may have arrived.
    await errorOfRenewal();
    const error = await errorOfRenewal();
    expect(error.code).toBe(code);
    expect(mayHaveSpent(error)).toBe(false);
  });

  test.each([
    ["no access token", { token_type: "Bearer" }],
    ["a token of another kind", { access_token: "a", token_type: "N_A" }],
    ["an identity token for another client", { ...tokens, id_token: idTokenOf({ aud: "b" }) }],
    ["an identity token that is none", { ...tokens, id_token: "x" }],
  ])("%s is no reply", async (_, body) => {
    answerWith(200, body);
    expect((await errorOfRenewal()).code).toBe("reply-invalid");
  });

  test("nothing in time is a network's fault", async () => {
    const impatient = { ...world.ports, requestMs: 300 };
    const sources = new OidcSources(impatient);
    const [hasty] = sources.load({ sources: { company: entryOf() }, keys: companyKeys });
    const held = world.cloud.faults.add({ kind: "hang", path: "/token" });
    source = hasty!;
    const error = await errorOfRenewal();
    expect(error).toMatchObject({ code: "unreachable", unanswered: true });
    held.remove();
  });
});

describe("an issuer that has not been looked up yet", () => {
  const lookUp = "/.well-known/openid-configuration";
  beforeEach(() => {
    const sources = new OidcSources(world.ports);
    [source] = sources.load({ sources: { company: entryOf() }, keys: companyKeys }) as [Source];
  });

  test("is looked up by the first renewal, once", async () => {
    await source.renew(await source.renew(grant, never), never);
    expect(world.asked(lookUp)).toBe(1);
  });

  test("may call itself no other than it is configured", async () => {
    const body = JSON.stringify({ issuer: "https://evil.example.com", token_endpoint: "x" });
    world.cloud.faults.add({ kind: "status", status: 200, path: lookUp, body });
    expect(await errorOfRenewal()).toMatchObject({
      code: "config-invalid",
      message: "https://login.example.com says that it is the issuer https://evil.example.com.",
    });
    expect(world.asked("/token")).toBe(0);
  });

  test.each([
    [{ kind: "status", status: 404 }, "config-invalid"],
    [{ kind: "html" }, "reply-invalid"],
    [{ kind: "not-json" }, "reply-invalid"],
    [{ kind: "status", status: 503 }, "provider-unavailable"],
    [{ kind: "reset" }, "unreachable"],
  ] as const)("and cannot be is told as such: %j", async (fault, code) => {
    world.cloud.faults.add({ ...fault, path: lookUp, times: 1 });
    const error = await errorOfRenewal();
    // Nothing was presented.
    expect(error).toMatchObject({ code, unanswered: false });
    expect(world.asked("/token")).toBe(0);
    await expect(source.renew(grant, never)).resolves.toMatchObject({ renewable: true });
  });

  test("may not send secrets over an open line", async () => {
    const { issuer } = world.house;
    const body = JSON.stringify({ issuer, token_endpoint: "http://login.example.com/token" });
    world.cloud.faults.add({ kind: "status", status: 200, path: lookUp, body });
    expect((await errorOfRenewal()).code).toBe("reply-invalid");
    expect(world.asked("/token")).toBe(0);
  });

  test("and has no token endpoint can do nothing for us", async () => {
    const body = JSON.stringify({ issuer: world.house.issuer });
    world.cloud.faults.add({ kind: "status", status: 200, path: lookUp, body });
    expect(await errorOfRenewal()).toMatchObject({
      code: "config-invalid",
      message: "The issuer of company does not offer what its flow needs.",
    });
  });
});

describe("the end of a sign-in", () => {
  test("is told to the issuer, by the refresh token", async () => {
    const next = await source.renew(grant, never);
    await source.revoke(next, never);
    expect(world.house.isKnown(savedOf(next).refreshToken)).toBe(false);
    expect(world.house.isKnown(savedOf(next).own.access.token)).toBe(false);
    await expect(source.revoke(next, never)).resolves.toBeUndefined();
  });

  test("is nothing to tell where the issuer has no place for it", async () => {
    await world.close();
    world = await startWorld({ issuer: { without: ["revocation", "userinfo"] } });
    source = world.source({}, { plain: keyEntryOf() });
    grant = await world.signIn(source);
    await source.revoke(grant, never);
    await source.probe(grant, never);
    expect(world.house.isKnown(savedOf(grant).refreshToken)).toBe(true);
    // Without a place of its own the identity token says it all.
    expect(grant.account).toBe("ann@example.com");
  });
});
