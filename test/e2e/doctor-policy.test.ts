import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { examined } from "./doctor-home.ts";
import { type GovernedHouse, openGovernedHouse } from "./governed-house.ts";

let house: GovernedHouse;

beforeAll(async () => {
  house = await openGovernedHouse('{ "version": 1,');
});

afterAll(async () => {
  await house.close();
});

test("a policy that cannot be read comes first; once it is mended, all is well", async () => {
  const shell = { folder: house.home, lines: [] };
  const { code, findings } = await examined(house, shell);
  expect(findings[0]).toMatchObject({ id: "policy.closed", verdict: "failure" });
  expect(findings[0]?.remedy).not.toBe("");
  expect(code).toBe(1);
  await house.policy({ version: 1, organization: "Example Corp" });
  await vi.waitFor(
    async () => {
      expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    },
    { timeout: 10_000 },
  );
  const mended = await examined(house, shell);
  expect(mended.findings).toContainEqual(
    expect.objectContaining({
      id: "policy.in-force",
      message: "Example Corp has set one: evercred policy show",
    }),
  );
  expect(mended.code).toBe(0);
});

test("a policy that somebody has planted is named, and does not count", async () => {
  await house.policy({ version: 1 }, { owner: 65534 });
  await vi.waitFor(
    async () => {
      const { findings } = await examined(house, { folder: house.home, lines: [] });
      expect(findings.map(({ id }) => id)).toContain("policy.ignored");
    },
    { timeout: 10_000 },
  );
});
