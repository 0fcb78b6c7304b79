import { mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  authorizedUserFile,
  externalAccountAuthorizedUserFile,
  externalAccountFile,
  impersonatedFile,
  serviceAccountFile,
} from "../fakes/cloud/google/files.ts";
import { hasGcloud } from "../fakes/cloud/google/gcloud.ts";
import type { PersonGrant } from "../fakes/cloud/google/person-grants.ts";
import { type Pool, principalOf, tokenTypes } from "../fakes/cloud/google/pools.ts";
import { listen } from "../fakes/cloud/listening.ts";
import {
  adcFileOf,
  callerOf,
  configure,
  googleOnly,
  setUpGcloud,
  sourceOf,
  stateOf,
  tokenIn,
  writeTo,
} from "./google-home.ts";
import { type House, type HouseOptions, openHouse } from "./house.ts";

let house: House;
let grant: PersonGrant;

afterEach(async () => {
  await house.close();
});

/** A home in which gcloud has signed dev@example.com in, and nothing is configured. */
const open = async (options: HouseOptions = {}): Promise<House> => {
  house = await openHouse({ ...googleOnly, ...options });
  grant = house.cloud.google.grant(await setUpGcloud(house));
  await writeTo(adcFileOf(house), authorizedUserFile(grant));
  return house;
};

/** Access tokens that last so short that a test sees their end. */
const short = { google: { lifetimes: { accessTokenMs: 3_000 } } };

const patient = { timeout: 15_000, interval: 100 };

/** Has the organisation ask again, and waits until what was given out before is no longer good. */
const expire = async (): Promise<void> => {
  house.cloud.google.lifetimes.accessTokenMs = 1_000;
  await vi.waitFor(async () => {
    house.cloud.google.expireSessions();
    expect(await house.evercred("gcp", "token")).toMatchObject({ code: 3 });
  }, patient);
  house.cloud.google.lifetimes.accessTokenMs = 3_600_000;
};

