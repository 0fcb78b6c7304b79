import { beforeEach, describe, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { gcloudSource, gcloudWorld, type GoogleSource } from "./google.ts";
import { build, configure } from "./organisation.ts";
import type { World } from "./world.ts";
import { hour, minute, terminal } from "./world.ts";

let world: World;
let source: GoogleSource;

beforeEach(async () => {
  ({ world, source } = await gcloudWorld(true));
});

const left =
  "Signed out of adc here; what gcloud keeps goes on. To end that too: evercred logout adc\n";

describe("logout of what gcloud keeps", () => {
  test("ends it for all where it is named, and says what becomes of its file", async () => {
    expect(await world.run(["logout", "adc"])).toMatchObject({
      exit: 0,
      stdout: "Signed out of adc. The file that gcloud keeps stays, and is no longer good.\n",
      stderr: "",
    });
    expect(world.provider.count("revoke")).toBe(1);
  });

  test("says so where Google could not be told", async () => {
    world.provider.outage = "unreachable";
    expect(await world.run(["logout", "adc"])).toMatchObject({
      stdout: "Signed out of adc.\n",
      stderr: expect.stringContaining("could not be told") as string,
    });
  });

  test.each([[["logout"]], [["logout", "--all"]]])("only leaves it: %j", async (words) => {
    expect(await world.run(words)).toMatchObject({ exit: 0, stdout: left, stderr: "" });
    expect(world.provider.count("revoke")).toBe(0);
    expect(world.session("adc").isSignedIn).toBe(false);
  });

  test("only leaves it where it was picked by its number", async () => {
    const other = gcloudSource(world, "other");
    other.file.leave(world.provider.signIn(other.source.boundTo));
    await configure(world, { adc: source, other: other.source });
    const { stdout } = await world.run(["logout"], { terminal, types: ["1"] });
    expect(stdout).toBe(left);
  });

  test("--all ends all that is ours", async () => {
    await configure(world, { adc: source, corp: {} });
    await world.signIn("corp");
    expect((await world.run(["logout", "--all"])).stdout).toBe(`${left}Signed out of corp.\n`);
    expect(world.provider.count("revoke")).toBe(1);
  });
});

describe("login to what gcloud keeps", () => {
  test("runs its program after it was left", async () => {
    await world.run(["logout", "--all"]);
    const call = await world.start(["login"]);
    expect(call.stdout).toContain("Go to https://");
    source.visits[0]!.approve();
    expect(await call.exit).toBe(0);
    expect(world.session("adc").isLive).toBe(true);
  });
});

describe("status of what gcloud keeps", () => {
  test("says who keeps it and when a sign-in is needed, once", async () => {
    world.memo.set("session-ms:adc", String(8 * hour));
    world.provider.person = "ann@example.com";
    world.memo.set("account:adc", "ann@example.com");
    await world.run(["gcp", "token"]);
    const { stdout } = await world.run(["status"]);
    const [, , line, ...details] = stdout.split("\n");
    expect(line).toBe(
      `adc  corp.example  kept by gcloud; sign-in needed about ${world.timeIn(8 * hour)}`,
    );
    expect(details).toEqual([
      "  signed in as ann@example.com",
      `  adc  access token  token until ${world.timeIn(hour)}`,
      "",
    ]);
  });

  test("says when a sign-in is needed while one is open", async () => {
    world.memo.set("session-ms:adc", String(8 * hour));
    const call = await world.start(["login", "adc"]);
    const { stdout } = await world.run(["status"]);
    expect(stdout).toContain(`\n  sign-in needed about ${world.timeIn(8 * hour)}\n`);
    call.leave();
  });

  test("says when a sign-in is needed also while Google cannot be reached", async () => {
    world.memo.set("session-ms:adc", String(8 * hour));
    world.provider.outage = "unreachable";
    await world.clock.advance(45 * minute);
    const { stdout } = await world.run(["status"]);
    expect(stdout).toContain("the provider cannot be reached");
    expect(stdout).toContain("\n  sign-in needed about ");
  });

  test("--json names who keeps it", async () => {
    await configure(world, { adc: source, corp: {}, build: build(world).source });
    const { stdout } = await world.run(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      sources: [
        { id: "adc", keptBy: "gcloud" },
        { id: "build", keptBy: "somebody" },
        { id: "corp" },
      ],
    });
    expect(stdout.match(/keptBy/g)).toHaveLength(2);
  });
});

describe("after the provider has said no", () => {
  const ended = async (error: EvercredError): Promise<void> => {
    world.provider.fail("renew", error);
    await world.clock.advance(61 * minute);
  };

  test.each([
    ["reauth-needed", "Run: evercred login adc"],
    ["grant-revoked", "Run: evercred login adc"],
    ["account-disabled", "Ask whoever manages it."],
    ["client-rejected", "Name another client in the configuration, then run: evercred login"],
  ] as const)("%s: status says what helps, and --check too", async (code, remedy) => {
    const error = new EvercredError(code);
    await ended(error);
    expect((await world.run(["status"])).stdout).toContain(`\n  ${remedy}\n`);
    expect(await world.run(["status", "--check"])).toMatchObject({
      exit: 3,
      stderr: `evercred: adc: ${error.message} ${remedy}\n`,
    });
    const { stdout } = await world.run(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      sources: [{ state: "signed-out", error: { code, message: error.message } }],
    });
  });

  test("--json has the reason of its own where the organisation asks again", async () => {
    await ended(new EvercredError("reauth-needed"));
    const { stdout } = await world.run(["status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ sources: [{ reason: "reauth" }] });
  });
});
