import { readdirSync, writeFileSync } from "node:fs";
import { lstat, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tokenOf } from "../../../electron/core/credential.ts";
import { Session } from "../../../electron/core/session.ts";
import { adcDraftOf, AdcFiles } from "../../../electron/sources/google/adc-source.ts";
import {
  authorizedUserFile,
  externalAccountAuthorizedUserFile,
  impersonatedFile,
  serviceAccountFile,
} from "../../fakes/cloud/google/files.ts";
import type { Pool } from "../../fakes/cloud/google/pools.ts";
import type { WorkforceGrant } from "../../fakes/cloud/google/workforce-grants.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { found, openAdc, savedIn, timeOf, write, writtenAt } from "./adc-world.ts";
import { never, plainKey, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
let world: World;
let store: MemoryStore;
let memo: MemoryMemo;
let session: Session | undefined;

beforeEach(async () => {
  world = await startWorld();
  store = new MemoryStore();
  memo = new MemoryMemo();
});
afterEach(async () => {
  await session?.close();
  session = undefined;
  await world.close();
});

/** A daemon's session of the file, as after a start. */
const start = async (): Promise<Session> => {
  const { clock, log } = world;
  session = await Session.open(await openAdc(world), {
    ...{ store, memo, clock, log },
    random: () => 0,
    changed: () => undefined,
    befell: () => undefined,
  });
  return session;
};

const whose = async (of: Session, fresh = false): Promise<string | undefined> =>
  world.cloud.google.whose(tokenOf(await of.issue(plainKey, fresh)).token.reveal());

const person = (): string => authorizedUserFile(world.cloud.google.grant(world.client));

/** Time passes, and what it brings about is done. */
const pass = async (of: Session, ms: number): Promise<void> => {
  await world.pass(ms);
  // It is the grant's only writer too: what is under way comes first.
  await of.look();
};

/** Changes the file as gcloud does, and says so, as the watch would. */
const gcloudWrites = async (of: Session, text: string, at: number): Promise<void> => {
  await write(world.adcFile, text, at);
  await of.look();
};

test("a file that is there is signed in with, and nothing of it goes into the keychain", async () => {
  await write(world.adcFile, person());
  const of = await start();
  expect(of.state.kind).toBe("active");
  await expect(whose(of)).resolves.toBe("dev@example.com");
  expect(of.durable).toBe(true);
  expect(store.writes).toBe(0);
  expect(world.cloud.google.count("refresh")).toBe(1);
});

test("a file of a time to come is signed in with all the same", async () => {
  await write(world.adcFile, person(), writtenAt + 24 * hour);
  await expect(whose(await start())).resolves.toBe("dev@example.com");
});

test("over a day the token is always good, and the file stays as gcloud has written it", async () => {
  const text = person();
  await write(world.adcFile, text);
  const of = await start();
  for (let quarter = 0; quarter < 96; quarter++) {
    await expect(whose(of)).resolves.toBe("dev@example.com");
    await pass(of, hour / 4);
  }
  expect(await readFile(world.adcFile, "utf8")).toBe(text);
  expect(await timeOf(world.adcFile)).toBe(writtenAt);
});

test("what the organisation ends is told with its reason, and gcloud's next sign-in is taken up", async () => {
  await write(world.adcFile, person());
  const of = await start();
  await whose(of);
  world.cloud.google.expireSessions();
  await pass(of, hour);
  expect(of.state).toMatchObject({
    kind: "signed-out",
    reason: "reauth",
    because: { code: "reauth-needed" },
  });
  await expect(of.issue(plainKey)).rejects.toMatchObject({
    code: "sign-in-needed",
    message: "You are not signed in to adc. Your organisation asks for a new sign-in.",
  });
  await gcloudWrites(of, person(), writtenAt + hour);
  await expect(whose(of)).resolves.toBe("dev@example.com");
});

test("what has ended is not tried again, also after a start, until the file is another one", async () => {
  const text = person();
  await write(world.adcFile, text);
  const of = await start();
  world.cloud.google.revokeAll();
  await pass(of, hour);
  expect(of.state).toMatchObject({ kind: "signed-out", because: { code: "grant-revoked" } });
  const presented = world.cloud.google.count("refresh");
  await of.look();
  await of.close();
  const again = await start();
  expect(again.state).toMatchObject({ kind: "signed-out", reason: "ended" });
  expect(world.cloud.google.count("refresh")).toBe(presented);
  await gcloudWrites(again, person(), writtenAt + 1_000);
  await expect(whose(again)).resolves.toBe("dev@example.com");
});

test("no network, no proxy and no sense end nothing", async () => {
  await write(world.adcFile, person());
  const of = await start();
  for (const fault of [
    { kind: "unreachable" },
    { kind: "proxy-authentication", user: "u", password: "p" },
    { kind: "html" },
    { kind: "status", status: 500 },
  ] as const) {
    const struck = world.cloud.faults.add(fault);
    await pass(of, hour);
    expect(of.state.kind).toBe("failing");
    struck.remove();
    await pass(of, 10 * 60_000);
    await expect(whose(of)).resolves.toBe("dev@example.com");
  }
});

test("half a file is somebody writing it: the session goes on with what it has", async () => {
  const text = person();
  await write(world.adcFile, text);
  const of = await start();
  await whose(of);
  const next = person();
  for (const half of ["", next.slice(0, 60), next.slice(0, -3)]) {
    await gcloudWrites(of, half, writtenAt + 1_000);
    expect(of.state.kind).toBe("active");
    await expect(whose(of)).resolves.toBe("dev@example.com");
  }
  await gcloudWrites(of, next, writtenAt + 2_000);
  await pass(of, 2_000);
  expect(world.cloud.google.presentations().at(-1)?.refreshToken).toBe(
    (JSON.parse(next) as { refresh_token: string }).refresh_token,
  );
});

test("a file that goes away takes the sign-in along, and brings it back", async () => {
  await write(world.adcFile, person());
  const of = await start();
  await whose(of);
  await rename(world.adcFile, `${world.adcFile}.away`);
  await of.look();
  expect(of.state).toMatchObject({ kind: "signed-out", reason: "elsewhere" });
  await rename(`${world.adcFile}.away`, world.adcFile);
  await of.look();
  await expect(whose(of)).resolves.toBe("dev@example.com");
});

test("another person's sign-in is known as such", async () => {
  world.cloud.google.addPerson("ops@example.com");
  await write(world.adcFile, person());
  const of = await start();
  await whose(of);
  await expect.poll(() => of.account).toBe("dev@example.com");
  const theirs = authorizedUserFile(world.cloud.google.grant(world.client, "ops@example.com"));
  await gcloudWrites(of, theirs, writtenAt + 1_000);
  await pass(of, hour);
  await expect(whose(of)).resolves.toBe("ops@example.com");
  await expect.poll(() => of.account).toBe("ops@example.com");
});

test("a sign-out leaves the file alone and ends what is in it, unless it is only to be left", async () => {
  await write(world.adcFile, person());
  const of = await start();
  await whose(of);
  await expect(of.signOut(true)).resolves.toBe(true);
  expect(world.cloud.google.count("revoke")).toBe(0);
  await gcloudWrites(of, person(), writtenAt + 1_000);
  await whose(of);
  await expect(of.signOut()).resolves.toBe(true);
  expect(world.cloud.google.count("revoke")).toBe(1);
  await expect(stat(world.adcFile)).resolves.toBeDefined();
});

test("a service account needs nobody; a deleted key is told, and a new one is taken up", async () => {
  const { google } = world.cloud;
  const robot = google.addServiceAccount();
  await write(world.adcFile, serviceAccountFile(robot));
  const of = await start();
  await expect(whose(of)).resolves.toBe(robot.email);
  google.deleteKey(robot);
  await pass(of, 2 * hour);
  await expect(whose(of)).rejects.toMatchObject({
    code: "access-denied",
    message: "What adc has is no longer accepted.",
  });
  const other = google.addServiceAccount("other");
  await write(world.adcFile, serviceAccountFile(other), writtenAt + 1_000);
  await of.replaceSource(await openAdc(world));
  await expect(whose(of)).resolves.toBe(other.email);
});

/** A workforce sign-in whose refresh tokens change each time. */
const rotating = async (
  wrap: (text: string) => string = (text) => text,
): Promise<{ readonly pool: Pool; readonly grant: WorkforceGrant }> => {
  const pool = world.cloud.google.addPool({ id: "rotating", rotation: "always" });
  const grant = world.cloud.google.workforceGrant(pool, world.client);
  const text = externalAccountAuthorizedUserFile(grant, { quota_project_id: "mine", odd: [1] });
  await write(world.adcFile, wrap(text));
  return { pool, grant };
};

const refreshTokenIn = async (file = world.adcFile): Promise<string> => {
  const content = JSON.parse(await readFile(file, "utf8"));
  return (content.source_credentials ?? content).refresh_token as string;
};

test("a refresh token that is replaced is written back, and nothing else about the file changes", async () => {
  await rotating();
  const before = JSON.parse(await readFile(world.adcFile, "utf8"));
  const of = await start();
  await whose(of);
  for (let times = 0; times < 3; times++) await pass(of, hour);
  // The clock of a test may have gone on while the file was written.
  await of.sweep();
  await expect(whose(of)).resolves.toContain("dev@example.com");
  expect(of.durable).toBe(true);
  const after = JSON.parse(await readFile(world.adcFile, "utf8"));
  const presented = world.cloud.google.presentations().map(({ refreshToken }) => refreshToken);
  expect(presented[0]).toBe(before.refresh_token);
  expect(new Set(presented).size).toBe(presented.length);
  expect(presented).not.toContain(after.refresh_token);
  expect(after).toEqual({ ...before, refresh_token: after.refresh_token });
  expect(Object.keys(after)).toEqual(Object.keys(before));
  expect((await stat(world.adcFile)).mode & 0o777).toBe(0o600);
  expect(await timeOf(world.adcFile)).toBe(writtenAt);
  await of.close();
  // Another start finds the same sign-in, with what was written back.
  await expect(whose(await start())).resolves.toContain("dev@example.com");
});

test("what a link leads to is written, and the link stays; rights stay too", async () => {
  await rotating();
  const real = join(world.home, "real.json");
  await rename(world.adcFile, real);
  await symlink(real, world.adcFile);
  const spent = await refreshTokenIn();
  await utimes(real, writtenAt / 1000 + 0.123, writtenAt / 1000 + 0.123);
  await whose(await start());
  expect((await lstat(world.adcFile)).isSymbolicLink()).toBe(true);
  expect(await refreshTokenIn(real)).not.toBe(spent);
  expect(await timeOf(real)).toBe(writtenAt + 123);
});

test("the person behind a service account is written back where they stand", async () => {
  const robot = world.cloud.google.addServiceAccount();
  await rotating((text) => impersonatedFile(text, robot.email));
  const spent = await refreshTokenIn();
  const of = await start();
  await of.issue(plainKey).catch(() => undefined);
  expect(await refreshTokenIn()).not.toBe(spent);
  const content = JSON.parse(await readFile(world.adcFile, "utf8"));
  expect(content).toMatchObject({ type: "impersonated_service_account", delegates: [] });
  expect(content.refresh_token).toBeUndefined();
});

test("what gcloud has written meanwhile is not written over", async () => {
  const { pool } = await rotating();
  const source = await openAdc(world);
  const next = await source.renew(await found(source), never);
  const newer = world.cloud.google.workforceGrant(pool, world.client);
  await write(world.adcFile, externalAccountAuthorizedUserFile(newer), writtenAt + 1_000);
  await expect(source.shared.publish(next)).resolves.toBe(false);
  expect(await refreshTokenIn()).toBe(newer.refreshToken);
  await expect(source.shared.look(next, true)).resolves.toMatchObject({ kind: "foreign" });
  await writeFile(world.adcFile, "half");
  await expect(source.shared.publish(next)).resolves.toBe(false);
  await rm(world.adcFile);
  await expect(source.shared.publish(next)).resolves.toBe(false);
});

test("what gcloud writes while we write stays too", async () => {
  const { pool } = await rotating();
  const source = await openAdc(world);
  const next = await source.renew(await found(source), never);
  const newer = world.cloud.google.workforceGrant(pool, world.client);
  const folder = dirname(world.adcFile);
  const written = source.shared.publish(next);
  while (readdirSync(folder).length < 2) await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(world.adcFile, externalAccountAuthorizedUserFile(newer));
  await expect(written).resolves.toBe(false);
  expect(await refreshTokenIn()).toBe(newer.refreshToken);
  expect(readdirSync(folder)).toHaveLength(1);
});

test("of two writes at once the later one stands", async () => {
  await rotating();
  const source = await openAdc(world);
  const first = await source.renew(await found(source), never);
  const second = await source.renew(first, never);
  const { shared } = source;
  const written = await Promise.all([shared.publish(first), shared.publish(second)]);
  expect(written).toEqual([true, true]);
  expect(await refreshTokenIn()).toBe(savedIn(second)["refreshToken"]);
  await expect(shared.publish(first)).resolves.toBe(false);
});

test("what a grant comes from is known, and not taken up again", async () => {
  await rotating();
  const source = await openAdc(world);
  const first = await source.renew(await found(source), never);
  const second = await source.renew(first, never);
  const { shared } = source;
  await expect(shared.look(second, true)).resolves.toEqual({ kind: "known" });
  await shared.publish(first);
  await expect(shared.look(second, true)).resolves.toEqual({ kind: "known" });
  await expect(shared.look(undefined, true)).resolves.toMatchObject({
    kind: "foreign",
    grant: { signedInAt: first.signedInAt },
  });
});

test("a sign-in of the same kind with another client is another one", async () => {
  const { pool } = await rotating();
  const source = await openAdc(world);
  const grant = await found(source);
  const other = world.cloud.google.addClient();
  const theirs = world.cloud.google.workforceGrant(pool, other);
  const text = externalAccountAuthorizedUserFile(theirs);
  const copied = JSON.stringify({ ...JSON.parse(text), refresh_token: await refreshTokenIn() });
  await write(world.adcFile, copied);
  await expect(source.shared.look(grant, true)).resolves.toMatchObject({ kind: "foreign" });
});

test("a successor that cannot be written back is used, shown as not durable, and written later", async () => {
  await rotating();
  const spent = await refreshTokenIn();
  const of = await start();
  const source = of.source;
  const { shared } = source;
  if (shared === undefined) throw new Error("There is no place.");
  const publish = shared.publish.bind(shared);
  let isBlocked = true;
  shared.publish = (grant) => (isBlocked ? Promise.resolve(false) : publish(grant));
  await expect(whose(of)).resolves.toContain("dev@example.com");
  await pass(of, hour);
  await of.look();
  await expect(whose(of)).resolves.toContain("dev@example.com");
  expect(of.durable).toBe(false);
  expect(await refreshTokenIn()).toBe(spent);
  isBlocked = false;
  await of.sweep();
  expect(of.durable).toBe(true);
  expect(await refreshTokenIn()).not.toBe(spent);
});

test("after a crash between the exchange and the write, the spent token is presented once more, and the loss is told", async () => {
  await rotating();
  const of = await start();
  const { shared } = of.source;
  if (shared === undefined) throw new Error("There is no place.");
  shared.publish = () => new Promise(() => undefined);
  const lost = world.cloud.google.count("workforce-refresh");
  void of.issue(plainKey).catch(() => undefined);
  await expect.poll(() => world.cloud.google.count("workforce-refresh")).toBe(lost + 1);
  // Here the process is gone; the next one has the same file and the same memory of what was presented.
  session = undefined;
  const again = await start();
  await again.issue(plainKey).catch(() => undefined);
  expect(world.cloud.google.presentations().at(-1)?.outcome).toBe("invalid_grant");
  expect(again.state).toMatchObject({ kind: "signed-out", reason: "lost" });
});

test("while a file is not whole its source stays what it was, and that is a problem", async () => {
  const robot = world.cloud.google.addServiceAccount();
  const definition = {
    ...{ id: "adc", title: "adc", file: world.adcFile, isWellKnown: true, signIn: undefined },
    ...{ timeoutMs: 1_000, quotaProject: undefined, impersonate: [], allowExecutables: false },
  };
  const files = new AdcFiles();
  const open = async (known = files) => {
    const { draft, problem } = await adcDraftOf(definition, world.ports, known);
    return { source: draft.make([]), problem };
  };
  await write(world.adcFile, serviceAccountFile(robot));
  const whole = await open();
  expect(whole).toMatchObject({ source: { unattended: true }, problem: undefined });
  await write(world.adcFile, "{");
  const half = await open();
  expect(half.source.boundTo).toBe(whole.source.boundTo);
  expect(half.problem).toMatchObject({
    file: world.adcFile,
    sentence: `${world.adcFile} is not whole: it holds no JSON object.`,
  });
  await rm(world.adcFile);
  expect(await open()).toMatchObject({ source: { unattended: false }, problem: undefined });
  const never = await open(new AdcFiles());
  await write(world.adcFile, "{");
  expect(await open(new AdcFiles())).toMatchObject({
    source: { unattended: false, boundTo: never.source.boundTo },
    problem: { file: world.adcFile },
  });
});
