import { createHash } from "node:crypto";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import { instantOf } from "../../../electron/core/time.ts";
import { readGrant } from "../../../electron/sources/aws/grant.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { readInstant, writeInstant } from "../../../electron/sources/aws/token-file.ts";
import { corp, legacyCorp, never, put, startWorld, type World } from "./world.ts";

const minute = 60_000;
let world: World;
let source: AwsSsoSource;
let grant: Grant;
let file: string;

beforeEach(async () => {
  world = await startWorld();
  source = world.source();
  grant = await world.signIn(source);
  file = pathOf("corp");
});

afterEach(() => world.close());

const pathOf = (name: string): string =>
  join(world.cacheFolder, `${createHash("sha1").update(name).digest("hex")}.json`);

const isoIn = (ms: number): string => writeInstant(instantOf(world.clock.now() + ms));

/** What another tool leaves behind after a sign-in. */
const foreign = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  startUrl: corp.startUrl,
  region: corp.region,
  accessToken: "foreign-token",
  expiresAt: isoIn(60 * minute),
  clientId: "client",
  clientSecret: "client-secret",
  registrationExpiresAt: isoIn(24 * 60 * minute),
  refreshToken: "foreign-refresh",
  ...change,
});

const leave = async (content: unknown, path = file): Promise<void> => {
  await mkdir(world.cacheFolder, { recursive: true });
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
};

const contentOf = async (path = file): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;

/** Looks, and lets the rereads of a garbled file have their time. */
const look = async (known: Grant | undefined, keep = true, of = source) => {
  let done = false;
  const looking = of.shared.look(known, keep).finally(() => (done = true));
  const reread = async (): Promise<void> => {
    while (!done) {
      await world.clock.armed(50);
      if (!done) await world.clock.advance(10);
    }
  };
  void reread();
  return looking;
};

