import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signInOptions } from "../../fakes/source.ts";
import { openAdc } from "./adc-world.ts";
import { never, startWorld, type World } from "./world.ts";

// The machine of this test may have gcloud where it usually is.
vi.mock("../../../electron/sources/find-program.ts", async (original) => ({
  ...(await original<object>()),
  findProgram: () => undefined,
}));

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

test("where gcloud is not, that is told, with the way that needs none", async () => {
  const source = await openAdc(world);
  await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
    code: "program-missing",
    message: "gcloud, which keeps this sign-in, is not found.",
    remedy:
      "Install gcloud, or sign in without it: add a source of kind google with a client of your own (docs/google.md).",
  });
});
