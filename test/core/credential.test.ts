import { expect, test } from "vitest";
import { awsKeysOf, tokenOf } from "../../electron/core/credential.ts";
import { hour, key, minute, second, World } from "./world.ts";

const handedOut = async (tokens: boolean) => {
  const world = new World();
  world.provider.tokens = tokens;
  const session = await world.signedIn();
  return { world, session, credential: await session.issue(key) };
};

test("a credential is taken for what it is", async () => {
  const { credential: keys } = await handedOut(false);
  expect(awsKeysOf(keys)).toBe(keys);
  expect(() => tokenOf(keys)).toThrow("AWS keys stand where a token was asked for.");
  const { credential: token } = await handedOut(true);
  expect(tokenOf(token)).toBe(token);
  expect(() => awsKeysOf(token)).toThrow("A token stands where AWS keys were asked for.");
});

test("a token is served from memory, fetched ahead while it is in use, and prints nothing", async () => {
  const { world, session, credential } = await handedOut(true);
  expect(await session.issue(key)).toBe(credential);
  expect(JSON.stringify(credential)).not.toContain(tokenOf(credential).token.reveal());
  await world.live(session, 42 * minute);
  expect(world.provider.count("issue")).toBe(2);
  expect(session.issued.held(key)).not.toBe(credential);
  await world.live(session, 12 * hour);
  world.clock.jump(second);
  await expect(session.issue(key, true)).rejects.toMatchObject({ code: "sign-in-needed" });
});
