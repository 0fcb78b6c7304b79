import { beforeEach, describe, expect, test } from "vitest";
import { gcloudWorld, type GoogleSource } from "./google.ts";
import { type Call, type CallerParts, second, terminal, type World } from "./world.ts";

let world: World;
let source: GoogleSource;

beforeEach(async () => {
  ({ world, source } = await gcloudWorld(false));
});

const login = (words: readonly string[] = ["login"], parts: CallerParts = {}): Promise<Call> =>
  world.start(words, parts);

const open = "The page is open in your browser. Waiting for you to sign in…\n";

describe("a sign-in that a program does", () => {
  test.each([[["login"]], [["login", "adc"]], [["gcp", "login"]]])(
    "shows its lines as they come, cleaned, and its address once: %j",
    async (words) => {
      const call = await login(words);
      const { url } = world.browser.opened[0]!;
      expect(call.stdout).toBe(`Opening the page…\nGo to ${url}\n[1mand come back [0m\n`);
      expect(call.stderr).toBe(open);
      source.visits[0]!.approve();
      expect(await call.exit).toBe(0);
      expect(call.stdout.endsWith("Signed in to adc.\n")).toBe(true);
    },
  );

  test("shows them aside where something else is asked for", async () => {
    const call = await login(["gcp", "token", "--sign-in"]);
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
    expect(call.stdout).toBe("ya29.ASIA1\n");
    expect(call.stderr).toContain("Opening the page…\nGo to https://");
  });

  test("shows the address where the program itself has not", async () => {
    source.prints = ["Look into your browser."];
    const call = await login();
    const { url } = world.browser.opened[0]!;
    expect(call.stdout).toBe(`Opening the page…\nLook into your browser.\n${url}\n`);
  });

  test("prints no line that is empty", async () => {
    source.prints = ["", " \u0007 ", "Now."];
    expect((await login()).stdout).toMatch(/^Opening the page…\nNow\.\nhttps:/);
  });

  test("needs no page", async () => {
    source.hasPage = false;
    source.prints = ["Touch your key."];
    const call = await login();
    expect([call.stdout, call.stderr]).toEqual(["Opening the page…\nTouch your key.\n", ""]);
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("is told from its start to who joins it, and nothing twice", async () => {
    const first = await login();
    const other = await login(["gcp", "login"]);
    expect(other.stdout).toBe(first.stdout);
    expect(world.provider.count("sign-in")).toBe(1);
    source.visits[0]!.approve();
    expect(await Promise.all([first.exit, other.exit])).toEqual([0, 0]);
  });

  test("says at once that it waits for somebody, and goes on when somebody is back", async () => {
    world.presence.leave();
    const call = await login(["gcp", "login"]);
    const waiting =
      "Nobody is here just now: the sign-in begins when somebody unlocks this computer. Waiting…\n";
    expect([call.stdout, call.stderr]).toEqual(["", waiting]);
    expect(world.provider.count("sign-in")).toBe(0);
    world.presence.comeBack();
    await world.settle();
    expect(call.stdout).toContain("Go to https://");
    expect(call.stderr).toBe(waiting);
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("says at once that it waits for somebody who wants to be asked later", async () => {
    world.presence.beBusy(true);
    const call = await login(["gcp", "login"]);
    expect([call.stdout, call.stderr]).toEqual([
      "",
      "Whoever is here wants to be asked later: the sign-in begins then, or from the tray. Waiting…\n",
    ]);
    expect(world.provider.count("sign-in")).toBe(0);
    world.presence.beBusy(false);
    await world.settle();
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
  });

  test("says at once that it does not begin again by itself", async () => {
    const first = await login(["gcp", "login"]);
    source.visits[0]!.refuse();
    expect(await first.exit).toBe(5);
    const call = await login(["gcp", "login"]);
    expect(call.stderr).toBe(
      "The last sign-in was not finished, so none begins by itself. Use the tray or: evercred login. Waiting…\n",
    );
    await world.clock.advance(165 * second);
    expect(await call.exit).toBe(6);
    expect(call.stderr).toContain("The sign-in stays open: finish it in the tray.\n");
  });

  test("says where the address is to be opened where no page may be", async () => {
    const call = await login(["login", "--no-browser"], { terminal });
    expect(call.stderr).toBe("Open the address on this computer to sign in. Waiting…\n");
    expect(world.pages).toBe(0);
  });

  test("says how its page gets back here over SSH, and asks for no address", async () => {
    source.redirect = "http://localhost:8085/";
    const env = { SSH_CONNECTION: "192.0.2.1 50000 198.51.100.7 22" };
    const call = await login(["login"], { terminal, env });
    expect(call.stderr).toBe(
      "Where your browser is, run this first, then open the address there. Waiting…\nssh -L 8085:127.0.0.1:8085 198.51.100.7\n",
    );
    expect(call.questions).toEqual([]);
  });

  test("tells a caller that has left nothing more, and goes on", async () => {
    source.hasPage = false;
    const call = await login();
    call.leave();
    await call.exit;
    const before = call.stdout;
    source.tell("Half of it is done.");
    source.visits[0]!.approve();
    await world.settle();
    expect(call.stdout).toBe(before);
    expect(world.session("adc").isLive).toBe(true);
  });
});
