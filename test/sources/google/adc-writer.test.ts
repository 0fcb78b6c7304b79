import { execFileSync } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";
import { readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../eventually.ts";
import { Broker } from "../../../electron/core/broker.ts";
import type { Grant } from "../../../electron/core/credential.ts";
import type { Session } from "../../../electron/core/session.ts";
import { Secret } from "../../../electron/core/secret.ts";
import { sourceIdOf } from "../../../electron/core/source.ts";
import {
  type AdcEntry,
  adcProblemOf,
  writeAdcFile,
} from "../../../electron/sources/google/adc-writer.ts";
import type {
  OwnDefinition,
  OwnClientSource,
} from "../../../electron/sources/google/own-source.ts";
import { GoogleTools } from "../../../electron/sources/google/tools.ts";
import { authorizedUserFile, serviceAccountFile } from "../../fakes/cloud/google/files.ts";
import { settle } from "../../fakes/clock.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { askNodeGoogle } from "../../fakes/node-google.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { never, startWorld, type World } from "./world.ts";

let world: World;
let file: string;
beforeEach(async () => {
  world = await startWorld();
  file = world.adcFile;
});
afterEach(() => world.close());

const entry: AdcEntry = {
  type: "authorized_user",
  account: "dev@example.com",
  client_id: "ours",
  client_secret: "secret",
  refresh_token: "1//new",
  universe_domain: "googleapis.com",
};

const read = async (path = file): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path, "utf8"));

