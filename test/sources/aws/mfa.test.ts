import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { EvercredError } from "../../../electron/core/errors.ts";
import { Secret } from "../../../electron/core/secret.ts";
import type { CodeRequest, SignInRequest } from "../../../electron/core/source.ts";
import type { AwsProfileSource } from "../../../electron/sources/aws/profile-source.ts";
import { signInOptions } from "../../fakes/source.ts";
import {
  deploy,
  deployRole,
  devKeys,
  devUser,
  Issuer,
  never,
  startWorld,
  type World,
} from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;
const serial = devUser.mfaSerial;
let world: World;
let source: AwsProfileSource;

beforeEach(async () => {
  world = await startWorld({
    iam: {
      users: [devUser],
      roles: [{ arn: deploy, trust: [devUser.arn], needsMfa: true }],
    },
  });
  source = withDevice(serial);
});

afterEach(() => world.close());

const withDevice = (mfaSerial: string): AwsProfileSource =>
  world.profileSource({ id: "dev-mfa", mfaSerial, assumed: [deployRole] });

/** A sign-in that waits for its code. */
const open = async (
  signal = never,
  of = source,
): Promise<{ readonly request: CodeRequest; readonly outcome: Promise<Grant> }> => {
  let outcome: Promise<Grant> | undefined;
  const request = await new Promise<SignInRequest>((resolve, reject) => {
    outcome = of.signIn(signInOptions("code", resolve), signal);
    outcome.catch(reject);
  });
  if (request.flow !== "mfa") throw new Error("No code is asked for.");
  return { request, outcome: outcome! };
};

const signIn = async (typed = world.cloud.iam.code(serial), of = source): Promise<Grant> => {
  const { request, outcome } = await open(never, of);
  request.submit(new Secret(typed));
  return outcome;
};

const sessions = () => world.cloud.log.all({ host: /^sts/ });

test("keys with a device are no source that needs nobody", () => {
  expect(source.unattended).toBe(false);
  expect(source.shared).toBeUndefined();
  expect(source.boundTo).not.toBe(withDevice("GAHT12345678").boundTo);
  expect(source.boundTo).not.toBe(world.profileSource().boundTo);
});

test("a sign-in asks for a code of the device, whatever flow is wished, for five minutes", async () => {
  const stop = new AbortController();
  const { request, outcome } = await open(stop.signal);
  expect(request).toMatchObject({
    flow: "mfa",
    device: serial,
    endsAt: world.clock.now() + 5 * minute,
  });
  expect(sessions()).toEqual([]);
  stop.abort(new EvercredError("cancelled"));
  await expect(outcome).rejects.toMatchObject({ code: "cancelled" });
});

test("the code opens a session of the user, and nothing of the code or the keys is in the grant", async () => {
  const grant = await signIn();
  expect(grant).toMatchObject({
    boundTo: source.boundTo,
    signedInAt: world.clock.now(),
    renewable: false,
  });
  expect(Math.abs(grant.expiresAt - world.clock.now() - 12 * hour)).toBeLessThan(30_000);
  const form = new URLSearchParams(sessions()[0]?.body);
  expect(Object.fromEntries(form)).toMatchObject({
    Action: "GetSessionToken",
    DurationSeconds: "43200",
    SerialNumber: serial,
  });
  expect(grant.saved.reveal()).not.toContain(form.get("TokenCode"));
  expect(grant.saved.reveal()).not.toContain(devUser.secretAccessKey);
});

test("the session is what the profile is handed, and what roles are assumed with that want a device", async () => {
  const issuer = new Issuer(source, await signIn());
  const own = await issuer.of("dev");
  expect(world.cloud.keyRing.find(own.accessKeyId)?.identity).toMatchObject({
    kind: "user-session",
    hasMfa: true,
  });
  expect(own.accountId).toBe("111122223333");
  await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
  expect(issuer.asked).toEqual([]);
});