test("the access token is published, and nothing that could get another", async () => {
  await source.shared.publish(grant);
  expect(await contentOf()).toEqual({
    startUrl: "https://d-1234567890.awsapps.com/start",
    region: "us-east-1",
    accessToken: readGrant(grant.saved)?.accessToken,
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const { expiresAt } = await contentOf();
  const at = readInstant(expiresAt as string)!;
  expect(grant.expiresAt - at).toBeGreaterThanOrEqual(0);
  expect(grant.expiresAt - at).toBeLessThan(1_000);
});

test("only the user may read what is published, and its folders", async () => {
  await source.shared.publish(grant);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (const folder of [".aws", ".aws/sso", ".aws/sso/cache"]) {
    expect((await stat(join(world.home, folder))).mode & 0o777).toBe(0o700);
  }
});

test("folders that are there keep their rights, and nothing is left beside the file", async () => {
  await mkdir(world.cacheFolder, { recursive: true, mode: 0o755 });
  await chmod(world.cacheFolder, 0o755);
  await source.shared.publish(grant);
  await source.shared.publish(grant);
  expect((await stat(world.cacheFolder)).mode & 0o777).toBe(0o755);
  expect(await readdir(world.cacheFolder)).toEqual([file.split("/").pop()]);
});

test("a reader that has the old file open sees it whole: the new one takes its place in one step", async () => {
  await leave(foreign());
  const { ino } = await stat(file);
  await source.shared.publish(grant);
  expect((await stat(file)).ino).not.toBe(ino);
});

test("the file of a legacy source is named after its start URL, one for each spelling", async () => {
  const spellings = [corp.startUrl, `${corp.startUrl}/#/`];
  const old = world.source({ ...legacyCorp, cacheNames: spellings });
  const own = await world.signIn(old);
  await old.shared.publish(own);
  for (const spelling of spellings) {
    expect(await contentOf(pathOf(spelling))).toMatchObject({ startUrl: corp.startUrl });
  }
  expect(await look(own, true, old)).toEqual({ kind: "known" });
  await old.shared.withdraw(own);
  expect(await readdir(world.cacheFolder)).toEqual([]);
});

test("of several files with another tool's sign-in the one that can be renewed counts", async () => {
  const united = world.source({ cacheNames: ["corp", corp.startUrl, "other"] });
  await united.shared.publish(grant);
  const shortLived = foreign({ accessToken: "device-token", refreshToken: undefined });
  await leave(shortLived, pathOf(corp.startUrl));
  const found = await look(grant, true, united);
  expect(found).toMatchObject({ kind: "foreign", grant: { renewable: false } });
  await leave(foreign(), pathOf("other"));
  expect(await look(grant, true, united)).toMatchObject({
    kind: "foreign",
    grant: { renewable: true },
  });
  await united.shared.publish(grant);
  expect(await look(grant, true, united)).toEqual({ kind: "known" });
});

test("a link in place of the file is neither followed nor replaced, and the log says so", async () => {
  const target = await put(world.home, "target.json", JSON.stringify(foreign()));
  await mkdir(world.cacheFolder, { recursive: true });
  await symlink(target, file);
  await source.shared.publish(grant);
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await contentOf(target)).toEqual(foreign());
  expect(await look(grant)).toEqual({ kind: "known" });
  expect(await look(undefined)).toEqual({ kind: "absent" });
  expect(world.log.lines).toContainEqual(
    expect.objectContaining({ level: "warn", event: "mirror: token file not written" }),
  );
});

test("a place that cannot be written is a line in the log, never a failure", async () => {
  await put(world.home, ".aws/sso", "a file");
  await expect(source.shared.publish(grant)).resolves.toBe(false);
  await expect(source.shared.withdraw(grant)).resolves.toBeUndefined();
  expect(await look(grant)).toEqual({ kind: "absent" });
  expect(world.log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  await rm(join(world.home, ".aws/sso"));
  await mkdir(file, { recursive: true });
  await source.shared.publish(grant);
  await source.shared.withdraw(undefined);
  expect(await look(grant)).toEqual({ kind: "known" });
  expect(await readdir(world.cacheFolder)).toHaveLength(1);
});

test("with the mirror off nothing is written or removed, and a sign-in there is seen", async () => {
  const off = world.source({}, { mirror: false });
  expect(off.shared.writable).toBe(false);
  expect(await off.shared.publish(grant)).toBe(false);
  expect(await look(undefined, false, off)).toEqual({ kind: "absent" });
  await leave(foreign());
  await off.shared.withdraw(undefined);
  const found = await look(undefined, false, off);
  expect(found).toMatchObject({ kind: "foreign", grant: { renewable: false } });
});

test("with the mirror off what we wrote before can be taken away, and nothing else", async () => {
  const off = world.source({}, { mirror: false });
  await source.shared.publish(grant);
  await off.shared.withdraw(await source.renew(grant, never));
  expect(await look(grant)).toEqual({ kind: "known" });
  await off.shared.withdraw(grant);
  expect(await look(grant)).toEqual({ kind: "absent" });
});

test("what stands there is absent, known, or another tool's", async () => {
  expect(await look(grant)).toEqual({ kind: "absent" });
  expect(await source.shared.publish(grant)).toBe(true);
  expect(await look(grant)).toEqual({ kind: "known" });
  const next = await source.renew(grant, never);
  expect(await look(next)).toMatchObject({ kind: "foreign" });
  await source.shared.publish(next);
  expect(await look(next)).toEqual({ kind: "known" });
});

test("a sign-in of another tool is found whole where it is ours to keep", async () => {
  await leave(foreign());
  const writtenAt = new Date(world.clock.now() - 5 * minute);
  await utimes(file, writtenAt, writtenAt);
  const found = await look(grant);
  expect(found).toMatchObject({
    kind: "foreign",
    grant: {
      boundTo: source.boundTo,
      renewable: true,
      issuedAt: writtenAt.getTime(),
      signedInAt: writtenAt.getTime(),
    },
  });
  const saved = found.kind === "foreign" ? readGrant(found.grant.saved) : undefined;
  expect(saved).toMatchObject({
    accessToken: "foreign-token",
    refreshToken: "foreign-refresh",
    registration: { clientId: "client", clientSecret: "client-secret" },
  });
});

test("where it is not ours to keep, neither its refresh token nor its client is taken", async () => {
  await leave(foreign());
  const found = await look(grant, false);
  expect(found).toMatchObject({ kind: "foreign", grant: { renewable: false } });
  const text = found.kind === "foreign" ? found.grant.saved.reveal() : "";
  expect(text).not.toMatch(/foreign-refresh|client-secret/);
});

test.each([
  ["refreshToken", undefined],
  ["clientId", undefined],
  ["clientSecret", undefined],
  ["registrationExpiresAt", undefined],
  ["registrationExpiresAt", "2020-01-01T00:00:00Z"],
  ["registrationExpiresAt", "soon"],
])("without a good %s (%s) a sign-in is found, and cannot be renewed", async (key, value) => {
  await leave(foreign({ [key]: value }));
  expect(await look(undefined)).toMatchObject({ kind: "foreign", grant: { renewable: false } });
});

test("an access token that has ended is worth something only with what renews it", async () => {
  await leave(foreign({ expiresAt: isoIn(-minute) }));
  expect(await look(undefined, true)).toMatchObject({
    kind: "foreign",
    grant: { renewable: true },
  });
  expect(await look(undefined, false)).toEqual({ kind: "absent" });
  expect(await look(grant, false)).toEqual({ kind: "known" });
  await leave(foreign({ expiresAt: isoIn(-minute), refreshToken: undefined }));
  expect(await look(undefined)).toEqual({ kind: "absent" });
});

test("whether it has ended is judged by the provider's clock", async () => {
  world.clock.jump(2 * 60 * minute);
  await source.probe(grant, never);
  await leave(
    foreign({
      expiresAt: writeInstant(instantOf(world.cloud.now() + minute)),
      refreshToken: undefined,
    }),
  );
  expect(await look(undefined)).toMatchObject({ kind: "foreign" });
});

test.each([
  ["another start URL", { startUrl: "https://d-2.awsapps.com/start" }],
  ["another region", { region: "eu-west-1" }],
  ["no start URL", { startUrl: undefined }],
  ["no access token", { accessToken: undefined }],
  ["an empty access token", { accessToken: "" }],
  ["no end", { expiresAt: undefined }],
  ["an end that is no instant", { expiresAt: "2027-13-01T00:00:00Z" }],
])("a file with %s is not adopted, and is no sign-out either", async (_, change) => {
  await leave(foreign(change));
  expect(await look(undefined)).toEqual({ kind: "absent" });
  expect(await look(grant)).toEqual({ kind: "known" });
});

test("a start URL that is written differently is the same place", async () => {
  await leave(foreign({ startUrl: `${corp.startUrl}/#/` }));
  expect(await look(undefined)).toMatchObject({ kind: "foreign" });
});

test.each([
  ["other scopes", ["codewhisperer:completions"], "absent"],
  ["the same scopes", ["sso:account:access"], "foreign"],
  ["more scopes", ["sso:account:access", "x"], "foreign"],
  ["no scopes", null, "foreign"],
])("a token whose client was registered with %s is judged so", async (_, scopes, kind) => {
  await leave(foreign());
  const registration = { clientId: "client", clientSecret: "s", expiresAt: isoIn(minute), scopes };
  await leave("no json", join(world.cacheFolder, "aaa.json"));
  await leave(
    { ...registration, clientId: "another", scopes: ["y"] },
    join(world.cacheFolder, "bbb.json"),
  );
  await leave(registration, join(world.cacheFolder, "ccc.json"));
  expect(await look(undefined)).toMatchObject({ kind });
});

test("a source with scopes of its own does not take a token of a client without any", async () => {
  await leave(foreign());
  await leave({ clientId: "client" }, join(world.cacheFolder, "ccc.json"));
  const other = world.source({ scopes: ["codewhisperer:completions"] });
  expect(await look(undefined, true, other)).toEqual({ kind: "absent" });
});

test("a file that is being written is read again", async () => {
  await leave("");
  const looking = source.shared.look(undefined, true);
  await world.clock.armed(50);
  await leave(JSON.stringify(foreign()).slice(0, 40));
  await world.clock.advance(10);
  await world.clock.armed(50);
  await leave(foreign());
  await world.clock.advance(10);
  expect(await looking).toMatchObject({ kind: "foreign" });
});

test.each(["", "{", "null", "[]", '"x"', "\0\0\0"])(
  "a file that stays garbled (%j) is given up within 50 ms, and is no sign-out",
  async (content) => {
    await leave(content);
    const startedAt = world.clock.now();
    expect(await look(grant)).toEqual({ kind: "known" });
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(50);
    expect(await look(undefined)).toEqual({ kind: "absent" });
  },
);

test("withdrawing a grant takes away its own file only", async () => {
  await source.shared.publish(grant);
  await source.shared.withdraw(grant);
  expect(await look(grant)).toEqual({ kind: "absent" });
  await source.shared.withdraw(grant);
  await leave(foreign());
  await source.shared.withdraw(grant);
  expect(await contentOf()).toEqual(foreign());
  await source.shared.withdraw(undefined);
  expect(await readdir(world.cacheFolder)).toEqual([]);
  expect(world.log.lines).toEqual([]);
});

test("a source that shares no file with other tools finds none", async () => {
  const alone = world.source({ cacheNames: [] });
  await leave(foreign());
  await alone.shared.publish(grant);
  expect(await look(undefined, true, alone)).toEqual({ kind: "absent" });
  expect(await contentOf()).toEqual(foreign());
});

test.each([
  ["2027-01-04T09:00:00Z", 0],
  ["2027-01-04T09:00:00UTC", 0],
  ["2027-01-04T09:00:00+00:00", 0],
  ["2027-01-04T10:00:00+01:00", 0],
  ["2027-01-04T09:00:00.250Z", 250],
  ["2027-01-04T09:00:00.250123456Z", 250],
])("%s is an instant", (text, ms) => {
  expect(readInstant(text)).toBe(Date.UTC(2027, 0, 4, 9) + ms);
});

test.each([
  "",
  "2027-01-04",
  "2027-01-04T09:00:00",
  "1767517200",
  "2027-02-31x",
  "2027-01-04T25:00:00Z",
])("%j is no instant", (text) => {
  expect(readInstant(text)).toBeUndefined();
});
