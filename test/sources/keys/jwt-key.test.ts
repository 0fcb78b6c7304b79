import { spawnSync } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Algorithm } from "../../../electron/sources/keys/algorithms.ts";
import type { JwtKeyConfig } from "../../../electron/sources/keys/jwt-key.ts";
import { ecPair, ed25519Pair, type KeyPair, pkcs1Pair, rsaPair, sec1Pair } from "./pem.ts";
import { hour, minute, second, startWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

const jwt = (algorithm: Algorithm, more: Partial<JwtKeyConfig> = {}): JwtKeyConfig => ({
  kind: "jwt",
  algorithm,
  claims: {},
  lifetime: hour,
  ...more,
});

/** What a gateway says to a token at this time: another program, with jose. */
const verify = (token: string, algorithm: Algorithm, key: string, now: number) => {
  const program = join(import.meta.dirname, "verify-jwt.mjs");
  const input = JSON.stringify({ token, algorithm, key, now });
  const { stdout } = spawnSync(process.execPath, [program], { input, encoding: "utf8" });
  return JSON.parse(stdout);
};

/** A text of so many bytes. */
const secretOf = (bytes: number): KeyPair => {
  const secret = "s".repeat(bytes);
  return { privateKey: `${secret}\n`, publicKey: secret };
};

const rsa = rsaPair();

/** What each algorithm signs with. */
const signers: readonly [Algorithm, KeyPair][] = [
  ["HS256", secretOf(32)],
  ["HS384", secretOf(48)],
  ["HS512", secretOf(64)],
  ["RS256", rsa],
  ["RS384", pkcs1Pair()],
  ["RS512", rsa],
  ["PS256", rsa],
  ["PS384", rsa],
  ["PS512", rsa],
  ["ES256", sec1Pair()],
  ["EdDSA", ed25519Pair()],
];

describe("a token", () => {
  test.each(signers)(
    "of %s is verified by others",
    async (algorithm, { privateKey, publicKey }) => {
      const minted = jwt(algorithm, {
        keyId: "2026-11",
        issuer: "https://dev.example.com",
        audience: ["litellm", "other"],
        claims: { sub: "dev@example.com", roles: ["a"] },
      });
      await world.configure({ minted });
      expect(await world.enter("minted", privateKey)).toEqual({ kind: "signed-in" });
      const { token, issuedAt, expiresAt } = await world.issue("minted");
      const now = world.clock.now();
      expect([issuedAt, expiresAt]).toEqual([now, now + hour]);
      const iat = now / second;
      expect(verify(token.reveal(), algorithm, publicKey, now)).toEqual({
        header: { alg: algorithm, kid: "2026-11", typ: "JWT" },
        claims: {
          iss: "https://dev.example.com",
          aud: ["litellm", "other"],
          sub: "dev@example.com",
          roles: ["a"],
          iat,
          nbf: iat - 60,
          exp: iat + 3600,
          jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      });
    },
  );

  const minted = async (more: Partial<JwtKeyConfig> = {}) => {
    await world.configure({ minted: jwt("HS256", more) });
    await world.enter("minted", "s".repeat(32));
    return async (at: number = world.clock.now()) => {
      const { token } = await world.issue("minted");
      return verify(token.reveal(), "HS256", "s".repeat(32), at);
    };
  };

  test("is taken by whoever's clock is up to a minute behind, and until its end", async () => {
    world.clock.jump(750);
    const seen = await minted();
    const iat = Math.floor(world.clock.now() / second) * second;
    expect(await seen(iat - minute)).toHaveProperty("claims");
    expect(await seen(iat - minute - second)).toEqual({
      refused: "ERR_JWT_CLAIM_VALIDATION_FAILED",
      claim: "nbf",
    });
    expect(await seen(iat + hour - second)).toHaveProperty("claims");
    expect(await seen(iat + hour)).toMatchObject({ refused: "ERR_JWT_EXPIRED" });
    expect((await world.issue("minted")).expiresAt).toBe(iat + hour);
  });

  test("says who and where in texts at any depth, and nothing else is touched", async () => {
    const { username } = userInfo();
    const seen = await minted({
      claims: {
        sub: "${user}",
        at: { host: ["${user}@${hostname}", "$user", "$ {user}"], "${user}": null },
        n: 1,
        yes: true,
      },
    });
    expect((await seen()).claims).toMatchObject({
      sub: username,
      at: { host: [`${username}@${hostname()}`, "$user", "$ {user}"], "${user}": null },
      n: 1,
      yes: true,
    });
  });

  test("has its own times and name, whatever the claims say; issuer and audience come first too", async () => {
    const seen = await minted({
      issuer: "us",
      audience: "them",
      claims: { iat: 1, nbf: 2, exp: 3, jti: "j", iss: "x", aud: "y" },
    });
    const { claims } = await seen();
    const iat = world.clock.now() / second;
    expect(claims).toMatchObject({ iat, nbf: iat - 60, exp: iat + 3600, iss: "us", aud: "them" });
    expect(claims.jti).not.toBe("j");
  });

  test("may have claims for issuer and audience, and no key id", async () => {
    const seen = await minted({ claims: { iss: "x", aud: "y" } });
    expect(await seen()).toMatchObject({
      header: { alg: "HS256", typ: "JWT" },
      claims: { iss: "x", aud: "y" },
    });
    expect((await seen()).header).not.toHaveProperty("kid");
  });

  test("is minted anew before it ends, with another name", async () => {
    const seen = await minted();
    const first = await seen();
    expect((await seen()).claims.jti).toBe(first.claims.jti);
    world.clock.jump(50 * minute);
    const second = await seen();
    expect(second.claims.iat).toBe(Number(first.claims.iat) + 3000);
    expect(second.claims.jti).not.toBe(first.claims.jti);
  });

  test("is another one at once where the configuration says something else of it", async () => {
    const seen = await minted({ claims: { team: "a" } });
    expect((await seen()).claims.team).toBe("a");
    await world.configure({ minted: jwt("HS256", { claims: { team: "b" } }) });
    expect((await seen()).claims.team).toBe("b");
  });
});

describe("the secret", () => {
  test("is asked for as what it is", async () => {
    await world.configure({ a: jwt("HS256"), b: jwt("EdDSA") });
    const ask = (name: string) => world.session(name).signIn(undefined).request;
    expect(await ask("a")).toMatchObject({ what: "the secret of a", hasLines: false });
    expect(await ask("b")).toMatchObject({ what: "the private key of b", hasLines: true });
    expect(world.session("a").source).toMatchObject({
      kind: "jwt-key",
      organisation: "JWT (HS256)",
      enteredBy: "evercred api-key set a",
    });
    expect(world.session("a").askAt(minute)).toBeUndefined();
  });

  test.each([
    ["HS256", 31, 32],
    ["HS384", 47, 48],
    ["HS512", 63, 64],
  ] as const)("of %s has the length of the hash at least", async (algorithm, short, least) => {
    await world.configure({ minted: jwt(algorithm) });
    const outcome = await world.enter("minted", `${"s".repeat(short)}\n`);
    expect(outcome).toMatchObject({
      error: {
        code: "usage",
        message: `${algorithm} needs a secret of ${least} bytes or more; this one has ${short}.`,
        remedy: `Make a longer one, such as: openssl rand -hex ${least}`,
      },
    });
    expect(await world.enter("minted", "é".repeat(least / 2))).toEqual({ kind: "signed-in" });
  });

  test("stays where the algorithm becomes one that can use it, and is still there after one that cannot", async () => {
    const algorithmOf = async (): Promise<string> => {
      const { token } = await world.issue("minted");
      const [header = ""] = token.reveal().split(".");
      return JSON.parse(Buffer.from(header, "base64url").toString()).alg;
    };
    await world.configure({ minted: jwt("RS256") });
    await world.enter("minted", rsa.privateKey);
    expect(await algorithmOf()).toBe("RS256");
    await world.configure({ minted: jwt("PS512") });
    expect(await algorithmOf()).toBe("PS512");
    for (const other of ["ES256", "EdDSA", "HS256"] as const) {
      await world.configure({ minted: jwt(other) });
      await expect(world.issue("minted")).rejects.toMatchObject({ code: "sign-in-needed" });
      expect(world.session("minted").state).toMatchObject({ reason: "changed" });
    }
    await world.configure({ minted: { kind: "static", remindBefore: hour } });
    await expect(world.issue("minted")).rejects.toMatchObject({ code: "sign-in-needed" });
    await world.restart({ minted: jwt("RS384") });
    expect(await algorithmOf()).toBe("RS384");
  });

  test("of a longer hash is another one", async () => {
    await world.configure({ minted: jwt("HS256") });
    await world.enter("minted", "s".repeat(32));
    await world.configure({ minted: jwt("HS512") });
    await expect(world.issue("minted")).rejects.toMatchObject({ code: "sign-in-needed" });
  });

  test("is nowhere in what is logged or printed", async () => {
    const { privateKey } = ecPair();
    await world.configure({ minted: jwt("ES256") });
    await world.enter("minted", privateKey);
    const credential = await world.issue("minted");
    const printed = JSON.stringify([credential, world.log.lines]);
    const [, line = ""] = privateKey.split("\n");
    expect(printed).not.toContain(line);
    expect(printed).not.toContain(credential.token.reveal());
  });
});