const leave = async (content: unknown): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
};

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("writing the file", () => {
  test("makes it, and its folder, for its owner only", async () => {
    expect(await writeAdcFile(file, entry, false)).toEqual({ kept: undefined });
    expect(await read()).toEqual(entry);
    expect(await modeOf(file)).toBe(0o600);
    expect(await modeOf(dirname(file))).toBe(0o700);
    expect(await readdir(dirname(file))).toHaveLength(1);
  });

  test("of the same client keeps what people have put there, but no proof of another sign-in", async () => {
    await leave({
      ...entry,
      account: "",
      refresh_token: "1//old",
      quota_project_id: "example-claude",
      rapt_token: "proof",
      mine: { a: 1 },
    });
    await chmod(file, 0o644);
    expect(await writeAdcFile(file, entry, false)).toEqual({ kept: undefined });
    expect(await read()).toEqual({ ...entry, quota_project_id: "example-claude", mine: { a: 1 } });
    expect(await modeOf(file)).toBe(0o600);
    await writeAdcFile(file, { ...entry, quota_project_id: "other" }, false);
    expect(await read()).toMatchObject({ quota_project_id: "other", mine: { a: 1 } });
  });

  test("does nothing where nothing is new", async () => {
    await writeAdcFile(file, entry, false);
    await utimes(file, 1, 1);
    await writeAdcFile(file, entry, false);
    expect((await stat(file)).mtimeMs).toBe(1_000);
  });

  test.each([
    ["another client", { client_id: "theirs" }],
    ["another kind of sign-in", { type: "external_account_authorized_user" }],
  ])("of %s leaves it, unless it is to be replaced", async (_, theirs) => {
    const before = JSON.stringify({ ...entry, ...theirs, quota_project_id: "theirs" });
    await leave(before);
    await expect(writeAdcFile(file, entry, false)).rejects.toMatchObject({
      code: "usage",
      message: `${file} has a sign-in of another OAuth client.`,
    });
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await readdir(dirname(file))).toHaveLength(1);
    const kept = `${file}.before-evercred`;
    expect(await writeAdcFile(file, entry, true)).toEqual({ kept });
    expect(await read()).toEqual(entry);
    expect(await readFile(kept, "utf8")).toBe(before);
    expect(await modeOf(kept)).toBe(0o600);
  });

  test("keeps each file that it replaces", async () => {
    for (const name of ["first", "second", "third"]) {
      await leave({ ...entry, client_id: name });
      await writeAdcFile(file, entry, true);
    }
    expect(await read(`${file}.before-evercred`)).toMatchObject({ client_id: "first" });
    expect(await read(`${file}.before-evercred-2`)).toMatchObject({ client_id: "second" });
    expect(await read(`${file}.before-evercred-3`)).toMatchObject({ client_id: "third" });
  });

  test.each([
    ["cut off", '{"type":"authori', "is not whole: it holds no JSON object."],
    ["empty", "", "is not whole: it holds no JSON object."],
    ["a list", [], "is not whole: it holds no JSON object."],
    ["of nobody knows what", { a: 1 }, "holds credentials of no known kind, which are left alone."],
    [
      "of a service account",
      { type: "service_account" },
      "holds credentials of service_account, which are left alone.",
    ],
    [
      "without a client",
      { type: "authorized_user", refresh_token: "r", client_secret: "s" },
      "is not whole: it has no client_id.",
    ],
    [
      "without a secret",
      { ...entry, client_secret: undefined },
      "is not whole: it has no client_secret.",
    ],
    [
      "without a token",
      { ...entry, client_id: "theirs", refresh_token: 1 },
      "is not whole: it has no refresh_token.",
    ],
  ])("leaves a file that is %s, always", async (_, content, sentence) => {
    await leave(content);
    const before = await readFile(file, "utf8");
    const refused = { code: "config-invalid", message: `${file} ${sentence}` };
    await expect(writeAdcFile(file, entry, true)).rejects.toMatchObject(refused);
    expect(await adcProblemOf("google", file, entry)).toMatchObject({ sentence: refused.message });
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await readdir(dirname(file))).toHaveLength(1);
  });

  test("leaves links, folders and pipes, always", async () => {
    await mkdir(dirname(file), { recursive: true });
    const real = `${file}.real`;
    await writeFile(real, JSON.stringify(entry));
    await symlink(real, file);
    await expect(writeAdcFile(file, entry, true)).rejects.toMatchObject({
      message: `${file} is a link, and what it leads to is left alone.`,
    });
    await unlink(file);
    await symlink(`${file}.nowhere`, file);
    await expect(writeAdcFile(file, entry, true)).rejects.toMatchObject({ code: "config-invalid" });
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    await unlink(file);
    await mkdir(file);
    await expect(writeAdcFile(file, entry, true)).rejects.toMatchObject({
      message: `${file} is not a file.`,
    });
    await rm(file, { recursive: true });
    execFileSync("mkfifo", [file]);
    await expect(writeAdcFile(file, entry, true)).rejects.toMatchObject({
      message: `${file} is not a file.`,
    });
  });

  test("says what the system says where it cannot write, and leaves nothing behind", async () => {
    await mkdir(dirname(dirname(file)), { recursive: true });
    await writeFile(dirname(file), "a file where the folder should be");
    await expect(writeAdcFile(file, entry, false)).rejects.toMatchObject({
      code: "config-invalid",
      message: `${file} cannot be written (EEXIST).`,
    });
  });

  test("gives way to whoever has written there meanwhile", async () => {
    await writeAdcFile(file, entry, false);
    const writing = writeAdcFile(file, { ...entry, refresh_token: "1//newer" }, false);
    const isDraft = (name: string): boolean => name.endsWith(".tmp");
    while (!readdirSync(dirname(file)).some(isDraft)) await settle();
    writeFileSync(file, "somebody else's");
    await expect(writing).rejects.toMatchObject({
      code: "config-invalid",
      message: `${file} is being changed by another program.`,
    });
    expect(await readFile(file, "utf8")).toBe("somebody else's");
    expect(await readdir(dirname(file))).toHaveLength(1);
  });

  test("of several at the same time is one that is whole", async () => {
    const writes = Array.from({ length: 5 }, (_, i) =>
      writeAdcFile(file, { ...entry, client_id: `c${i}` }, false).then(
        () => i,
        (thrown: unknown) => thrown,
      ),
    );
    const outcomes = await Promise.all(writes);
    const done = outcomes.filter((outcome) => typeof outcome === "number");
    expect(done.length).toBeGreaterThan(0);
    expect(await read()).toMatchObject({ client_id: expect.stringMatching(/^c\d$/) });
    expect(await readdir(dirname(file))).toHaveLength(1);
  });
});