test("a grant is the same after it was saved and restored; another source has no use for it", async () => {
  const grant = await signIn();
  const restored = source.restore(new Secret(grant.saved.reveal()));
  expect(restored).toMatchObject({ ...grant, saved: expect.any(Secret) });
  await expect(new Issuer(source, restored!).of("dev")).resolves.toMatchObject({ kind: "aws" });
  for (const text of ["", "null", "{}", '{"version":0}']) {
    expect(source.restore(new Secret(text))).toBeUndefined();
  }
  const other = new Issuer(withDevice("GAHT12345678"), grant);
  await expect(other.of("dev")).rejects.toMatchObject({ code: "internal" });
});

test("who signed in is known by the user's name", async () => {
  const grant = await signIn();
  expect(await source.identify(grant, never)).toBe("dev");
  world.cloud.faults.add({ kind: "unreachable" });
  expect(await source.identify(grant, never)).toBeUndefined();
});

test.each([
  ["with spaces", (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)}\n`],
  ["as it is", (code: string) => code],
])("a code that is typed %s is taken", async (_, typed) => {
  await expect(signIn(typed(world.cloud.iam.code(serial)))).resolves.toMatchObject({
    renewable: false,
  });
});

test.each(["12345", "1234567", "12345a", "", "١٢٣٤٥٦"])(
  "%j is no code: AWS is not even asked",
  async (typed) => {
    await expect(signIn(typed)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: `A code of ${serial} has six digits.`,
    });
    expect(sessions()).toEqual([]);
  },
);

test("only the first code counts", async () => {
  const { request, outcome } = await open();
  request.submit(new Secret(world.cloud.iam.code(serial)));
  request.submit(new Secret("nonsense"));
  await expect(outcome).resolves.toMatchObject({ renewable: false });
  expect(sessions()).toHaveLength(1);
});

test("a wrong code, and one that has been used, is sign-in-denied, and not in the sentence", async () => {
  const code = world.cloud.iam.code(serial);
  const wrong = code === "000000" ? "000001" : "000000";
  const denied = { code: "sign-in-denied", message: `The code of ${serial} was not accepted.` };
  await expect(signIn(wrong)).rejects.toMatchObject(denied);
  await signIn(code);
  await expect(signIn(code)).rejects.toMatchObject(denied);
  await expect(signIn()).resolves.toMatchObject({ renewable: false });
});

test("keys that AWS does not know are access-denied", async () => {
  world.cloud.keyRing.forget(devKeys.accessKeyId);
  await expect(signIn()).rejects.toMatchObject({
    code: "access-denied",
    message: "AWS does not accept the keys of dev.",
  });
});

test("a device that is none is config-invalid", async () => {
  await expect(signIn("123456", withDevice("no device"))).rejects.toMatchObject({
    code: "config-invalid",
    message: "AWS knows no device no device.",
  });
});

test("a code that nobody enters is timed-out", async () => {
  const { outcome } = await open();
  const failed = expect(outcome).rejects.toMatchObject({
    code: "timed-out",
    message: `Nobody entered a code of ${serial} in time.`,
  });
  await world.pass(5 * minute);
  await failed;
});

test("a sign-in that is stopped while AWS is asked rejects with the signal's reason", async () => {
  world.cloud.faults.add({ kind: "hang" });
  const stop = new AbortController();
  const { request, outcome } = await open(stop.signal);
  const reason = new EvercredError("cancelled");
  const failed = expect(outcome).rejects.toBe(reason);
  request.submit(new Secret(world.cloud.iam.code(serial)));
  await world.cloud.log.waitForArrival();
  stop.abort(reason);
  await failed;
});

describe("a session that AWS no longer accepts", () => {
  test("is token-rejected, for the probe and for roles", async () => {
    const grant = await signIn();
    await source.probe(grant, never);
    await world.pass(12 * hour);
    const rejected = { code: "token-rejected" };
    await expect(source.probe(grant, never)).rejects.toMatchObject(rejected);
    await expect(new Issuer(source, grant).of("deploy")).rejects.toMatchObject(rejected);
  });

  test("cannot be ended before its time: signing out is a matter of this machine", async () => {
    const grant = await signIn();
    const count = sessions().length;
    await source.revoke();
    expect(sessions()).toHaveLength(count);
    await expect(source.probe(grant, never)).resolves.toBeUndefined();
  });
});
