import { createHash } from "node:crypto";
import { createServer, get } from "node:http";
import { Server } from "node:net";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { Secret } from "../../electron/core/secret.ts";
import type { PageRequest } from "../../electron/core/source.ts";
import { plus } from "../../electron/core/time.ts";
import {
  type CodeChallenge,
  type CodeFlow,
  type RedeemableCode,
  signInWithCode,
} from "../../electron/sources/code-flow.ts";
import { FakeClock } from "../fakes/clock.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { pageOf } from "./aws/world.ts";

const minute = 60_000;
const never = new AbortController().signal;
let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

/** A sign-in that is open: what was asked of it, what it has shown, and where the browser is to come back. */
const open = async (parts: Partial<CodeFlow<string>> = {}, signal: AbortSignal = never) => {
  const redeemed: RedeemableCode[] = [];
  let challenge: CodeChallenge | undefined;
  let outcome: Promise<string> | undefined;
  const request = await new Promise<PageRequest>((resolve, reject) => {
    outcome = signInWithCode(
      {
        id: "corp",
        clock,
        words: { product: "Evercred", title: "Corp" },
        path: "/",
        pastes: true,
        show: (shown) => resolve(pageOf(shown)),
        addressOf: async (asked) => {
          challenge = asked;
          return new URL("https://corp.example/authorize");
        },
        redeem: async (code) => {
          redeemed.push(code);
          return "token";
        },
        ...parts,
      },
      signal,
    );
    outcome.catch(reject);
  });
  const { redirectUri, state } = challenge!;
  /** The address of the page at the end, with all that the provider adds. */
  const end = (query: Readonly<Record<string, string>>, at = redirectUri): string =>
    `${at}?${new URLSearchParams({ state, ...query }).toString()}`;
  return { request, redeemed, challenge: challenge!, outcome: outcome!, end };
};

type Open = Awaited<ReturnType<typeof open>>;

const paste = ({ request }: Open, address: string): boolean | undefined =>
  request.paste?.(new Secret(address));

/** What a browser gets there. */
const visit = (url: string): Promise<{ readonly status: number; readonly page: string }> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let page = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (page += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, page }));
    }).on("error", reject);
  });