describe.runIf(hasGcloud)("where gcloud has signed in", () => {
  test("nothing needs to be configured, and its file stays as it is", async () => {
    await open();
    const before = await stateOf(adcFileOf(house));
    const token = tokenIn(await house.evercred("gcp", "token"));
    expect(await callerOf(house, token)).toBe("dev@example.com");
    const { stdout } = await house.evercred("status");
    expect(stdout).toMatch(/^adc {2}accounts\.google\.com {2}.*kept by gcloud/m);
    expect(await sourceOf(house, "adc")).toMatchObject({
      state: "active",
      keptBy: "gcloud",
      unattended: false,
    });
    // The second one comes from memory.
    expect(tokenIn(await house.evercred("gcp", "token"))).toBe(token);
    expect(await stateOf(adcFileOf(house))).toEqual(before);
  });

  test("access tokens are renewed with nobody asking, and nobody ever gets one that has ended", async () => {
    await open(short);
    const first = tokenIn(await house.evercred("gcp", "token"));
    await vi.waitFor(() => {
      expect(house.cloud.google.count("refresh")).toBeGreaterThanOrEqual(4);
    }, patient);
    expect(house.cloud.google.whose(first)).toBeUndefined();
    const next = tokenIn(await house.evercred("gcp", "token"));
    expect(house.cloud.google.whose(next)).toBe("dev@example.com");
  });

  test("when the organisation asks again that is said, gcloud signs in with one page, and all works again", async () => {
    await open(short);
    tokenIn(await house.evercred("gcp", "token"));
    await expire();
    const refused = await house.evercred("gcp", "token");
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("organisation asks for a new sign-in");
    expect((await house.evercred("status")).stdout).toContain("organisation");
    expect(await sourceOf(house, "adc")).toMatchObject({
      state: "signed-out",
      error: { code: "reauth-needed" },
    });
    expect(await house.pages()).toEqual([]);

    const before = await stateOf(adcFileOf(house));
    // As Claude Code runs gcpAuthRefresh.
    const login = await house.run("/bin/sh", ["-c", `${house.shim} gcp login`]);
    expect(login).toMatchObject({ code: 0 });
    // What gcloud says, and then how it went.
    expect(login.stdout).toContain("Your browser has been opened to visit");
    expect(login.stdout).toContain(adcFileOf(house));
    expect(login.stdout.trimEnd().split("\n").at(-1)).toMatch(/^Signed in to adc/);
    const pages = await house.pages();
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatch(/^https:\/\/accounts\.google\.com\//);
    expect(login.stdout).toContain(pages[0]);
    expect((await stateOf(adcFileOf(house))).text).not.toBe(before.text);
    const token = tokenIn(await house.evercred("gcp", "token"));
    expect(await callerOf(house, token)).toBe("dev@example.com");

    const again = await house.evercred("gcp", "login");
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(await house.pages()).toHaveLength(1);
  });

  test("who denies it at Google is told so, and the file stays", async () => {
    await open({ ...short, person: "denies" });
    tokenIn(await house.evercred("gcp", "token"));
    await expire();
    const before = await stateOf(adcFileOf(house));
    const login = await house.evercred("gcp", "login");
    expect(login.code).toBe(5);
    expect(login.stderr).toContain("gcloud has ended without a sign-in (exit code 1)");
    expect(await house.pages()).toHaveLength(1);
    expect(await stateOf(adcFileOf(house))).toEqual(before);
  });

  test("a sign-in with gcloud by hand is taken over at once", async () => {
    await open(short);
    tokenIn(await house.evercred("gcp", "token"));
    await expire();
    const by = { BROWSER: `${house.env["BROWSER"] ?? ""} %s &`, DISPLAY: ":0" };
    const words = ["auth", "application-default", "login"];
    expect(await house.run("/usr/bin/gcloud", words, by)).toMatchObject({ code: 0 });
    await vi.waitFor(async () => {
      const token = tokenIn(await house.evercred("gcp", "token"));
      expect(await callerOf(house, token)).toBe("dev@example.com");
    }, patient);
    expect(await sourceOf(house, "adc")).toMatchObject({ state: "active" });
  });

  test("another person's sign-in in the file is that one's from then on", async () => {
    await open();
    tokenIn(await house.evercred("gcp", "token"));
    house.cloud.google.addPerson("ann@example.com");
    const other = house.cloud.google.grant(grant.client, "ann@example.com");
    await writeFile(adcFileOf(house), authorizedUserFile(other));
    await vi.waitFor(async () => {
      const token = tokenIn(await house.evercred("gcp", "token"));
      expect(await callerOf(house, token)).toBe("ann@example.com");
    }, patient);
  });

  test("logout --all leaves gcloud its sign-in and its file", async () => {
    await open();
    const before = await stateOf(adcFileOf(house));
    const token = tokenIn(await house.evercred("gcp", "token"));
    const left = await house.evercred("logout", "--all");
    expect(left).toMatchObject({ code: 0, stderr: "" });
    expect(left.stdout).toContain("To end that too: evercred logout adc");
    expect(house.cloud.google.count("revoke")).toBe(0);
    expect(house.cloud.google.whose(token)).toBe("dev@example.com");
    expect(await house.evercred("gcp", "token")).toMatchObject({ code: 3, stdout: "" });
    expect(await stateOf(adcFileOf(house))).toEqual(before);
  });

  test("logout adc ends it at Google, and the file stays", async () => {
    await open();
    const before = await stateOf(adcFileOf(house));
    const token = tokenIn(await house.evercred("gcp", "token"));
    expect(await house.evercred("logout", "adc")).toMatchObject({ code: 0, stderr: "" });
    expect(house.cloud.google.count("revoke")).toBe(1);
    expect(house.cloud.google.whose(token)).toBeUndefined();
    expect(await house.evercred("gcp", "token")).toMatchObject({ code: 3, stdout: "" });
    expect(await stateOf(adcFileOf(house))).toEqual(before);
  });

  test("a file that goes takes its source along, and one that comes brings it", async () => {
    await open();
    tokenIn(await house.evercred("gcp", "token"));
    const aside = join(house.home, "aside.json");
    await rename(adcFileOf(house), aside);
    await vi.waitFor(async () => {
      expect(await sourceOf(house, "adc")).toBeUndefined();
    }, patient);
    expect(await house.evercred("gcp", "token")).toMatchObject({ code: 2, stdout: "" });
    await rename(aside, adcFileOf(house));
    await vi.waitFor(async () => {
      tokenIn(await house.evercred("gcp", "token"));
    }, patient);
  });
});

/** What can be wrong with a file: how it becomes so, and what is said of it. */
const faults: Readonly<Record<string, readonly [(file: string) => Promise<unknown>, RegExp]>> = {
  "is cut off": [
    async (file) => writeFile(file, (await readFile(file, "utf8")).slice(0, 150)),
    /is not whole: it holds no JSON object/,
  ],
  "is of a type that nobody knows": [
    (file) => writeFile(file, JSON.stringify({ type: "magic" })),
    /their type is "magic"/,
  ],
  "lacks its secret": [
    async (file) => {
      const whole = JSON.parse(await readFile(file, "utf8")) as object;
      await writeFile(file, JSON.stringify({ ...whole, client_secret: undefined }));
    },
    /has no usable client_secret/,
  ],
  "is a link that leads nowhere": [
    async (file) => {
      await rm(file);
      await symlink(join(file, "..", "elsewhere"), file);
    },
    /is a link that leads nowhere/,
  ],
  "is a folder's": [
    async (file) => {
      await rm(file);
      await symlink("/", file);
    },
    /is not a file/,
  ],
};

describe("a file that is broken", () => {
  test("status says which and why, the daemon goes on, and mended it is used", async () => {
    house = await openHouse(googleOnly);
    grant = house.cloud.google.grant(house.cloud.google.addClient());
    const file = adcFileOf(house);
    const pid = await house.daemonPid();
    for (const [name, [spoil, said]] of Object.entries(faults)) {
      await writeTo(file, authorizedUserFile(grant));
      await spoil(file);
      await vi.waitFor(async () => {
        const { code, stdout } = await house.evercred("status");
        expect([name, code, stdout]).toEqual([name, 0, expect.stringMatching(said)]);
        expect(stdout).toContain(file);
      }, patient);
      await rm(file);
      await vi.waitFor(async () => {
        expect(await sourceOf(house, "adc")).toBeUndefined();
      }, patient);
    }
    await writeTo(file, authorizedUserFile(grant));
    await vi.waitFor(async () => {
      const token = tokenIn(await house.evercred("gcp", "token"));
      expect(await callerOf(house, token)).toBe("dev@example.com");
    }, patient);
    expect((await house.evercred("status")).stdout).not.toContain("!");
    expect(await house.daemonPid()).toBe(pid);
  });

  test("while somebody writes it, what it was before goes on", async () => {
    await open();
    const file = adcFileOf(house);
    const token = tokenIn(await house.evercred("gcp", "token"));
    await writeFile(file, authorizedUserFile(grant).slice(0, 100));
    await vi.waitFor(async () => {
      expect((await house.evercred("status")).stdout).toMatch(/is not whole/);
    }, patient);
    expect(tokenIn(await house.evercred("gcp", "token"))).toBe(token);
  });
});

describe("files of other kinds", () => {
  const audience = "https://service.example.com";

  /** Writes such files, each of which is a source of the name that it has here. */
  const openWith = async (
    files: (house: House) => Promise<Readonly<Record<string, string>>>,
    more: Readonly<Record<string, object>> = {},
    mode = 0o600,
  ): Promise<(id: string) => string> => {
    house = await openHouse(googleOnly);
    const pathOf = (id: string): string => join(house.home, "keys", `${id}.json`);
    const sources: Record<string, object> = {};
    for (const [id, text] of Object.entries(await files(house))) {
      sources[id] = {
        ...{ kind: "google-adc", file: await writeTo(pathOf(id), text, mode) },
        ...more[id],
      };
    }
    await configure(house, { sources });
    return pathOf;
  };

  const tokenOf = async (id: string, ...more: readonly string[]): Promise<string> =>
    tokenIn(await house.evercred("gcp", "token", "--account", id, ...more));

  test("a key of a service account and a person who becomes one need nobody, and prove both kinds of token", async () => {
    let emails: readonly string[] = [];
    await openWith(async ({ cloud: { google } }) => {
      const robot = google.addServiceAccount("robot");
      const other = google.addServiceAccount("other");
      const last = google.addServiceAccount("last");
      emails = [robot, other, last].map(({ email }) => email);
      const person = google.grant(google.addClient());
      google.allowImpersonation("dev@example.com", other);
      google.allowImpersonation(other.email, last);
      return {
        robot: serviceAccountFile(robot),
        person: authorizedUserFile(person),
        becomes: impersonatedFile(authorizedUserFile(person), other.email),
      };
    });
    const [robot = "", other = "", last = ""] = emails;
    expect(await callerOf(house, await tokenOf("robot"))).toBe(robot);
    expect(await callerOf(house, await tokenOf("person"))).toBe("dev@example.com");
    expect(await callerOf(house, await tokenOf("becomes"))).toBe(other);
    expect(await callerOf(house, await tokenOf("becomes", "--impersonate", last))).toBe(last);
    const chain = `${other},${last}`;
    expect(await callerOf(house, await tokenOf("person", "--impersonate", chain))).toBe(last);
    const { google } = house.cloud;
    const idToken = async (...words: readonly string[]): Promise<unknown> =>
      google.claimsOf(tokenIn(await house.evercred("gcp", "id-token", ...words)));
    const wanted = ["--audience", audience, "--account"];
    expect(await idToken(...wanted, "robot")).toMatchObject({ aud: audience, email: robot });
    expect(await idToken(...wanted, "becomes")).toMatchObject({ aud: audience, email: other });
    expect(await idToken(...wanted, "person", "--impersonate", other)).toMatchObject({
      ...{ aud: audience, email: other },
    });
    const refused = await house.evercred("gcp", "id-token", ...wanted, "person");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("cannot choose an audience");
    // Nobody has to sign in to a key, and nobody is asked to.
    const login = await house.evercred("gcp", "login", "--account", "robot");
    expect(login).toMatchObject({ code: 0, stdout: "robot needs no sign-in.\n" });
    expect(await house.pages()).toEqual([]);
    expect(await sourceOf(house, "robot")).toMatchObject({ state: "active", unattended: true });
  });

  test("an outside identity is proven by a file, an address, and a program only where that is allowed", async () => {
    const { server, port, give } = await startIssuer();
    let pool: Pool | undefined;
    await openWith(
      async ({ home, cloud: { google } }) => {
        pool = google.addPool({ kind: "workload" });
        const subject = google.subjectToken(pool, "job-1");
        give(subject);
        const robot = google.addServiceAccount("robot");
        google.allowImpersonation(principalOf(pool, "job-1"), robot);
        const file = await writeTo(join(home, "subject"), subject);
        const said = { version: 1, success: true, token_type: tokenTypes.jwt, id_token: subject };
        const command = join(home, "prove");
        const script = `#!/bin/sh\necho run >> "$0.runs"\necho '${JSON.stringify(said)}'\n`;
        await writeTo(command, script, 0o700);
        const url = `http://127.0.0.1:${String(port)}/token`;
        const format = { type: "json", subject_token_field_name: "jwt" };
        return {
          file: externalAccountFile(pool, { file }),
          url: externalAccountFile(pool, { url, headers: { "X-Ask": "yes" }, format }, robot.email),
          forbidden: externalAccountFile(pool, { executable: { command } }),
          allowed: externalAccountFile(pool, { executable: { command } }),
        };
      },
      { allowed: { allowExecutables: true } },
    );
    if (pool === undefined) throw new Error("There is no pool.");
    const job = principalOf(pool, "job-1");
    expect(await callerOf(house, await tokenOf("file"))).toBe(job);
    expect(await callerOf(house, await tokenOf("url"))).toMatch(/^robot@/);
    const refused = await house.evercred("gcp", "token", "--account", "forbidden");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("allowExecutables");
    await expect(readFile(join(house.home, "prove.runs"), "utf8")).rejects.toThrow("ENOENT");
    expect(await callerOf(house, await tokenOf("allowed"))).toBe(job);
    expect(await readFile(join(house.home, "prove.runs"), "utf8")).toBe("run\n");
    server.close();
  });

  test("where a renewal changes the refresh token of a workforce sign-in, the file gets the new one and keeps the rest", async () => {
    let pool: Pool | undefined;
    const pathOf = await openWith(
      async ({ cloud: { google } }) => {
        pool = google.addPool({ rotation: "always" });
        const signedIn = google.workforceGrant(pool, google.addClient());
        return {
          people: externalAccountAuthorizedUserFile(signedIn, {
            note: "keep",
            quota_project_id: "q",
          }),
        };
      },
      {},
      0o640,
    );
    if (pool === undefined) throw new Error("There is no pool.");
    house.cloud.google.lifetimes.accessTokenMs = 3_000;
    const before = JSON.parse((await stateOf(pathOf("people"))).text) as { refresh_token: string };
    const first = await tokenOf("people");
    expect(await callerOf(house, first)).toBe(principalOf(pool, "dev@example.com"));
    await vi.waitFor(() => {
      expect(house.cloud.google.count("workforce-refresh")).toBeGreaterThanOrEqual(3);
    }, patient);
    house.cloud.google.lifetimes.accessTokenMs = 3_600_000;
    await vi.waitFor(async () => {
      expect(await callerOf(house, await tokenOf("people"))).toBe(
        principalOf(pool as Pool, "dev@example.com"),
      );
      const { text, mode } = await stateOf(pathOf("people"));
      const after = JSON.parse(text) as typeof before;
      expect(mode).toBe(0o640);
      expect(after.refresh_token).not.toBe(before.refresh_token);
      expect({ ...after, refresh_token: "" }).toEqual({ ...before, refresh_token: "" });
      const spent = house.cloud.google.presentations().map(({ refreshToken }) => refreshToken);
      expect(spent).not.toContain(after.refresh_token);
    }, patient);
    const outcomes = house.cloud.google.presentations().map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(["renewed"]));
  });
});

