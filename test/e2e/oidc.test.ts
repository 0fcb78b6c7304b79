import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { claimsOf } from "../../electron/sources/jwt.ts";
import { listen } from "../fakes/cloud/listening.ts";
import { clientSecret } from "../fakes/oidc/clients.ts";
import { signInAt } from "../fakes/oidc/person.ts";
import { sourceOf, tokenIn } from "./google-home.ts";
import { keychainItems, noKeychainItems } from "./house.ts";
import {
  accessGivenBy,
  type Company,
  type CompanyOptions,
  entryOf,
  givenBy,
  keptIn,
  openCompany,
  presentedTo,
  startChromium,
} from "./oidc-home.ts";

let company: Company;
let browser: Browser | undefined;

const open = async (options: CompanyOptions = {}): Promise<Company> => {
  company = await openCompany(options);
  return company;
};

afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await company.close();
});

/** A tab of a real browser at a page that `login` has printed. */
const visit = async (url: string): Promise<Page> => {
  browser ??= await startChromium(company.house);
  const page = await browser.newPage();
  await page.goto(url);
  return page;
};

const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
};

/** All that has crossed the wire and is worth something. */
const secretsOf = ({ house, issuer }: Company): readonly string[] => {
  const found = new Set<string>();
  for (const { body, reply = "" } of house.cloud.log.all({ host: issuer.host, path: "/token" })) {
    for (const name of ["code", "code_verifier", "refresh_token"]) {
      const value = new URLSearchParams(body).get(name);
      if (value !== null) found.add(value);
    }
    for (const [, value = ""] of reply.matchAll(/"(?:access|refresh|id)_token":"([^"]+)"/g)) {
      found.add(value);
    }
  }
  return [...found];
};

describe("the page of a sign-in, in a real browser", () => {
  test("allow: the browser says so, the key is one that the issuer knows, and the secret lies in the keyring alone", async () => {
    const { house, issuer, key } = await open();
    const said: string[] = [];
    const login = house.start(house.shim, ["login", "company", "--debug"]);
    const url = await login.line(/^https:/);
    await eventually(async () => expect(await house.pages()).toEqual([url]));
    const page = await visit(url);
    await page.selectOption("#user", "dev@example.com");
    await page.click("#approve");
    await page.getByRole("heading", { name: "You are signed in." }).waitFor();
    const signedIn = await login.outcome;
    expect(signedIn).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed in to company\.$/m),
    });

    const plain = await key("plain", "--debug");
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
    expect(issuer.isKnown(plain.stdout.trim())).toBe(true);
    const gateway = await key("gateway");
    expect(gateway).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^\S+\n$/),
    });
    expect(claimsOf(gateway.stdout.trim())).toMatchObject({
      iss: issuer.issuer,
      aud: "https://gateway.example.com",
      sub: "user-dev@example.com",
    });
    expect(await sourceOf(house, "company")).toMatchObject({
      state: "active",
      account: "dev@example.com",
    });

    const [first = "", second = ""] = givenBy(company);
    const kept = await keptIn(house);
    expect(kept).toContain(second);
    expect(kept).not.toContain(first);
    const pid = String(await house.daemonPid());
    said.push(
      signedIn.stdout.replace(url, ""),
      signedIn.stderr,
      plain.stderr,
      await readFile(`/proc/${pid}/cmdline`, "utf8"),
      await readFile(`/proc/${pid}/environ`, "utf8"),
    );
    const files = [...(await filesBelow(house.home)), ...(await filesBelow(house.runtime))];
    expect(files.filter((file) => file.endsWith(".log"))).not.toEqual([]);
    for (const file of files) said.push(await readFile(file, "utf8").catch(() => ""));
    const secrets = secretsOf(company);
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((secret) => said.some((text) => text.includes(secret)))).toEqual([]);
  });

  test("deny: both the browser and the terminal say so, exit 5, and nobody is signed in", async () => {
    const { house, key } = await open();
    const login = house.start(house.shim, ["login", "company"]);
    const page = await visit(await login.line(/^https:/));
    await page.click("#deny");
    await page.getByRole("heading", { name: "You are not signed in." }).waitFor();
    const { code, stderr } = await login.outcome;
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining("The sign-in to company was refused. It says:"),
    });
    expect(await key("plain")).toMatchObject({ code: 3, stdout: "" });
    expect(await keychainItems(house)).toBe(noKeychainItems);
  });

  test("a fixed port, another path and localhost; while another program has the port no page is opened", async () => {
    const other = createServer();
    const port = await listen(other);
    const redirectUri = `http://localhost:${String(port)}/signin-oidc`;
    const { house, key } = await open({ entry: { clientId: "evercred-fixed", redirectUri } });
    const taken = await house.evercred("login", "company");
    expect(taken).toMatchObject({ code: 1, stdout: "" });
    expect(taken.stderr.trim().split("\n").at(-1)).toBe(
      `evercred: Evercred cannot wait for the browser on port ${String(port)}: another program has it. ` +
        "End that program, or name another port in redirectUri.",
    );
    expect(await house.pages()).toEqual([]);
    await new Promise((resolve) => other.close(resolve));

    const login = house.start(house.shim, ["login", "company"]);
    const url = await login.line(/^https:/);
    expect(new URL(url).searchParams.get("redirect_uri")).toBe(redirectUri);
    const page = await visit(url);
    await page.click("#approve");
    await page.getByRole("heading", { name: "You are signed in." }).waitFor();
    expect(new URL(page.url()).origin).toBe(new URL(redirectUri).origin);
    expect(await login.outcome).toMatchObject({ code: 0 });
    expect(company.issuer.isKnown(tokenIn(await key("plain")))).toBe(true);
  });
});