describe("a sign-in with a code that the browser brings back", () => {
  test("redeems it with the verifier of what was asked, and tells the browser", async () => {
    const flow = await open();
    const answered = visit(flow.end({ code: "c0de" }));
    expect(await flow.outcome).toBe("token");
    expect(await answered).toMatchObject({
      status: 200,
      page: expect.stringContaining("You are signed in.") as unknown,
    });
    const [code] = flow.redeemed;
    expect(code).toMatchObject({ code: "c0de", redirectUri: flow.challenge.redirectUri });
    expect(code?.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const hash = createHash("sha256").update(code!.codeVerifier).digest("base64url");
    expect(flow.challenge.challenge).toBe(hash);
    await expect(visit(flow.end({ code: "c0de" }))).rejects.toThrow("ECONNREFUSED");
  });

  test("shows the address that was made for it, and waits ten minutes", async () => {
    const flow = await open();
    expect(flow.request).toMatchObject({
      flow: "code",
      url: "https://corp.example/authorize",
      endsAt: plus(clock.now(), 10 * minute),
    });
    const late = expect(flow.outcome).rejects.toMatchObject({
      code: "timed-out",
      message: "Nobody signed in to corp in time.",
    });
    await clock.advance(10 * minute);
    await late;
    await expect(visit(flow.end({ code: "c0de" }))).rejects.toThrow("ECONNREFUSED");
  });

  test.each([
    ["access_denied", "sign-in-denied", "The sign-in to corp was refused. It says: No luck."],
    ["server_error", "provider-unavailable", "corp has a fault. It says: No luck."],
    ["temporarily_unavailable", "provider-unavailable", "corp has a fault. It says: No luck."],
  ])("that ends with %s is told as %s, in the provider's words", async (error, code, message) => {
    const flow = await open();
    const refused = expect(flow.outcome).rejects.toMatchObject({ code, message });
    const { status, page } = await visit(flow.end({ error, error_description: "No luck." }));
    await refused;
    expect(status).toBe(400);
    expect(page).toContain(message);
    expect(flow.redeemed).toEqual([]);
  });

  test("that says nothing but an error's name is told by that", async () => {
    const flow = await open();
    const refused = expect(flow.outcome).rejects.toMatchObject({
      message: "The sign-in to corp was refused. It says: admin_policy_enforced.",
    });
    await visit(flow.end({ error: "admin_policy_enforced" }));
    await refused;
  });

  test("whose code is not taken fails with what that says, also in the browser", async () => {
    const error = new EvercredError("client-rejected", "The client is gone.");
    const flow = await open({ redeem: () => Promise.reject(error) });
    const failed = expect(flow.outcome).rejects.toBe(error);
    expect((await visit(flow.end({ code: "c0de" }))).page).toContain("The client is gone.");
    await failed;
  });

  test("may be named localhost, on a port and a path that are known before", async () => {
    const free = createServer();
    const port = await listen(free);
    await new Promise((resolve) => free.close(resolve));
    const flow = await open({ host: "localhost", port, path: "/signin-oidc" });
    expect(flow.challenge.redirectUri).toBe(`http://localhost:${port}/signin-oidc`);
    expect((await visit(`http://127.0.0.1:${port}/?code=c0de`)).status).toBe(404);
    expect((await visit(flow.end({ code: "c0de" }))).status).toBe(200);
    expect(await flow.outcome).toBe("token");
  });

  test("names the port that another program has", async () => {
    const server = createServer();
    const port = await listen(server);
    await expect(open({ port })).rejects.toMatchObject({
      code: "internal",
      message: `Evercred cannot wait for the browser on port ${port}: another program has it.`,
      remedy: "End that program, or name another port in redirectUri.",
    });
    server.close();
  });

  test("names the port that this computer does not allow", async () => {
    // What asks for a port that needs rights is refused so.
    const refused = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
    vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server) {
      queueMicrotask(() => this.emit("error", refused));
      return this;
    });
    await expect(open({ port: 443 })).rejects.toMatchObject({
      message: "Evercred cannot wait for the browser on port 443: this computer does not allow it.",
      remedy: "Name a port above 1023 in redirectUri.",
    });
  });

  test("hands on all that the provider has added, with the state", async () => {
    const flow = await open();
    const { redirectUri, state } = flow.challenge;
    const answered = visit(flow.end({ code: "c0de", iss: "https://corp.example", scope: "a b" }));
    await flow.outcome;
    await answered;
    const [code] = flow.redeemed;
    expect(code?.state).toBe(state);
    expect(`${code?.redirect.origin}${code?.redirect.pathname}`).toBe(redirectUri);
    expect(Object.fromEntries(code?.redirect.searchParams ?? [])).toEqual({
      ...{ state, code: "c0de", iss: "https://corp.example", scope: "a b" },
    });
  });

  test("that has no address leaves nobody listening", async () => {
    let uri = "";
    const addressOf = async ({ redirectUri }: CodeChallenge): Promise<URL> => {
      uri = redirectUri;
      throw new EvercredError("config-invalid");
    };
    await expect(open({ addressOf })).rejects.toMatchObject({ code: "config-invalid" });
    await expect(visit(uri)).rejects.toThrow("ECONNREFUSED");
  });

  test("that is stopped rejects with the signal's reason", async () => {
    const stop = new AbortController();
    const flow = await open({}, stop.signal);
    const reason = new EvercredError("cancelled");
    stop.abort(reason);
    await expect(flow.outcome).rejects.toBe(reason);
  });
});

