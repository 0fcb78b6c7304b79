import { beforeEach, expect, test } from "vitest";
import { EvercredError } from "../../electron/core/errors.ts";
import { type CallerParts, type Outcome, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.signedIn();
});

const opened = (more: readonly string[] = [], parts: CallerParts = {}): Promise<Outcome> =>
  world.run(["aws", "console", "--profile", "dev", ...more], parts);

const address = "https://console.example/?SigninToken=of-ASIA1";

test("opens the address and prints it nowhere", async () => {
  expect(await opened()).toEqual({
    exit: 0,
    stdout: "",
    stderr: "The console of dev is open in your browser.\n",
    questions: [],
  });
  expect(world.secretPages.map((page) => page.reveal())).toEqual([address]);
});

test("--print prints the address and opens nothing", async () => {
  expect(await opened(["--print"])).toMatchObject({ exit: 0, stdout: `${address}\n`, stderr: "" });
  expect(world.secretPages).toEqual([]);
});

test("leads where it is told, in the profile's region", async () => {
  await world.place("dev", "eu-west-1");
  await opened(["--destination", "https://console.aws.amazon.com/s3"]);
  expect(world.aws.consoles).toEqual([
    {
      accessKeyId: "ASIA1",
      region: "eu-west-1",
      destination: "https://console.aws.amazon.com/s3",
    },
  ]);
});

test("over ssh it opens nothing, because the browser is elsewhere; --print works", async () => {
  const remote = { env: { SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" } };
  expect(await opened([], remote)).toMatchObject({
    exit: 1,
    stderr:
      "evercred: Your browser is not on this computer. Print the address with --print, and open it where the browser is.\n",
  });
  expect(world.secretPages).toEqual([]);
  expect(await opened(["--print"], remote)).toMatchObject({ exit: 0, stdout: `${address}\n` });
});

test("says what to do where no browser opens", async () => {
  world.browser.broken = true;
  const { exit, stdout, stderr } = await opened();
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toContain("--print");
  expect(stderr).not.toContain("SigninToken");
});

test("passes on what AWS says no to", async () => {
  world.aws.failure = new EvercredError("access-denied");
  expect(await opened()).toMatchObject({ exit: 5, stdout: "" });
});

test("exits 3 where a sign-in is needed", async () => {
  await world.session().signOut();
  expect(await opened()).toMatchObject({ exit: 3, stdout: "" });
});