test("with a code for another machine: where it is wished for, without a page here, and as the source's own way", async () => {
  const { house, issuer, key } = await open({
    sources: { box: entryOf({ flow: "device" }) },
    keys: { boxed: { kind: "oidc", source: "box" } },
  });
  await house.evercred("status");
  const logins = [
    house.start(house.shim, ["login", "company", "--device-code", "--no-browser"]),
    house.start(house.shim, ["login", "box"]),
  ];
  const urls = await Promise.all(
    logins.map(async (login) => {
      const [url, code] = await Promise.all([login.line(/^https:/), login.line(/^Code: /)]);
      expect(new URL(url).searchParams.get("user_code")).toBe(code.slice("Code: ".length));
      expect(await signInAt(house.cloud, url)).toMatchObject({
        text: expect.stringContaining("Request approved"),
      });
      expect(await login.outcome).toMatchObject({ code: 0 });
      return url;
    }),
  );
  for (const name of ["plain", "boxed"]) {
    expect(issuer.isKnown(tokenIn(await key(name)))).toBe(true);
  }
  expect(await house.pages()).toEqual(urls.slice(1));
});

test("logout: the issuer forgets all that the sign-in has given, and so does the keyring", async () => {
  const { house, issuer, key, signIn, present } = await open();
  await signIn();
  const tokens = [tokenIn(await key("plain")), tokenIn(await key("search"))];
  expect(tokens.map((token) => issuer.isKnown(token))).toEqual([true, true]);
  const last = givenBy(company).at(-1) ?? "";
  expect(issuer.isKnown(last)).toBe(true);
  expect(await house.evercred("logout", "company")).toMatchObject({
    code: 0,
    stdout: "Signed out of company.\n",
    stderr: "",
  });
  expect([...tokens, last].map((token) => issuer.isKnown(token))).toEqual([false, false, false]);
  expect(await present(last)).toBe(400);
  expect(await keychainItems(house)).toBe(noKeychainItems);
  expect(await key("plain")).toMatchObject({ code: 3, stdout: "" });
});

