import { lstat, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createConnection } from "node:net";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { authorizedUserFile, installedClientFile } from "../fakes/cloud/google/files.ts";
import type { GoogleClient } from "../fakes/cloud/google/clients.ts";
import { askNodeGoogle } from "../fakes/node-google.ts";
import {
  type House,
  type HouseOptions,
  keychainItems,
  noKeychainItems,
  openHouse,
  type Running,
} from "./house.ts";

let house: House;
let client: GoogleClient;
let browser: Browser | undefined;

/** A house of somebody with an OAuth client of their own, and what its source says besides. */
const open = async (
  options: HouseOptions = {},
  entry: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  house = await openHouse({ awsConfig: "", ...options });
  client = house.cloud.google.addClient();
  const clientFile = join(house.home, "client.json");
  await writeFile(clientFile, installedClientFile(client));
  await house.config({ sources: { google: { kind: "google", clientFile, ...entry } } });
};

afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await house.close();
});

const google = (): House["cloud"]["google"] => house.cloud.google;
const token = (...more: readonly string[]): ReturnType<House["evercred"]> =>
  house.evercred("gcp", "token", ...more);

/** Whose token is handed out. */
const served = async (source = "google"): Promise<string | undefined> => {
  const { code, stdout, stderr } = await token("--account", source);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("evercred:") });
  return google().whose(stdout.trim());
};

const signedIn = async (): Promise<void> => {
  expect(await house.evercred("login", "google")).toMatchObject({ code: 0 });
};

/** The person's Chromium, which trusts what a company's computers trust. */
const openPage = async (): Promise<Page> => {
  browser ??= await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
      `--ignore-certificate-errors-spki-list=${house.cloud.leafSpkiHash}`,
    ],
    proxy: { server: house.cloud.proxyUrl, bypass: "127.0.0.1" },
  });
  return browser.newPage();
};

/** The page that BROWSER was asked to open. */
const opened = (nth = 1): Promise<string> =>
  vi.waitFor(
    async () => {
      const url = (await house.pages())[nth - 1];
      if (url === undefined) throw new Error("No page was opened.");
      return url;
    },
    { timeout: 10_000 },
  );

const redirectOf = (page: string): URL => new URL(new URL(page).searchParams.get("redirect_uri")!);

/** Whether somebody listens where the page leads. */
const listens = (page: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(Number(redirectOf(page).port), "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });

/** The status that a request to the redirect's port gets. */
const visited = (page: string, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { port } = redirectOf(page);
    request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once("error", reject)
      .end();
  });

const startLogin = (...more: readonly string[]): Running =>
  house.start(house.shim, ["login", "google", ...more]);

/** Moves all that Google has given out to its end, without a sleep. */
const untilPast = (at: number): Promise<unknown> =>
  vi.waitUntil(() => house.cloud.now() > at, { timeout: 20_000 });

describe("in a real browser", () => {
  test("allow: the browser says so, the login ends with 0, and the token is Google's own", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    expect(await login.line(/^https:/)).toBe(url);
    expect(new URL(url).searchParams.get("client_id")).toBe(client.id);
    const page = await openPage();
    await page.goto(url);
    await page.click("#approve");
    await page.getByRole("heading", { name: "You are signed in." }).waitFor();
    expect(await login.outcome).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed in to google\.$/m),
    });
    expect(await listens(url)).toBe(false);

    expect(await served()).toBe("dev@example.com");
    expect((await token()).stdout).toMatch(/^\S+\n$/);
    expect(await keychainItems(house)).not.toBe(noKeychainItems);
    const grep = await house.run("grep", ["-rlE", "1//0|ya29|GOCSPX", house.home, house.runtime]);
    expect(grep.stdout).toBe(`${join(house.home, "client.json")}\n`);
  });

  test("deny: both the browser and the terminal say so, exit 5", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    const page = await openPage();
    await page.goto(url);
    await page.click("#deny");
    await page.getByRole("heading", { name: "You are not signed in." }).waitFor();
    const { code, stderr } = await login.outcome;
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining("The sign-in to google was refused."),
    });
    expect(await listens(url)).toBe(false);
    expect(await token()).toMatchObject({ code: 3, stdout: "" });
  });

  test("who leaves out cloud-platform is told what is missing, and is not signed in", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    const page = await openPage();
    await page.goto(url);
    await page.getByLabel("https://www.googleapis.com/auth/cloud-platform").uncheck();
    await page.click("#approve");
    await page.getByText("auth/cloud-platform").waitFor();
    const { code, stderr } = await login.outcome;
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining(
        "did not allow https://www.googleapis.com/auth/cloud-platform",
      ),
    });
    expect(await token()).toMatchObject({ code: 3, stdout: "" });
    expect(await keychainItems(house)).toBe(noKeychainItems);
  });

  test("two tabs of one page: one wins, the other says so, and the sign-in stands", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    const first = await openPage();
    const second = await openPage();
    await first.goto(url);
    await second.goto(url);
    await first.click("#approve");
    await first.getByRole("heading", { name: "You are signed in." }).waitFor();
    await second.click("#approve").catch(() => undefined);
    expect(await login.outcome).toMatchObject({ code: 0 });
    expect(await served()).toBe("dev@example.com");
    expect(google().count("code")).toBe(1);
  });
});