describe("the address of a page that did not load", () => {
  test("ends the sign-in where it is pasted, as if the browser had come", async () => {
    const flow = await open();
    expect(paste(flow, `  ${flow.end({ code: "c0de", scope: "a b" })}\n`)).toBe(true);
    expect(await flow.outcome).toBe("token");
    expect(flow.redeemed).toMatchObject([{ code: "c0de" }]);
  });

  test("may name this machine as localhost", async () => {
    const flow = await open();
    const { redirectUri } = flow.challenge;
    const local = redirectUri.replace("127.0.0.1", "localhost");
    expect(paste(flow, flow.end({ code: "c0de" }, local))).toBe(true);
    expect(await flow.outcome).toBe("token");
  });

  test("may bring a refusal", async () => {
    const flow = await open();
    const refused = expect(flow.outcome).rejects.toMatchObject({ code: "sign-in-denied" });
    expect(paste(flow, flow.end({ error: "access_denied" }))).toBe(true);
    await refused;
  });

  test("is not told of a failure: there is no page", async () => {
    const error = new EvercredError("reply-invalid");
    const flow = await open({ redeem: () => Promise.reject(error) });
    const failed = expect(flow.outcome).rejects.toBe(error);
    expect(paste(flow, flow.end({ code: "c0de" }))).toBe(true);
    await failed;
  });

  test("of anything else ends nothing: the wait goes on", async () => {
    const flow = await open();
    const { redirectUri } = flow.challenge;
    const port = Number(new URL(redirectUri).port);
    const strange = [
      "",
      "c0de",
      "https://corp.example/authorize",
      flow.end({}),
      flow.end({ code: "" }),
      flow.end({ code: "c0de", state: "another" }),
      `${redirectUri}?code=c0de`,
      `${flow.end({ code: "c0de" })}&code=another`,
      `${flow.end({ code: "c0de" })}&state=another`,
      flow.end({ code: "c0de" }, `${redirectUri}elsewhere`),
      flow.end({ code: "c0de" }, `http://127.0.0.1:${port === 1 ? 2 : port - 1}/`),
      flow.end({ code: "c0de" }, `http://127.0.0.1.example:${port}/`),
      flow.end({ code: "c0de" }, `http://corp.example:${port}/`),
    ];
    expect(strange.map((address) => paste(flow, address))).toEqual(strange.map(() => false));
    expect(flow.redeemed).toEqual([]);
    expect(paste(flow, flow.end({ code: "c0de" }))).toBe(true);
    expect(await flow.outcome).toBe("token");
  });

  test("is taken once, from whoever is first: a person or the browser", async () => {
    const pasted = await open();
    expect(paste(pasted, pasted.end({ code: "c0de" }))).toBe(true);
    expect(paste(pasted, pasted.end({ code: "other" }))).toBe(false);
    expect(await pasted.outcome).toBe("token");
    let second: boolean | undefined;
    const redeem = async (): Promise<string> => {
      second = paste(brought, brought.end({ code: "other" }));
      return "token";
    };
    const brought = await open({ redeem });
    expect((await visit(brought.end({ code: "c0de" }))).status).toBe(200);
    expect(await brought.outcome).toBe("token");
    expect(second).toBe(false);
  });

  test("that was pasted leaves nothing for the browser to answer", async () => {
    let visited: Promise<{ readonly status: number }> | undefined;
    const redeem = async (): Promise<string> => {
      visited = visit(flow.end({ code: "c0de" }));
      await visited;
      return "token";
    };
    const flow = await open({ redeem });
    expect(paste(flow, flow.end({ code: "c0de" }))).toBe(true);
    expect(await flow.outcome).toBe("token");
    expect((await visited)?.status).toBe(410);
  });

  test("cannot be pasted where the provider has a flow for other machines", async () => {
    const stop = new AbortController();
    const flow = await open({ pastes: false }, stop.signal);
    expect(flow.request.paste).toBeUndefined();
    expect("paste" in flow.request).toBe(false);
    stop.abort(new EvercredError("cancelled"));
    await expect(flow.outcome).rejects.toMatchObject({ code: "cancelled" });
  });
});
