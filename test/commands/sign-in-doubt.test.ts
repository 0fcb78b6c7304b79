import { beforeEach, expect, test } from "vitest";
import { claude } from "../fakes/caller.ts";
import { minute, terminal, World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await World.make();
  world.source().hosts = ["login.corp.example"];
});

const careful =
  "Careful: the page is on corp.example, which is not one of the hosts of corp.example. Go on only if you know why.\n";

test.each([
  ["login", { terminal }],
  ["aws login --profile dev", { terminal }],
  ["aws login --profile dev", {}],
] as const)(
  "evercred %s opens no page that is not the provider's, and says so",
  async (verb, by) => {
    const call = await world.start(verb.split(" "), by);
    expect(world.pages).toBe(0);
    expect(call.stdout).toBe("https://corp.example/sign-in/1\n");
    expect(call.stderr).toBe(
      `${careful}So it was not opened. To go on, open the address yourself; to give up, cancel in the tray. Waiting…\n`,
    );
    world.approve();
    expect(await call.exit).toBe(0);
  },
);

test("a code for another machine comes with the same warning", async () => {
  const call = await world.start(["login", "--device-code"], { terminal });
  expect(call.stderr).toContain(careful);
  expect(call.stdout).toContain("Code: ABCD-EFGH");
  world.session().cancelSignIn();
  await call.exit;
});

test("nothing is said of a page that is the provider's", async () => {
  world.source().hosts = ["corp.example"];
  const call = await world.start(["login"], { terminal });
  expect(world.pages).toBe(1);
  expect(call.stderr).not.toContain("Careful");
  world.approve();
  await call.exit;
});

test("the window is told who asked: a terminal, or which program", async () => {
  const startedBy = () => world.context.view().sources[0]?.signIn?.startedBy;
  const typed = await world.start(["login"], { terminal });
  expect(startedBy()).toEqual({ kind: "terminal" });
  world.session().cancelSignIn();
  await typed.exit;
  world.session().release();
  await world.clock.advance(minute);
  const program = { ...claude.program, name: "cla\u202eude" };
  const caller = { ...claude, program };
  await world.start(["aws", "login", "--profile", "dev"], { caller });
  expect(startedBy()).toEqual({ kind: "program", name: "cla?ude" });
});