describe("a sign-in that meets strangers", () => {
  test("a forged state and a favicon are turned away, and the sign-in goes on to its end", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    expect(await visited(url, "/favicon.ico")).toBe(404);
    expect(await visited(url, "/?code=stolen&state=forged")).toBe(400);
    expect(await visited(url, "/?code=stolen")).toBe(400);
    expect(await visited(url, "/?error=access_denied&state=forged")).toBe(400);
    expect(google().count("code")).toBe(0);
    expect(await house.cloud.approve(url)).toMatchObject({ status: 200 });
    expect(await login.outcome).toMatchObject({ code: 0 });
    expect(await served()).toBe("dev@example.com");
  });

  test("a redirect that is opened twice is answered once, and its port is closed after", async () => {
    await open({ person: "nothing" });
    const login = startLogin();
    const url = await opened();
    const slow = house.cloud.faults.add({ path: "/token", kind: "hang" });
    const approved = house.cloud.approve(url);
    await house.cloud.log.waitForArrival({ path: "/token" });
    const back = new URL(google().lastRedirect!);
    expect(await visited(url, `${back.pathname}${back.search}`)).toBe(410);
    slow.remove();
    expect(await approved).toMatchObject({ status: 200 });
    expect(await login.outcome).toMatchObject({ code: 0 });
    await expect(visited(url, `${back.pathname}${back.search}`)).rejects.toThrow("ECONNREFUSED");
    expect(google().count("code")).toBe(1);
  });

  test("a page that nobody answers: --timeout ends the caller, Ctrl-C another, and the port closes at the end", async () => {
    await open({ person: "nothing" });
    const late = await house.evercred("login", "google", "--timeout", "1s");
    expect(late).toMatchObject({ code: 6 });
    expect(late.stderr).toContain("Nobody has signed in to google yet.");
    const url = await opened();
    const login = startLogin();
    expect(await login.line(/^https:/)).toBe(url);
    login.child.kill("SIGINT");
    expect(await login.outcome).toMatchObject({ code: 130 });
    // The sign-in itself is still open: it was not the callers' alone.
    expect(await listens(url)).toBe(true);
    expect(await house.evercred("logout", "google")).toMatchObject({ code: 0 });
    await eventually(async () => expect(await listens(url)).toBe(false));
  });

  test("two logins of one source share one page", async () => {
    await open({ person: "nothing" });
    const logins = [startLogin(), startLogin()] as const;
    const [url, same] = await Promise.all(logins.map((each) => each.line(/^https:/)));
    expect(same).toBe(url);
    await house.cloud.approve(url!);
    for (const { outcome } of logins) expect(await outcome).toMatchObject({ code: 0 });
    expect(google().count("code")).toBe(1);
  });

  test("two sources sign in at once, each on a port of its own", async () => {
    await open({ person: "nothing" });
    const { id: clientId, secret: clientSecret } = client;
    const entry = { kind: "google", clientId, clientSecret };
    await house.config({ sources: { one: entry, two: entry } });
    const logins = ["one", "two"].map((id) => house.start(house.shim, ["login", id]));
    const [one = "", two = ""] = await Promise.all(logins.map((each) => each.line(/^https:/)));
    expect(redirectOf(one).port).not.toBe(redirectOf(two).port);
    await house.cloud.approve(two);
    await house.cloud.approve(one);
    for (const { outcome } of logins) expect(await outcome).toMatchObject({ code: 0 });
    const [first, second] = [await token("--account", "one"), await token("--account", "two")];
    expect(google().whose(first.stdout.trim())).toBe("dev@example.com");
    expect(google().whose(second.stdout.trim())).toBe("dev@example.com");
    expect(first.stdout).not.toBe(second.stdout);
  });

  test("another account than the one in the configuration is asked about; --yes accepts it", async () => {
    await open(
      { person: "nothing", google: { people: ["dev@example.com", "admin@example.com"] } },
      { account: "dev@example.com" },
    );
    const waiting = startLogin();
    const url = await waiting.line(/^https:/);
    await house.cloud.approve(url, { user: "admin@example.com" });
    await eventually(async () => {
      expect((await house.evercred("status", "--json")).stdout).toContain("admin@example.com");
    });
    expect(await token()).toMatchObject({ code: 3, stdout: "" });
    const accepted = await house.evercred("login", "google", "--yes");
    expect(accepted).toMatchObject({ code: 0 });
    expect((await waiting.outcome).code).toBe(0);
    expect(await served()).toBe("admin@example.com");
  });
});