test("a source that is to have the file says what stands in the way", async () => {
  expect(await adcProblemOf("google", file, entry)).toBeUndefined();
  await leave(entry);
  expect(await adcProblemOf("google", file, entry)).toBeUndefined();
  await leave({ ...entry, client_id: "theirs" });
  expect(await adcProblemOf("google", file, entry)).toEqual({
    file,
    line: undefined,
    sentence: `${file} has a sign-in of another OAuth client, and stays as it is.`,
    remedy: "To have google there: evercred gcp adc --account google --yes",
  });
});

describe("the file of a source", () => {
  let broker: Broker;
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
    const { clock, log } = world;
    broker = new Broker({ store, memo: new MemoryMemo(), clock, random: () => 0.5, log });
  });
  afterEach(() => broker.close());

  const memory = { last: undefined, stood: false };
  const open = async (definition: Partial<OwnDefinition> = {}): Promise<Session> => {
    await broker.configure([world.own({ adcMemory: { ...memory }, ...definition })]);
    return broker.session(sourceIdOf("google"))!;
  };
  const signIn = async (session: Session): Promise<void> => {
    const signing = session.signIn("code");
    await world.answer(await signing.request);
    await expect(signing.outcome).resolves.toEqual({ kind: "signed-in" });
  };
  const refreshToken = (): string => JSON.parse(store.peek("grant/google")!).refreshToken;
  /** Another program of this user, which finds its credentials itself. */
  const ask = () =>
    askNodeGoogle({ ...world.cloud.env(), HOME: world.home, PATH: process.env["PATH"]! });
  const ours = (more: object = {}) => ({
    type: "authorized_user",
    account: "dev@example.com",
    client_id: world.client.id,
    client_secret: world.client.secret,
    refresh_token: refreshToken(),
    universe_domain: "googleapis.com",
    ...more,
  });

  test("is not there unless it is asked for", async () => {
    await signIn(await open());
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is written after a sign-in, and other programs work with it", async () => {
    await signIn(await open({ keepsAdc: true, quotaProject: "example-claude" }));
    expect(await read()).toEqual(ours({ quota_project_id: "example-claude" }));
    const { token } = await ask();
    expect(world.cloud.google.whose(token!)).toBe("dev@example.com");
  });

  test("programs that were shut out work again after the next sign-in", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    const set = { ...(await read()), quota_project_id: "example-claude" };
    await leave(set);
    world.cloud.google.expireSessions();
    expect((await ask()).error).toMatch(/invalid_grant|invalid_rapt/);
    await world.pass(3_600_000);
    await session.revive().catch(() => undefined);
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "reauth" });
    expect(await read()).toEqual(set);
    await signIn(session);
    expect(await read()).toEqual(ours({ quota_project_id: "example-claude" }));
    expect((await ask()).token).toBeDefined();
  });

  test("that somebody else keeps for the same client follows each sign-in", async () => {
    const { google } = world.cloud;
    await leave(authorizedUserFile(google.grant(world.client), { quota_project_id: "mine" }));
    const session = await open();
    await signIn(session);
    expect(await read()).toEqual(ours({ quota_project_id: "mine" }));
    await signIn(session);
    expect(await read()).toEqual(ours({ quota_project_id: "mine" }));
  });

  test("of another person, or another client, is left to them", async () => {
    const { google } = world.cloud;
    const others = [
      authorizedUserFile(google.grant(world.client), { account: "other@example.com" }),
      authorizedUserFile(google.grant(google.addClient())),
      serviceAccountFile(google.addServiceAccount()),
    ];
    const session = await open();
    for (const text of others) {
      await leave(text);
      await signIn(session);
      expect(await readFile(file, "utf8")).toBe(text);
    }
    await session.signOut();
    expect(await readFile(file, "utf8")).toBe(others[2]);
  });

  test("of another client stays, also where it is to be there for this source", async () => {
    const text = authorizedUserFile(world.cloud.google.grant(world.cloud.google.addClient()));
    await leave(text);
    const session = await open({ keepsAdc: true });
    await signIn(session);
    expect(await readFile(file, "utf8")).toBe(text);
    expect(world.log.lines).toContainEqual({
      level: "warn",
      event: "google: ADC file not written",
      fields: { source: "google", code: "usage" },
    });
    await session.look();
    expect(session.isSignedIn).toBe(true);
  });

  test("goes with a sign-out, also after the configuration was read anew", async () => {
    const adcMemory = { ...memory };
    const session = await open({ keepsAdc: true, adcMemory });
    await signIn(session);
    await open({ keepsAdc: true, adcMemory, title: "renamed" });
    await session.signOut();
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("goes while nothing may lie about, and comes back after it", async () => {
    const adcMemory = { ...memory };
    const session = await open({ keepsAdc: true, adcMemory });
    await signIn(session);
    expect(await read()).toEqual(ours());
    await open({ hidesAdc: true, adcMemory });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    await signIn(session);
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    expect(session.isSignedIn).toBe(true);
    await open({ keepsAdc: true, adcMemory });
    await eventually(async () => expect(await read()).toEqual(ours()));
  });

  test("that is another's stays, also while nothing may lie about", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    const text = authorizedUserFile(world.cloud.google.grant(world.client));
    await leave(text);
    await open({ hidesAdc: true });
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("stays at a sign-out where it has another sign-in of the same client", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    const text = authorizedUserFile(world.cloud.google.grant(world.client));
    await leave(text);
    await session.signOut();
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("goes where the configuration names another client", async () => {
    await signIn(await open({ keepsAdc: true }));
    const { id, secret } = world.cloud.google.addClient();
    const session = await open({ keepsAdc: true, client: { id, secret: new Secret(secret) } });
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "changed" });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("that has vanished is a question to Google, not a sign-out", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    await unlink(file);
    await session.look();
    expect(session.isSignedIn).toBe(true);
    expect(world.cloud.google.count("token-info")).toBe(1);
    await session.look();
    expect(world.cloud.google.count("token-info")).toBe(1);
  });

  test("that has vanished while Evercred was not there is a question too", async () => {
    await signIn(await open({ keepsAdc: true }));
    await unlink(file);
    await (await open({ keepsAdc: true })).look();
    expect(world.cloud.google.count("token-info")).toBe(1);
  });

  test("that has vanished with the consent is a sign-out with another tool", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    await unlink(file);
    world.cloud.google.revokeAll();
    await session.look();
    expect(session.state).toMatchObject({ kind: "signed-out", reason: "elsewhere" });
  });

  test("that nobody has promised is not missed", async () => {
    const session = await open();
    await signIn(session);
    await session.look();
    expect(session.isSignedIn).toBe(true);
    expect(world.cloud.google.count("token-info")).toBe(0);
  });

  test("that somebody kept, and has taken away, is missed", async () => {
    const session = await open();
    await leave(authorizedUserFile(world.cloud.google.grant(world.client)));
    await signIn(session);
    await unlink(file);
    await session.look();
    expect(world.cloud.google.count("token-info")).toBe(1);
  });

  test("that somebody kept is missed where it was seen since the start", async () => {
    await leave(authorizedUserFile(world.cloud.google.grant(world.client)));
    await signIn(await open());
    const session = await open();
    await session.look();
    await unlink(file);
    await session.look();
    expect(world.cloud.google.count("token-info")).toBe(1);
  });

  test("that went with a sign-out is not missed at the next sign-in", async () => {
    await leave(authorizedUserFile(world.cloud.google.grant(world.client)));
    const session = await open();
    await signIn(session);
    await session.signOut();
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    await signIn(session);
    await session.look();
    expect(world.cloud.google.count("token-info")).toBe(0);
  });

  test("is not written of what cannot be renewed", async () => {
    const source = world.own({ keepsAdc: true });
    const grant = await world.signIn(source);
    const saved = JSON.stringify({ ...JSON.parse(grant.saved.reveal()), refreshToken: undefined });
    const bare = { ...grant, saved: new Secret(saved) };
    await expect(source.shared.publish(bare)).resolves.toBe(false);
    await expect(source.shared.publish(grant)).resolves.toBe(true);
  });

  test("is never taken for a sign-in of our own", async () => {
    await leave(authorizedUserFile(world.cloud.google.grant(world.client)));
    const session = await open({ keepsAdc: true });
    await session.look();
    expect(session.isSignedIn).toBe(false);
  });

  test("with an older sign-in of ours is written anew at the next renewal", async () => {
    const session = await open({ keepsAdc: true });
    await signIn(session);
    await leave(ours({ refresh_token: "1//older" }));
    await session.look();
    expect(session.isSignedIn).toBe(true);
    await world.pass(3_600_000);
    await session.revive();
    expect(await read()).toEqual(ours());
  });
});

