import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { plainGoogleAsk } from "../../electron/core/google.ts";
import { googleOf, GoogleSource, googleWorld, port } from "./google.ts";
import { build, configure } from "./organisation.ts";
import { type Call, type CallerParts, minute, second, terminal, World } from "./world.ts";

let world: World;

const begin = (more: readonly string[] = [], caller: CallerParts = {}): Promise<Call> =>
  world.start(["gcp", "login", ...more], caller);

describe("gcp login on a live session", () => {
  beforeEach(async () => {
    world = await googleWorld();
    await world.signIn("google");
  });

  test("says so in one line, exits 0, opens nothing and asks nobody, for a minute", async () => {
    const calls = world.provider.calls.length;
    await world.clock.advance(minute - 1);
    const call = await begin();
    expect(await call.exit).toBe(0);
    expect([call.stdout, call.stderr]).toEqual(["Signed in to google.\n", ""]);
    expect(world.pages).toBe(0);
    expect(world.provider.calls).toHaveLength(calls);
  });

  test("has Google confirm it after that", async () => {
    await world.clock.advance(minute);
    expect(await (await begin()).exit).toBe(0);
    expect(world.provider.count("renew")).toBe(1);
    expect(world.pages).toBe(0);
  });

  test("asks for a sign-in where Google says that it is over", async () => {
    await world.clock.advance(minute);
    world.provider.fail("renew", "reauth-needed");
    const call = await begin();
    expect(world.pages).toBe(1);
    world.approve("google");
    expect(await call.exit).toBe(0);
  });

  test.each(["client-rejected", "account-disabled"] as const)(
    "is exit code 5, and no page, where a sign-in would not help: %s",
    async (code) => {
      await world.clock.advance(minute);
      world.provider.fail("renew", code);
      for (const call of [await begin(), await begin()]) {
        expect(await call.exit).toBe(5);
        expect(call.stderr).toContain(new EvercredError(code).message);
      }
      expect(world.pages).toBe(0);
    },
  );

  test("stands by it where Google cannot be reached, within 5 seconds", async () => {
    await world.clock.advance(minute);
    const answer = world.provider.hold("renew");
    const call = await begin();
    await world.clock.advance(5 * second);
    expect(await call.exit).toBe(0);
    answer();
  });

  test("doubts the token: the next one is a new one", async () => {
    const first = await world.run(["gcp", "token"]);
    await world.clock.advance(minute);
    await (
      await begin()
    ).exit;
    expect((await world.run(["gcp", "token"])).stdout).not.toBe(first.stdout);
  });

  test("is exit code 5 where the token is known to be refused", async () => {
    const sentence = "You may not become build.";
    world.provider.fail("issue", new EvercredError("access-denied", sentence));
    await world.run(["gcp", "token"]);
    const call = await begin();
    expect(await call.exit).toBe(5);
    expect(call.stderr).toContain(sentence);
    expect(world.pages).toBe(0);
  });

  test("is exit code 7 where the access token has ended and Google cannot be reached", async () => {
    world.provider.outage = "unreachable";
    await world.clock.advance(61 * minute);
    const call = await begin();
    expect(await call.exit).toBe(7);
    expect(world.pages).toBe(0);
  });
});

describe("gcp login where nobody is signed in", () => {
  beforeEach(async () => {
    world = await googleWorld({ google: {}, other: {} });
    world.defaultGoogleSource = "other";
  });

  test("prints the address, opens the page once, and then the result", async () => {
    const call = await begin(["--account", "google"]);
    const { url } = world.browser.opened[0]!;
    expect(call.stdout).toBe(`${url}\n`);
    expect(call.stderr).toBe("The page is open in your browser. Waiting for you to sign in…\n");
    world.approve("google");
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe(`${url}\nSigned in to google.\n`);
  });

  test("takes the configured source", async () => {
    const call = await begin();
    world.approve("other");
    expect(await call.exit).toBe(0);
  });

  test("gives up at 165 seconds with exit code 6, and the sign-in stays open", async () => {
    const call = await begin();
    await world.clock.advance(165 * second - 1);
    expect(call.stderr.trimEnd().split("\n")).toHaveLength(1);
    await world.clock.advance(1);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain(
      "Nobody has signed in to other yet. The sign-in stays open: finish it in the tray, or at the address above.\n",
    );
    expect(world.session("other").signInOpen).toBeDefined();
  });

  test("waits for somebody to come back where a program asks, not where a terminal does", async () => {
    world.presence.leave();
    const call = await begin();
    expect(world.pages).toBe(0);
    expect(call.stderr).toContain("Nobody is here just now");
    await begin([], { terminal });
    expect(world.pages).toBe(1);
  });
});

describe("gcp login of what needs nobody", () => {
  beforeEach(async () => {
    world = await World.make({ sources: {} });
    const { file } = build(world);
    const key = new GoogleSource(world, "key", {
      kind: "google-adc",
      unattended: true,
      boundTo: "the keys of build",
      shared: file,
    });
    await configure(world, { key });
  });

  test("is done where a token can be had", async () => {
    const call = await begin();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe("key needs no sign-in.\n");
    expect(googleOf(world, "key").asked).toEqual([plainGoogleAsk]);
  });

  test("is exit code 7 where Google cannot be reached", async () => {
    world.provider.outage = "unreachable";
    expect(await (await begin()).exit).toBe(7);
  });
});

const ending = `http://127.0.0.1:${port}/?code=abc`;
const paste = "Or paste the address of the page that did not load:\n";
const here = "Open the address on this computer to sign in. Waiting…\n";
const over = (connection: string): CallerParts => ({ env: { SSH_CONNECTION: connection } });

