import { expect, onTestFinished, test } from "vitest";
import { knownElectron } from "../../scripts/electron-dist.mjs";
import { startCloud } from "../fakes/cloud/cloud.ts";
import { clientSecret } from "../fakes/oidc/clients.ts";
import { startIssuer } from "../fakes/oidc/issuer.ts";
import { temporaryFolder } from "../platform/folder.ts";
import { bundleProgram, runProgram } from "../platform/program.ts";
import { ecPair, ed25519Pair, rsaPair } from "./keys/pem.ts";

const electron = knownElectron();

const algorithms = {
  HS256: "s".repeat(64),
  HS384: "s".repeat(64),
  HS512: "s".repeat(64),
  ...{ RS256: rsaPair().privateKey, RS384: rsaPair().privateKey, RS512: rsaPair().privateKey },
  ...{ PS256: rsaPair().privateKey, PS384: rsaPair().privateKey, PS512: rsaPair().privateKey },
  ES256: ecPair().privateKey,
  EdDSA: ed25519Pair().privateKey,
};

/** Mints a token of every algorithm, then gets one from an issuer as a client of its own. */
const program = `
  import "./electron/platform/fill-ins.ts";
  import { Secret } from "./electron/core/secret.ts";
  import { SystemClock } from "./electron/platform/clock.ts";
  import { Network } from "./electron/platform/network.ts";
  import { KeySources } from "./electron/sources/keys/index.ts";
  import { OidcSources } from "./electron/sources/oidc/index.ts";

  const { ALGORITHMS, CLIENT_SECRET } = process.env;
  const clock = new SystemClock();
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  const { signal } = new AbortController();
  const noOther = () => Promise.reject(new Error());
  const issued = async (source, grant) =>
    (await source.issue(grant, [...source.offers.values()][0].key, signal, noOther)).token.reveal();

  const mint = async (algorithm, secret) => {
    const keys = { k: { kind: "jwt", algorithm, claims: {}, lifetime: 60_000 } };
    const [source] = new KeySources({ clock, home: "/", env: {}, platform: "linux" })
      .load({ keys }, new Set());
    const show = (request) => request.submit(new Secret(secret));
    const attended = Promise.resolve();
    const options = { flow: "secret", previous: undefined, attended, show, say() {} };
    const token = await issued(source, await source.signIn(options, signal));
    return JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString()).alg;
  };

  const exchange = async () => {
    const secretOf = async () => new Secret(CLIENT_SECRET);
    const settings = { proxy: "auto", noProxy: [], caFiles: [], systemCa: false };
    const network = new Network({ env: process.env, settings, secretOf, log });
    const sources = new OidcSources({ agent: network.agent, clock, log, secretOf });
    const [source] = sources.load({
      sources: { robot: {
        kind: "oidc", enabled: true, issuer: "https://login.example.com", clientId: "evercred-robot",
        scopes: [], resource: ["https://gateway.example.com"], flow: "client-credentials",
        redirectUri: "http://127.0.0.1:0/", authorizeParams: {}, clientSecretKey: "secret",
      } },
      keys: { secret: { kind: "static" }, k: { kind: "oidc", source: "robot", token: "access" } },
    });
    const { grant } = await source.shared.look(undefined, true);
    const token = await issued(source, grant);
    network.close();
    return token;
  };

  const run = async () => {
    const minted = [];
    for (const [algorithm, secret] of Object.entries(JSON.parse(ALGORITHMS))) {
      minted.push(await mint(algorithm, secret));
    }
    console.log(JSON.stringify({ minted, token: await exchange() }));
  };
  run().catch((error) => console.log(JSON.stringify(String(error.stack))));
`;

test.skipIf(electron === undefined)(
  "tokens are minted, and got from an issuer, in the Node of Electron too",
  async () => {
    const issuer = await startIssuer();
    const cloud = await startCloud({ sites: { [issuer.host]: issuer.site } });
    onTestFinished(async () => {
      await cloud.close();
      await issuer.close();
    });
    const { next, ended } = runProgram(
      await bundleProgram(program, temporaryFolder()),
      {
        ...cloud.env(),
        ELECTRON_RUN_AS_NODE: "1",
        ALGORITHMS: JSON.stringify(algorithms),
        CLIENT_SECRET: clientSecret,
      },
      electron,
    );
    const said = (await next()) as { readonly minted: unknown; readonly token: string };
    expect(said).toEqual({ minted: Object.keys(algorithms), token: expect.any(String) });
    expect(said.token.split(".")).toHaveLength(3);
    expect(await ended).toBe(0);
  },
);
