import { describe, expect, test } from "vitest";
import { eventually } from "../eventually.ts";
import type { Caller } from "../../electron/core/caller.ts";
import { EvercredError } from "../../electron/core/errors.ts";
import { targetOf } from "../../electron/core/source.ts";
import { hour } from "../core/world.ts";
import { askDoor, brokerWorld, doorOf, type HttpAnswer, type OpenDoor } from "./door-rig.ts";
import {
  account,
  adc,
  askMetadata,
  doorsOf,
  fileOf,
  googleWorld,
  type OpenDoors,
} from "./metadata-rig.ts";

const dev = targetOf("aws", "dev");
const caller: Caller = {
  kind: "program",
  program: { name: "boto", path: "/opt/boto", identity: "/opt/boto", parents: ["sh"] },
};
const who = { program: "boto", path: "/opt/boto", parents: ["sh"] };

/** What is said at the gate, and how a door passes it on. */
const refusals = [
  [new EvercredError("consent-refused", "You did not let boto."), 403],
  [new EvercredError("consent-pending", "Nobody has answered."), 503],
] as const;

describe("at the credentials port", () => {
  const opened = async () => {
    const built = await brokerWorld();
    const open: OpenDoor = doorOf(built);
    open.callers.peer = { kind: "ours", caller };
    const given = await open.door.forRun(dev, new AbortController().signal);
    return { ...open, built, ask: (): Promise<HttpAnswer> => askDoor(given) };
  };

  test("the program that asks is asked about, and recorded", async () => {
    const { ask, gate, audit, built } = await opened();
    expect((await ask()).status).toBe(200);
    expect(gate.asked).toEqual([{ caller, target: dev, patience: { ms: 800 } }]);
    const expiresAt = built.world.clock.now() + hour;
    const verb = "container-credentials";
    expect(audit.entries).toEqual([
      { event: "served", ...who, target: dev, verb, exit: 0, expiresAt },
    ]);
  });

  test.each(refusals)("a refusal is passed on: %s", async (refusal, status) => {
    const { ask, gate, audit, built } = await opened();
    gate.refusal = refusal;
    const { body, ...answer } = await ask();
    expect(answer.status).toBe(status);
    expect(body).toMatchObject({
      Code: refusal.code,
      message: expect.stringContaining(refusal.message) as string,
    });
    expect(built.world.provider.count("issue")).toBe(0);
    expect(audit.entries).toMatchObject([
      { event: "refused", ...who, code: refusal.code, exit: 5 },
    ]);
  });
});

describe("at a metadata port", () => {
  const opened = async (files = true) => {
    const built = await googleWorld();
    const open: OpenDoors = doorsOf(built);
    open.callers.peer = { kind: "ours", caller };
    open.files = files;
    const given = await open.door.forRun(adc, { project: undefined }, new AbortController().signal);
    open.audit.entries.length = 0;
    return { open, built, given };
  };

  test.each([
    ["token", "metadata token"],
    ["identity?audience=x", "metadata identity"],
  ])("the program that asks for a %s is asked about, and recorded", async (path, verb) => {
    const { open, given } = await opened();
    expect((await askMetadata(given, `${account}/${path}`)).status).toBe(200);
    expect(open.gate.asked).toEqual([{ caller, target: adc, patience: { ms: 800 } }]);
    expect(open.audit.entries).toMatchObject([{ event: "served", ...who, target: adc, verb }]);
  });

  test.each(refusals)("a refusal is passed on: %s", async (refusal, status) => {
    const { open, given } = await opened(false);
    open.gate.refusal = refusal;
    const answer = await askMetadata(given, `${account}/token`);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(refusal.message);
    expect(open.audit.entries).toMatchObject([{ event: "refused", ...who, code: refusal.code }]);
  });

  test("what is no token is nobody's to allow", async () => {
    const { open, given } = await opened();
    open.gate.refusal = refusals[0][0];
    expect((await askMetadata(given, `${account}/scopes`)).status).toBe(200);
    expect([open.gate.asked, open.audit.entries]).toEqual([[], []]);
  });

  test("there is no token file where people are asked: nobody could tell who reads it", async () => {
    const { open, given } = await opened(false);
    expect(given.tokenFile).toBeUndefined();
    expect(open.audit.entries).toEqual([]);
    open.files = true;
    await open.door.sweep();
    const later = await open.door.forRun(adc, { project: undefined }, new AbortController().signal);
    await eventually(async () => expect(await fileOf(later)).toBe("ya29.token-1\n"));
    const brought = { event: "served", program: "unknown", target: adc, verb: "token file" };
    await eventually(() => expect(open.audit.entries).toMatchObject([brought, brought]));
    open.files = false;
    await open.door.sweep();
    await eventually(async () => expect(await fileOf(later)).toBeUndefined());
  });
});