describe("a session that is there", () => {
  test("a token is renewed ahead of its end with nobody asking for it", async () => {
    await open({ google: { lifetimes: { accessTokenMs: 8_000 } } });
    await signedIn();
    const before = (await token()).stdout;
    await house.cloud.log.waitFor({ grantType: "refresh_token" });
    // Google has answered; whoever asks gets the old token or the new one, and never has to wait for a sign-in.
    let next = before;
    while (next === before) {
      const { code, stdout } = await token();
      expect(code).toBe(0);
      next = stdout;
    }
    expect(google().whose(next.trim())).toBe("dev@example.com");
    expect(await house.pages()).toHaveLength(1);
  });

  test("200 callers just after the end of a token cost one refresh", async () => {
    await open({ google: { lifetimes: { accessTokenMs: 3_000 } } });
    await signedIn();
    process.kill(await house.daemonPid(), "SIGKILL");
    google().lifetimes.accessTokenMs = 3_600_000;
    await untilPast(house.cloud.now() + 3_000);
    const refreshed = google().count("refresh");
    const outcomes = await house.crowd(200, "gcp", "token");
    expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
    expect(google().whose(outcomes[0]!.stdout.trim())).toBe("dev@example.com");
    expect(google().count("refresh")).toBe(refreshed + 1);
  });

  test("gcp login on a live session says one line, opens nothing, and asks nobody", async () => {
    await open();
    await signedIn();
    const outcome = await house.evercred("gcp", "login");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(google().count("code")).toBe(1);
    expect(await house.pages()).toHaveLength(1);
  });

  test("where the organisation asks again, gcp login notices by itself and signs in anew", async () => {
    await open({ google: { lifetimes: { accessTokenMs: 3_000 } } });
    await signedIn();
    process.kill(await house.daemonPid(), "SIGKILL");
    google().lifetimes.accessTokenMs = 3_600_000;
    google().expireSessions();
    await untilPast(house.cloud.now() + 3_000);
    const refused = await token();
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("organisation asks for a new sign-in");
    expect(refused.stderr).toContain("evercred login google");
    const login = await house.evercred("gcp", "login");
    expect(login).toMatchObject({ code: 0 });
    expect(login.stdout).toMatch(/^https:\/\/accounts\.google\.com\//);
    expect(await served()).toBe("dev@example.com");
    expect(await house.pages()).toHaveLength(2);
  });

  test("gcp login learns within one call that a session whose token is still good has ended", async () => {
    await open();
    await signedIn();
    // What Google said more than a minute ago is not relied on; its clock is what counts.
    house.cloud.advance(61_000);
    expect(await token("--scopes", "email")).toMatchObject({ code: 0 });
    google().expireSessions();
    expect(await served()).toBe("dev@example.com");
    const login = await house.evercred("gcp", "login");
    expect(login).toMatchObject({ code: 0 });
    expect(login.stdout).toMatch(/^https:\/\/accounts\.google\.com\//);
    expect(await house.pages()).toHaveLength(2);
    expect(google().presentations().at(-1)?.outcome).toBe("invalid_grant invalid_rapt");
  });

  test("revoked, client deleted, account disabled, account deleted: each has its own sentence and exit code", async () => {
    const people = ["revoked", "client", "disabled", "deleted"].map(
      (name) => `${name}@example.com`,
    );
    await open({ google: { people, lifetimes: { accessTokenMs: 5_000 } } });
    const clients = people.map(() => google().addClient());
    const ids = people.map((email) => email.split("@")[0] ?? "");
    const entries = ids.map((id, index) => {
      const { id: clientId, secret: clientSecret } = clients[index]!;
      return [id, { kind: "google", clientId, clientSecret, account: people[index] }] as const;
    });
    await house.config({ sources: Object.fromEntries(entries) });
    expect(await house.evercred("login", "--all")).toMatchObject({ code: 0 });
    google().revokeAll("revoked@example.com");
    google().deleteClient(clients[1]!);
    google().setPerson("disabled@example.com", "disabled");
    google().setPerson("deleted@example.com", "deleted");
    await untilPast(house.cloud.now() + 5_000);
    const said = async (id: string): Promise<readonly unknown[]> => {
      const { code, stdout, stderr } = await token("--account", id);
      return [code, stdout, stderr];
    };
    const expected = [
      [3, "", expect.stringContaining("has expired or was revoked. Run: evercred login revoked")],
      [5, "", expect.stringContaining("no longer accepts the OAuth client of client.")],
      [5, "", expect.stringContaining("Google says of disabled's account: Account disabled.")],
      [5, "", expect.stringMatching(/Google says of deleted's account: .*deleted/)],
    ];
    for (const [index, id] of ids.entries()) {
      const first = await said(id);
      expect(first).toEqual(expected[index]);
      expect(await said(id)).toEqual(first);
    }
    expect(await house.pages()).toHaveLength(4);
  });

  test("a token service with a fault: served to the end of the token, then exit 7", async () => {
    await open({ google: { lifetimes: { accessTokenMs: 6_000 } } });
    await signedIn();
    const end = house.cloud.now() + 6_000;
    const broken = house.cloud.faults.add({ host: "oauth2.googleapis.com", kind: "html" });
    await house.cloud.log.waitForArrival({ grantType: "refresh_token" });
    expect(await served()).toBe("dev@example.com");
    await untilPast(end);
    const { code, stdout, stderr } = await token();
    expect({ code, stdout }).toEqual({ code: 7, stdout: "" });
    expect(stderr).toMatch(/^evercred: The provider/);
    broken.remove();
    await vi.waitFor(async () => expect(await token()).toMatchObject({ code: 0 }), {
      timeout: 20_000,
    });
    expect(await house.pages()).toHaveLength(1);
  });
});

describe("the ADC file", () => {
  const adcFile = (): string =>
    join(house.home, ".config", "gcloud", "application_default_credentials.json");
  /** What a program of the user's gets with nothing but the file. */
  const library = (): ReturnType<typeof askNodeGoogle> =>
    askNodeGoogle({ ...house.cloud.env(), HOME: house.home });
  const put = async (text: string, mode = 0o600): Promise<void> => {
    await mkdir(dirname(adcFile()), { recursive: true });
    await writeFile(adcFile(), text, { mode });
  };

  test("adcFile: written for its owner at the sign-in, and Google's library works with it", async () => {
    await open({}, { adcFile: true, quotaProject: "example-project" });
    await signedIn();
    await eventually(() => stat(adcFile()));
    expect((await stat(adcFile())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(adcFile(), "utf8"))).toMatchObject({
      type: "authorized_user",
      client_id: client.id,
      quota_project_id: "example-project",
    });
    const { token: got = "" } = await library();
    expect(google().whose(got)).toBe("dev@example.com");
    // Where programs are asked about, none may take it from there.
    await house.evercred("config", "set", "consent", "ask");
    await eventually(() => expect(lstat(adcFile())).rejects.toThrow("ENOENT"));
    await house.evercred("config", "set", "consent", "off");
    await eventually(() => stat(adcFile()));
  });

  test("adcFile: a program that was shut out works again after the next sign-in", async () => {
    await open({}, { adcFile: true });
    await signedIn();
    await eventually(() => stat(adcFile()));
    google().expireSessions();
    expect(await library()).toMatchObject({ error: expect.stringContaining("invalid_grant") });
    const before = await readFile(adcFile(), "utf8");
    await signedIn();
    await eventually(async () => expect(await readFile(adcFile(), "utf8")).not.toBe(before));
    const { token: got = "" } = await library();
    expect(google().whose(got)).toBe("dev@example.com");
  });

  test("logout takes the file away, and leaves one of somebody else's", async () => {
    await open({}, { adcFile: true });
    await signedIn();
    await eventually(() => stat(adcFile()));
    expect(await house.evercred("logout", "google")).toMatchObject({ code: 0 });
    await expect(lstat(adcFile())).rejects.toThrow("ENOENT");
    expect(google().count("revoke")).toBe(1);
    expect(await keychainItems(house)).toBe(noKeychainItems);
  });

  test("without adcFile no file appears; gcp adc writes one and says what that means", async () => {
    await open();
    await signedIn();
    await expect(lstat(adcFile())).rejects.toThrow("ENOENT");
    const written = await house.evercred("gcp", "adc", "--quota-project", "other-project");
    expect(written).toMatchObject({ code: 0, stdout: `${adcFile()}\n` });
    expect(written.stderr).toContain("in clear");
    expect((await stat(adcFile())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(adcFile(), "utf8"))).toMatchObject({
      quota_project_id: "other-project",
    });
    const { token: got = "" } = await library();
    expect(google().whose(got)).toBe("dev@example.com");
  });

  test("gcp adc with nobody signed in writes nothing and exits 3", async () => {
    await open();
    expect(await house.evercred("gcp", "adc")).toMatchObject({ code: 3, stdout: "" });
    await expect(lstat(adcFile())).rejects.toThrow("ENOENT");
  });

  test("what else stands there stays byte for byte, with a sentence each", async () => {
    await open();
    await signedIn();
    const foreign = google().grant(google().addClient());
    const own = authorizedUserFile(google().grant(client));
    const others: readonly (readonly [string, string])[] = [
      [authorizedUserFile(foreign), "has a sign-in of another OAuth client"],
      [own.slice(0, 90), "is not whole: it holds no JSON object"],
      [own.replace("client_secret", "secret_of_client"), "is not whole: it has no client_secret"],
      ['{"type":"service_account"}', "holds credentials of service_account"],
      ['{"type":"something_else"}', "holds credentials of something_else"],
      ["{}", "holds credentials of no known kind"],
      ["[]", "holds no JSON object"],
      ["", "holds no JSON object"],
    ];
    for (const [text, sentence] of others) {
      await put(text);
      const { code, stdout, stderr } = await house.evercred("gcp", "adc", "--account", "google");
      expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(sentence)]);
      expect(await readFile(adcFile(), "utf8")).toBe(text);
    }
    // A new sign-in keeps its hands off it too.
    await put(others[0]![0]);
    await signedIn();
    expect(await served()).toBe("dev@example.com");
    expect(await readFile(adcFile(), "utf8")).toBe(others[0]![0]);
  });

  test("a link stays a link, and where it leads stays as it is", async () => {
    await open({}, { adcFile: true });
    const target = join(house.home, "elsewhere.json");
    await writeFile(target, "{}");
    await mkdir(dirname(adcFile()), { recursive: true });
    await symlink(target, adcFile());
    await signedIn();
    expect(await served()).toBe("dev@example.com");
    const written = await house.evercred("gcp", "adc", "--account", "google", "--yes");
    expect(written).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/link/) });
    expect((await lstat(adcFile())).isSymbolicLink()).toBe(true);
    expect(await readFile(target, "utf8")).toBe("{}");
  });

  test("--yes replaces another client's file and keeps it beside", async () => {
    await open();
    await signedIn();
    const text = authorizedUserFile(google().grant(google().addClient()));
    await put(text);
    const written = await house.evercred("gcp", "adc", "--account", "google", "--yes");
    expect(written).toMatchObject({ code: 0, stdout: `${adcFile()}\n` });
    const kept = `${adcFile()}.before-evercred`;
    expect(written.stderr).toContain(kept);
    expect(await readFile(kept, "utf8")).toBe(text);
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(adcFile(), "utf8"))).toMatchObject({ client_id: client.id });
  });
});