/** Says who somebody is, at an address of this machine. */
const startIssuer = async (): Promise<{
  readonly server: ReturnType<typeof createServer>;
  readonly port: number;
  readonly give: (token: string) => void;
}> => {
  let subject = "";
  const server = createServer((request, response) => {
    if (request.headers["x-ask"] !== "yes") response.writeHead(403).end();
    else response.end(JSON.stringify({ jwt: subject }));
  });
  const port = await listen(server);
  return {
    server,
    port,
    give: (token) => {
      subject = token;
    },
  };
};

/** A daemon that sees no gcloud, wherever that is: only the system's administrator can make it so. */
const withoutGcloud = async (): Promise<HouseOptions> => {
  const bin = await mkdtemp(join(tmpdir(), "no-gcloud-"));
  const headless = join(import.meta.dirname, "..", "..", "dist", "headless.cjs");
  const hide = `/usr/bin/mount -t tmpfs none /usr/lib/google-cloud-sdk && exec "$0" "$@"`;
  const words = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", hide];
  const start = [...words, process.execPath, headless, "--background"];
  return { launch: `headless\t${start.join("\t")}\n`, env: { PATH: bin } };
};

test.runIf(hasGcloud && process.getuid?.() === 0)(
  "where gcloud is not there, that is said with both ways out, and nothing is opened",
  async () => {
    await open(await withoutGcloud());
    house.cloud.google.revokeAll();
    await vi.waitFor(async () => {
      expect(await house.evercred("gcp", "token")).toMatchObject({ code: 3 });
    }, patient);
    const { code, stdout, stderr } = await house.evercred("gcp", "login");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("gcloud, which keeps this sign-in, is not found.");
    expect(stderr).toContain("Install gcloud");
    expect(stderr).toContain("a source of kind google with a client of your own");
    expect(await house.pages()).toEqual([]);
  },
);