test("a client for itself: set up by three commands, with nobody there; a wrong secret is said to be one", async () => {
  const { house, issuer, key } = await open();
  const add = async (secret: string, ...words: readonly string[]): Promise<void> => {
    const terminal = house.terminal(["api-key", ...words]);
    terminal.type(`${secret}\n`, "quietly");
    const { code, stdout } = await terminal.outcome;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining(secret) });
  };
  await add("a-secret-of-somebody-else", "add", "secret", "--kind", "static");
  const robot = ["--kind", "oidc", "--issuer", issuer.issuer, "--client-id", "evercred-robot"];
  const itself = ["--flow", "client-credentials", "--client-secret-key", "secret"];
  expect(await house.evercred("source", "add", "robot", ...robot, ...itself)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Added the source robot.\n"),
  });
  const added = ["api-key", "add", "robotkey", "--kind", "oidc", "--source", "robot"];
  expect(await house.evercred(...added)).toMatchObject({ code: 0 });

  const refused = await key("robotkey");
  expect(refused).toMatchObject({ code: 5, stdout: "" });
  expect(refused.stderr).toMatch(
    /^evercred: robot does not accept our client\. It says: .+\. Check clientId and clientSecretKey of sources\.robot, or ask whoever runs the issuer\.\n$/,
  );
  await add(clientSecret, "set", "secret");
  expect(issuer.isKnown(tokenIn(await key("robotkey")))).toBe(true);
  // After a start there is nobody either.
  process.kill(await house.daemonPid(), "SIGKILL");
  const again = tokenIn(await key("robotkey"));
  expect(issuer.isKnown(again)).toBe(true);
  expect(await house.pages()).toEqual([]);
  expect(
    await readFile(join(house.home, ".config", "evercred", "config.json"), "utf8"),
  ).not.toMatch(new RegExp(`${clientSecret}|somebody`));
});

test.each([
  ["behind", 3 * 60 * 60_000],
  ["ahead", -3 * 60 * 60_000],
])(
  "a computer whose clock is three hours %s: it is signed in, and asks no more often",
  async (_, skewMs) => {
    const { house, issuer, key, signIn } = await open();
    const { now } = Date;
    // The issuer is here, the daemon has the machine's clock.
    let aheadMs = skewMs;
    vi.spyOn(Date, "now").mockImplementation(() => now() + aheadMs);
    await signIn();
    const token = tokenIn(await key("plain"));
    expect(issuer.isKnown(token)).toBe(true);
    expect(tokenIn(await key("plain"))).toBe(token);
    const endOf = async (...flags: readonly string[]): Promise<number> =>
      Number(claimsOf(tokenIn(await key("identity", ...flags)))?.["exp"]) * 1000;
    expect(await endOf()).toBe(await endOf());
    expect(house.cloud.log.count({ host: issuer.host, path: "/token" })).toBe(1);
    expect(await sourceOf(house, "company")).toMatchObject({ state: "active" });
    // A short one: anew means once a minute at most, of the issuer's clock; and that is known from its replies.
    issuer.lifetimes.idToken = 3;
    aheadMs += 61_000;
    tokenIn(await key("gateway"));
    const end = await endOf("--fresh");
    // Its end is an instant of the issuer's clock.
    await vi.waitUntil(() => Date.now() > end, { timeout: 10_000 });
    expect(await endOf()).toBeGreaterThan(end);
    process.kill(await house.daemonPid(), "SIGKILL");
    expect(issuer.isKnown(tokenIn(await key("plain")))).toBe(true);
  },
);

test("an issuer that is not there, and one that calls itself otherwise: said at once, and no page", async () => {
  const issuer = "https://login.example.com/realms/none";
  const alias: CompanyOptions["sites"] = {
    "sso.example.com": (request) => company.issuer.site(request),
  };
  const { house } = await open({
    sites: alias,
    sources: { none: entryOf({ issuer }), sso: entryOf({ issuer: "https://sso.example.com" }) },
  });
  const none = await house.evercred("login", "none");
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(none.stderr).toContain(
    `evercred: login.example.com has no issuer at ${issuer}. Correct the issuer's address in the configuration.\n`,
  );
  expect(await house.evercred("login", "sso")).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining(
      "evercred: https://sso.example.com says that it is the issuer https://login.example.com.",
    ),
  });
  expect(await house.pages()).toEqual([]);
});