describe("gcp adc", () => {
  const toolsFor = (source: OwnClientSource, grant: Grant): GoogleTools =>
    new GoogleTools({
      sources: { adcFile: file, gcloudFolder: dirname(file), givers: [source] },
      lend: (_, work) => work(grant),
    });

  test("writes the file from a source's grant", async () => {
    const source = world.own();
    const tools = toolsFor(source, await world.signIn(source));
    expect(tools.adcFile).toBe(file);
    const how = { quotaProject: "example-claude", replace: false };
    expect(await tools.writeAdc("google", how)).toEqual({ kept: undefined });
    expect(await read()).toMatchObject({
      client_id: world.client.id,
      quota_project_id: "example-claude",
    });
  });

  test("replaces another client's file only where that is said", async () => {
    const { google } = world.cloud;
    await leave(authorizedUserFile(google.grant(google.addClient())));
    const source = world.own();
    const tools = toolsFor(source, await world.signIn(source));
    const write = (replace: boolean) =>
      tools.writeAdc("google", { quotaProject: undefined, replace });
    await expect(write(false)).rejects.toMatchObject({ code: "usage" });
    expect(await write(true)).toEqual({ kept: `${file}.before-evercred` });
  });

  test("one after the other, two at once both come through", async () => {
    const source = world.own();
    const tools = toolsFor(source, await world.signIn(source));
    const write = (quotaProject: string) =>
      tools.writeAdc("google", { quotaProject, replace: false });
    await Promise.all([write("a"), write("b"), write("c")]);
    expect(await read()).toMatchObject({ quota_project_id: "c" });
  });

  test("of a grant that cannot be renewed is refused", async () => {
    const source = world.own();
    const grant = await world.signIn(source);
    const tools = new GoogleTools({
      sources: {
        adcFile: file,
        gcloudFolder: dirname(file),
        givers: [{ id: source.id, adcEntryOf: () => undefined }],
      },
      lend: (_, work) => work(grant),
    });
    const write = tools.writeAdc("google", { quotaProject: undefined, replace: false });
    await expect(write).rejects.toMatchObject({ code: "internal" });
  });

  test("of a source that is kept by others is refused", async () => {
    const source = world.own();
    const tools = toolsFor(source, await world.signIn(source));
    const write = tools.writeAdc("adc", { quotaProject: undefined, replace: true });
    await expect(write).rejects.toMatchObject({ code: "usage" });
  });

  test("of a workforce sign-in works with Google's library", async () => {
    const source = world.workforce({ quotaProject: "example-claude" });
    const grant = await world.signIn(source);
    await writeAdcFile(file, source.adcEntryOf(grant)!, false);
    expect(await read()).toEqual({
      type: "external_account_authorized_user",
      audience: world.pool.audience,
      client_id: world.client.id,
      client_secret: world.client.secret,
      refresh_token: JSON.parse(grant.saved.reveal()).refreshToken,
      token_info_url: "https://sts.googleapis.com/v1/introspect",
      token_url: "https://sts.googleapis.com/v1/oauthtoken",
      universe_domain: "googleapis.com",
      quota_project_id: "example-claude",
    });
    const env = { ...world.cloud.env(), HOME: world.home, PATH: process.env["PATH"]! };
    const { token } = await askNodeGoogle(env);
    expect(world.cloud.google.whose(token!)).toContain("/subject/dev@example.com");
    await expect(source.probe(grant, never)).resolves.toBeUndefined();
  });
});