describe("gcp login where the browser is on another computer", () => {
  beforeEach(async () => {
    world = await googleWorld();
  });

  test.each([
    ["192.0.2.1 50000 198.51.100.7 22", `ssh -L ${port}:127.0.0.1:${port} 198.51.100.7`],
    ["fe80::1 50000 fe80::2%eth0 22", `ssh -L ${port}:127.0.0.1:${port} fe80::2%eth0`],
    ["192.0.2.1 50000 198.51.100.7 2222", `ssh -p 2222 -L ${port}:127.0.0.1:${port} 198.51.100.7`],
    ["192.0.2.1 50000 198.51.100.7", `ssh -L ${port}:127.0.0.1:${port} 198.51.100.7`],
  ])("says how the page gets back here: %s", async (connection, command) => {
    const call = await begin([], over(connection));
    expect(call.stdout).toMatch(/^https:\/\/corp\.example\/sign-in\/\S+\n$/);
    expect(call.stderr).toBe(
      `Where your browser is, run this first, then open the address there. Waiting…\n${command}\n`,
    );
    expect(world.pages).toBe(0);
    world.approve("google");
    expect(await call.exit).toBe(0);
  });

  test.each(["x", "1 2 -oProxyCommand=x 22", "1 2 $(x) 22", "1 2 a;b 22"])(
    "says nothing that a shell could take for more than a host: %s",
    async (connection) => {
      expect((await begin([], over(connection))).stderr).toBe(here);
    },
  );

  test.each(["https://sdk.cloud.example:8085/done", "http://127.0.0.1/", "urn:x", "else"])(
    "says nothing of a way back where the page does not end at a port here: %s",
    async (redirect) => {
      googleOf(world).redirect = redirect;
      expect((await begin([], over("1 2 198.51.100.7 22"))).stderr).toBe(here);
    },
  );

  test("takes the address of the page that did not load, without echo", async () => {
    const call = await begin(["--no-browser"], { terminal, types: ["", `  ${ending} `] });
    expect(await call.exit).toBe(0);
    expect(call.stderr).toBe(here + paste);
    expect(call.questions).toEqual(["h", "h"]);
    expect(googleOf(world).pasted).toEqual([ending]);
  });

  test("asks again for one that is not the end of this sign-in, and says so", async () => {
    const types = ["https://accounts.example/", ending];
    const call = await begin([], { ...over("1 2 198.51.100.7 22"), terminal, types });
    expect(await call.exit).toBe(0);
    expect(call.stderr).toContain(
      `${paste}That is not where this sign-in ends. Paste the whole address of that page:\n`,
    );
  });

  test("is done where the page comes back by itself", async () => {
    const types = [new Promise<string>(() => undefined)];
    const call = await begin(["--no-browser"], { terminal, types });
    expect(call.questions).toEqual(["h"]);
    world.approve("google");
    expect(await call.exit).toBe(0);
  });

  test("waits on at the end of input", async () => {
    const call = await begin(["--no-browser"], { terminal });
    expect(call.questions).toEqual(["h"]);
    world.approve("google");
    expect(await call.exit).toBe(0);
  });

  test("does not ask where nobody can answer", async () => {
    const call = await begin(["--no-browser", "-q"], { terminal, types: [ending] });
    expect(call.questions).toEqual([]);
    const other = await begin(["--no-browser"], { types: [ending] });
    expect([other.questions, other.stderr]).toEqual([[], here]);
  });

  test("takes it too where no page can be opened here, or opening one has failed", async () => {
    world.browser.broken = true;
    const call = await begin([], { terminal, types: [ending] });
    expect(await call.exit).toBe(0);
    expect(call.stderr).toBe(here + paste);
  });

  test("does not ask for it where the page is open", async () => {
    const call = await begin([], { terminal, types: [ending] });
    expect([call.questions, world.pages]).toEqual([[], 1]);
  });

  test("shows it nowhere", async () => {
    const lines: string[] = [];
    world.context.trace((line) => lines.push(line));
    const call = await begin(["--no-browser", "--debug"], {
      terminal,
      types: ["x?code=q", ending],
    });
    expect(await call.exit).toBe(0);
    expect(call.stdout + call.stderr + lines.join("")).not.toMatch(/code=/);
  });

  test("says where the page is where it has been opened already", async () => {
    await begin();
    const call = await begin([], { ...over("1 2 198.51.100.7 22"), terminal });
    expect(call.stderr).toBe("The page is open in your browser. Waiting for you to sign in…\n");
    expect(call.questions).toEqual([]);
  });

  test("joins the page that is open, which stays as it is", async () => {
    const first = await begin();
    const call = await begin(["--no-browser"]);
    expect(call.stdout).toBe(first.stdout);
    expect(world.provider.count("sign-in")).toBe(1);
    const person = await world.start(["login", "google", "--device-code"]);
    expect(person.stdout).toBe(first.stdout);
    world.approve("google");
    expect(await Promise.all([first.exit, call.exit, person.exit])).toEqual([0, 0, 0]);
  });

  test("puts the next question in its place where somebody else signs in", async () => {
    world.provider.person = "ann";
    await world.signIn("google");
    await world.run(["gcp", "token"]);
    await world.settle();
    let type: (line: string) => void = () => undefined;
    const line = new Promise<string>((resolve) => {
      type = resolve;
    });
    const call = await world.start(["login", "google", "--no-browser"], {
      terminal,
      types: [line],
    });
    world.provider.person = "bob";
    world.approve("google");
    await world.settle();
    expect(call.stderr).toContain("Go on as bob? [y/N]\n");
    expect(call.questions).toEqual(["h"]);
    type("y");
    expect(await call.exit).toBe(0);
    expect(world.session("google").account).toBe("bob");
    expect(googleOf(world).pasted).toEqual([]);
  });
});
