import { describe, expect, test } from "vitest";
import { hour, key, minute, second, World } from "./world.ts";

describe("a new version of the source", () => {
  test("that means the same place changes nothing for the session", async () => {
    const world = new World();
    const session = await world.signedIn();
    const credential = await session.issue(key);
    const before = world.changes;
    const source = world.makeSource({ shared: world.shared, profiles: { dev: key } });
    await session.replaceSource(source);
    expect(session.source).toBe(source);
    expect(world.changes).toBe(before + 1);
    expect(await session.issue(key)).toBe(credential);
    await world.clock.advance(5 * hour);
    expect(session.state.kind).toBe("active");
  });

  const other = "https://other.example/start eu-central-1";

  test("that means another place signs out; back at the old one the old grant is still there", async () => {
    const world = new World();
    const session = await world.signedIn();
    await session.issue(key);
    await session.replaceSource(world.makeSource({ boundTo: other }));
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    await session.replaceSource(world.source);
    expect(session.state.kind).toBe("active");
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
  });

  test("that means another place takes our access token away from other tools, not theirs", async () => {
    const world = new World();
    const session = await world.signedIn();
    expect(world.shared.content).toBeDefined();
    await session.replaceSource(world.makeSource({ boundTo: other, shared: world.shared }));
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    expect(world.shared.content).toBeUndefined();
  });

  test("that means another place ends an open sign-in", async () => {
    const world = new World();
    const session = await world.open();
    const signIn = session.signIn(undefined);
    await signIn.request;
    await session.replaceSource(world.makeSource({ boundTo: other }));
    expect(await signIn.outcome).toMatchObject({ kind: "failed", error: { code: "cancelled" } });
    expect(session.state.kind).toBe("signed-out");
  });

  test("that means another place never sees the old grant, even with the keychain locked", async () => {
    const world = new World();
    const session = await world.signedIn();
    world.store.mood = "hanging";
    const elsewhere = world.makeSource({ boundTo: other });
    const replaced = session.replaceSource(elsewhere);
    const early = session.issue(key);
    early.catch(() => undefined);
    await world.clock.advance(30 * second);
    await replaced;
    await expect(early).rejects.toMatchObject({ code: "keychain-locked" });
    expect(session.state).toMatchObject({ kind: "failing", error: "keychain-locked" });
    expect(elsewhere.strangers).toBe(0);
    expect(world.provider.count("issue")).toBe(0);
    world.store.mood = "well";
    await world.live(session, 6 * minute);
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
  });

  test("that means another place waits for the renewal under way, and never uses its grant", async () => {
    const world = new World();
    const session = await world.signedIn();
    const release = world.provider.hold("renew");
    await world.clock.advance(40 * minute);
    const elsewhere = world.makeSource({ boundTo: other });
    const replaced = session.replaceSource(elsewhere);
    await expect(session.issue(key)).resolves.toMatchObject({ kind: "aws" });
    release();
    await replaced;
    expect(session.state).toEqual({ kind: "signed-out", reason: "changed" });
    await expect(session.issue(key)).rejects.toMatchObject({ code: "sign-in-needed" });
    expect(elsewhere.strangers).toBe(0);
    expect(session.issued.has(key)).toBe(false);
  });
});