test("a key of a scope that the issuer does not give is refused, and the others go on", async () => {
  const { house, key, signIn, issuer } = await open({
    issuer: { withheld: ["email"] },
    entry: { scopes: ["openid", "offline_access"] },
    keys: { forbidden: { kind: "oidc", source: "company", scopes: ["openid", "email"] } },
  });
  await signIn();
  const refused = await key("forbidden");
  expect(refused).toMatchObject({ code: 5, stdout: "" });
  expect(refused.stderr).toMatch(
    /^evercred: company does not give this token\. It says: .+\. Correct/,
  );
  expect(issuer.isKnown(tokenIn(await key("plain")))).toBe(true);
  expect(issuer.isKnown(tokenIn(await key("search")))).toBe(true);
  expect(await sourceOf(house, "company")).toMatchObject({ state: "active" });
});

describe("several keys of one sign-in", () => {
  test("300 callers of one whose token has ended, at a daemon that has just started: one exchange", async () => {
    const { house, key, signIn } = await open({ issuer: { lifetimes: { accessToken: 3 } } });
    await signIn();
    tokenIn(await key("plain"));
    process.kill(await house.daemonPid(), "SIGKILL");
    company.issuer.lifetimes.accessToken = 600;
    // It may have renewed it once more before it died; the issuer counts whole seconds, and we do not.
    const until = Date.now() + 3_000;
    const isOver = (): boolean =>
      Date.now() > until && accessGivenBy(company).every((token) => !company.issuer.isKnown(token));
    await vi.waitUntil(isOver, { timeout: 10_000 });
    const before = presentedTo(company).length;
    // Long enough that all of them are there before it is over.
    const grantType = "refresh_token";
    house.cloud.faults.add({ grantType, kind: "delay", delayMs: 2_000, times: 1 });
    const outcomes = await house.crowd(300, "api-key", "plain");
    expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
    expect(company.issuer.isKnown(tokenIn(outcomes[0]!))).toBe(true);
    expect(presentedTo(company)).toHaveLength(before + 1);
    expect(await house.pages()).toHaveLength(1);
  });

  test("an opaque token that one of two callers wants anew: both have the new one at their next call", async () => {
    const { key, signIn } = await open();
    await signIn();
    const both = async (): Promise<readonly string[]> =>
      (await Promise.all([key("search"), key("search")])).map(tokenIn);
    const [old = "", same] = await both();
    expect(same).toBe(old);
    // Anew means once a minute at most, of the issuer's clock; and that is known from its replies.
    const { now } = Date;
    vi.spyOn(Date, "now").mockImplementation(() => now() + 61_000);
    expect(tokenIn(await key("search", "--fresh"))).toBe(old);
    tokenIn(await key("gateway"));
    const fresh = tokenIn(await key("search", "--fresh"));
    expect(fresh).not.toBe(old);
    expect(company.issuer.isKnown(fresh)).toBe(true);
    expect(await both()).toEqual([fresh, fresh]);
    expect(tokenIn(await key("search", "--fresh"))).toBe(fresh);
    expect(new Set(presentedTo(company)).size).toBe(presentedTo(company).length);
  });

  test("one that is renewed while two callers hold it: both have the new one at their next call", async () => {
    const { key, signIn } = await open({ issuer: { lifetimes: { accessToken: 3 } } });
    await signIn();
    const both = async (): Promise<readonly string[]> =>
      (await Promise.all([key("search"), key("search")])).map(tokenIn);
    const [old = "", same] = await both();
    expect(same).toBe(old);
    await vi.waitUntil(() => !company.issuer.isKnown(old), { timeout: 10_000 });
    const [next = "", other] = await both();
    expect(other).toBe(next);
    expect(company.issuer.isKnown(next)).toBe(true);
    expect(new Set(presentedTo(company)).size).toBe(presentedTo(company).length);
  });
});
