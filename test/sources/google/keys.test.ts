import { afterEach, beforeEach, expect, test } from "vitest";
import { Broker } from "../../../electron/core/broker.ts";
import { tokenOf, type TokenCredential } from "../../../electron/core/credential.ts";
import { type GoogleAsk, plainGoogleAsk } from "../../../electron/core/google.ts";
import { targetOf } from "../../../electron/core/source.ts";
import type { GoogleKey } from "../../../electron/sources/google/offer.ts";
import { serviceAccountFile } from "../../fakes/cloud/google/files.ts";
import { MemoryMemo } from "../../fakes/memo.ts";
import { MemoryStore } from "../../fakes/store.ts";
import { openAdc, write } from "./adc-world.ts";
import { startWorld, type World } from "./world.ts";

const audience = "https://gateway.example.com";
let world: World;
let broker: Broker;

beforeEach(async () => {
  world = await startWorld();
  const { clock, log } = world;
  const store = new MemoryStore();
  broker = new Broker({ store, memo: new MemoryMemo(), clock, random: () => 0, log });
});

afterEach(async () => {
  await broker.close();
  await world.close();
});

const keyOf = (name: string, ask: Partial<GoogleAsk>): GoogleKey => ({
  name,
  ask: { ...plainGoogleAsk, ...ask },
});

const issue = async (name: string): Promise<TokenCredential> =>
  tokenOf(await broker.issue(targetOf("api-key", name)));

test("of a person they are that one's token, or a service account's for an audience", async () => {
  const { google } = world.cloud;
  const gateway = google.addServiceAccount("gateway");
  google.allowImpersonation("dev@example.com", gateway);
  const iap = keyOf("iap", { form: "id", audience, impersonate: [gateway.email] });
  await broker.configure([world.own({}, [iap, keyOf("vertex", {})])]);
  await expect(issue("vertex")).rejects.toMatchObject({ code: "sign-in-needed" });
  const signIn = broker.session("google")!.signIn("code");
  await world.answer(await signIn.request);
  expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  const own = tokenOf(await broker.issue(targetOf("gcp", "google")));
  expect((await issue("vertex")).token.reveal()).toBe(own.token.reveal());
  const { token, expiresAt } = await issue("iap");
  const claims = google.claimsOf(token.reveal());
  expect(claims).toMatchObject({ aud: audience, email: gateway.email });
  expect(expiresAt).toBe(Number(claims?.["exp"]) * 1_000);
  const asked = world.cloud.log.count();
  await Promise.all([issue("iap"), issue("vertex"), issue("iap")]);
  expect(world.cloud.log.count()).toBe(asked);
});

test("of a service account they need nobody", async () => {
  const robot = world.cloud.google.addServiceAccount();
  await write(world.adcFile, serviceAccountFile(robot));
  const keys = [keyOf("iap", { form: "id", audience }), keyOf("vertex", {})];
  await broker.configure([await openAdc(world, {}, {}, keys)]);
  const claims = world.cloud.google.claimsOf((await issue("iap")).token.reveal());
  expect(claims).toMatchObject({ aud: audience, email: robot.email });
  const vertex = await issue("vertex");
  expect(world.cloud.google.whose(vertex.token.reveal())).toBe(robot.email);
});

test("of a workforce pool they are its token", async () => {
  await broker.configure([world.workforce({}, [keyOf("vertex", {})])]);
  const signIn = broker.session("workforce")!.signIn("code");
  await world.answer(await signIn.request);
  expect(await signIn.outcome).toEqual({ kind: "signed-in" });
  const own = tokenOf(await broker.issue(targetOf("gcp", "workforce")));
  expect((await issue("vertex")).token.reveal()).toBe(own.token.reveal());
});
