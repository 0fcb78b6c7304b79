import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { EvercredError } from "../../../electron/core/errors.ts";
import type { AdcDefinition } from "../../../electron/sources/google/adc-definition.ts";
import type { AdcSource } from "../../../electron/sources/google/adc-source.ts";
import {
  authorizedUserFile,
  externalAccountFile,
  impersonatedFile,
  serviceAccountFile,
} from "../../fakes/cloud/google/files.ts";
import { type Pool, principalOf } from "../../fakes/cloud/google/pools.ts";
import type { ServiceAccount } from "../../fakes/cloud/google/service-accounts.ts";
import { signInOptions } from "../../fakes/source.ts";
import { ask, found, good, openAdc, write, writtenAt } from "./adc-world.ts";
import { cloudPlatform, never, startWorld, type World } from "./world.ts";

const audience = "https://gateway.example.com";
const readOnly = "https://www.googleapis.com/auth/devstorage.read_only";
const servers: Server[] = [];
let world: World;
let robot: ServiceAccount;
let pool: Pool;

beforeEach(async () => {
  world = await startWorld();
  robot = world.cloud.google.addServiceAccount();
  pool = world.cloud.google.addPool({ kind: "workload" });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
  await world.close();
});

const key = async (more: Readonly<Record<string, unknown>> = {}): Promise<AdcSource> => {
  await write(world.adcFile, serviceAccountFile(robot, more));
  return openAdc(world);
};

test("a service account's key needs nobody, and is kept by whoever its file is of", async () => {
  const source = await key();
  expect(source).toMatchObject({
    unattended: true,
    byProgram: false,
    keptBy: "application_default_credentials.json",
    organisation: "googleapis.com",
  });
  expect(source.offers.get("gcp:adc" as never)).toMatchObject({
    title: `Google access token of ${robot.email}`,
    project: robot.projectId,
  });
  const grant = await found(source);
  expect(grant).toMatchObject({
    signedInAt: writtenAt,
    expiresAt: Infinity,
    renewable: false,
    account: robot.email,
  });
  await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
    code: "usage",
    message: "adc needs no sign-in.",
  });
  await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "internal" });
  await expect(source.probe(grant, never)).resolves.toBeUndefined();
  await expect(source.revoke(grant, never)).resolves.toBeUndefined();
  expect(world.cloud.log.count()).toBe(0);
});

test("a service account's tokens have the scopes or the audience that are asked for", async () => {
  const source = await key();
  const grant = await good(source);
  const { google } = world.cloud;
  const plain = await ask(source, grant);
  expect(google.whose(plain.token.reveal())).toBe(robot.email);
  expect(plain.scopes).toEqual([cloudPlatform]);
  expect(plain.expiresAt - plain.issuedAt).toBe(3_599_000);
  const narrow = await ask(source, grant, { scopes: [readOnly] });
  expect(google.scopesOf(narrow.token.reveal())).toEqual([readOnly]);
  const id = await ask(source, grant, { form: "id", audience });
  expect(google.claimsOf(id.token.reveal())).toMatchObject({ aud: audience, email: robot.email });
  await expect(ask(source, grant, { form: "id" })).rejects.toMatchObject({
    code: "usage",
    message: "An identity token needs an audience.",
  });
});

test.each<[string, () => void]>([
  ["a deleted key", () => world.cloud.google.deleteKey(robot)],
  ["a disabled service account", () => world.cloud.google.setServiceAccount(robot, false)],
])("%s is no longer accepted", async (_, end) => {
  const source = await key();
  end();
  await expect(ask(source, await good(source))).rejects.toMatchObject({ code: "token-rejected" });
});

test("a clock that is wrong costs a service account one refusal, then no more", async () => {
  world.cloud.advance(2 * 60 * 60_000);
  const source = await key();
  const grant = await good(source);
  const { google } = world.cloud;
  const { token, expiresAt } = await ask(source, grant);
  expect(google.whose(token.reveal())).toBe(robot.email);
  expect(expiresAt).toBeGreaterThan(world.cloud.now());
  expect(google.count("assertion")).toBe(2);
  await ask(source, grant);
  expect(google.count("assertion")).toBe(3);
});

test("a clock that Google finds wrong without saying what is right is told", async () => {
  const source = await key();
  const grant = await good(source);
  const description = "Invalid JWT: Token must be a short-lived token (60 minutes).";
  const body = JSON.stringify({ error: "invalid_grant", error_description: description });
  const refused = world.cloud.faults.add({ kind: "status", status: 400, body });
  await expect(ask(source, grant)).rejects.toMatchObject({ code: "clock-wrong" });
  // Where the refusal itself was long under way, its date is news, and is tried once.
  expect([1, 2]).toContain(refused.hits);
});

test("a service account becomes another one, where it may", async () => {
  const { google } = world.cloud;
  const other = google.addServiceAccount("other");
  await write(world.adcFile, impersonatedFile(serviceAccountFile(robot), other.email));
  const source = await openAdc(world);
  expect(source).toMatchObject({ unattended: true });
  const grant = await good(source);
  expect(grant.account).toBe(other.email);
  await expect(ask(source, grant)).rejects.toMatchObject({
    code: "access-denied",
    message: `adc may not become ${other.email}.`,
    remedy: "Have roles/iam.serviceAccountTokenCreator granted on it to whoever adc is.",
  });
  google.allowImpersonation(robot.email, other);
  const { token } = await ask(source, grant, { scopes: [readOnly] });
  expect(google.whose(token.reveal())).toBe(other.email);
  expect(google.scopesOf(token.reveal())).toEqual([readOnly]);
});

test("scopes that the file itself names are the usual ones", async () => {
  const other = world.cloud.google.addServiceAccount("other");
  world.cloud.google.allowImpersonation(robot.email, other);
  const text = impersonatedFile(serviceAccountFile(robot), other.email);
  await write(world.adcFile, JSON.stringify({ ...JSON.parse(text), scopes: [readOnly] }));
  const source = await openAdc(world);
  expect((await ask(source, await good(source))).scopes).toEqual([readOnly]);
});

const token = (): string => world.cloud.google.subjectToken(pool, "build");

/** The source of an outside identity that is proved so. */
const outside = async (
  proof: Readonly<Record<string, unknown>>,
  become?: string,
  definition: Partial<AdcDefinition> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<AdcSource> => {
  await write(world.adcFile, externalAccountFile(pool, proof, become, more));
  return openAdc(world, definition);
};

const tokenFile = async (text: string): Promise<string> => {
  const file = join(world.home, "token");
  await writeFile(file, text);
  return file;
};

test("a token in a file proves an outside identity, as text or as JSON, anew each time", async () => {
  const file = await tokenFile(`${token()}\n`);
  const source = await outside({ file });
  expect(source).toMatchObject({ unattended: true });
  const grant = await good(source);
  const first = await ask(source, grant);
  const { google } = world.cloud;
  expect(google.whose(first.token.reveal())).toBe(principalOf(pool, "build"));
  expect(first.scopes).toEqual([cloudPlatform]);
  await tokenFile(google.subjectToken(pool, "deploy"));
  const second = await ask(source, grant, { scopes: [readOnly] });
  expect(google.whose(second.token.reveal())).toBe(principalOf(pool, "deploy"));
  expect(google.scopesOf(second.token.reveal())).toEqual([readOnly]);
  await tokenFile(JSON.stringify({ access_token: token() }));
  const format = { type: "json", subject_token_field_name: "access_token" };
  const json = await outside({ file, format });
  expect(google.whose((await ask(json, await good(json))).token.reveal())).toBeDefined();
});

test("an outside identity becomes the service account that its file names, for its time", async () => {
  const { google } = world.cloud;
  const file = await tokenFile(token());
  const lifetime = { service_account_impersonation: { token_lifetime_seconds: 600 } };
  const source = await outside({ file }, robot.email, {}, lifetime);
  const grant = await good(source);
  expect(grant.account).toBe(robot.email);
  await expect(ask(source, grant)).rejects.toMatchObject({ code: "access-denied" });
  google.allowImpersonation(principalOf(pool, "build"), robot);
  const { token: got, expiresAt } = await ask(source, grant, { scopes: [readOnly] });
  expect(google.whose(got.reveal())).toBe(robot.email);
  expect(expiresAt).toBeLessThanOrEqual(world.cloud.now() + 600_000);
  const id = await ask(source, grant, { form: "id", audience });
  expect(google.claimsOf(id.token.reveal())).toMatchObject({ email: robot.email });
});

test("an outside identity as such cannot choose an audience", async () => {
  const source = await outside({ file: await tokenFile(token()) });
  const id = ask(source, await good(source), { form: "id", audience });
  await expect(id).rejects.toMatchObject({
    code: "usage",
    message: "A federated identity cannot choose an audience.",
  });
});

test("a file that should prove it, and does not, is named", async () => {
  const file = join(world.home, "token");
  const source = await outside({ file });
  const grant = await good(source);
  const missing = {
    code: "config-invalid",
    message: `${file} does not exist. It should prove who adc is.`,
  };
  await expect(ask(source, grant)).rejects.toMatchObject(missing);
  const empty = {
    code: "config-invalid",
    message: `There is no token in ${file}, which should prove who adc is.`,
  };
  await tokenFile(" \n");
  await expect(ask(source, grant)).rejects.toMatchObject(empty);
  const json = await outside({ file, format: { type: "json", subject_token_field_name: "t" } });
  for (const text of ["{}", '{"t":7}', "no json"]) {
    await tokenFile(text);
    await expect(ask(json, await good(json))).rejects.toMatchObject(empty);
  }
});

test("what Google says of a proof is passed on, and is no end", async () => {
  const file = await tokenFile(world.cloud.google.subjectToken(pool, "x", { lifetimeMs: 1_000 }));
  world.cloud.advance(2_000);
  const source = await outside({ file });
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "access-denied",
    message:
      "Google does not take what proves who adc is. It says: ID Token in the request is stale to sign-in.",
  });
  world.cloud.faults.add({ kind: "status", status: 400, body: '{"error":"server_error"}' });
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "provider-unavailable",
  });
});

test("a page of the network instead of an exchange is no word of Google's", async () => {
  const source = await outside({ file: await tokenFile(token()) });
  world.cloud.faults.add({ kind: "html", status: 403 });
  await expect(ask(source, await good(source))).rejects.toMatchObject({ code: "reply-invalid" });
});

test("an exchange that the file does not name is Google's own", async () => {
  const file = await tokenFile(token());
  const source = await outside({ file }, undefined, {}, { token_url: undefined });
  const got = await ask(source, await good(source));
  expect(world.cloud.google.whose(got.token.reveal())).toBe(principalOf(pool, "build"));
});

test("the exchange goes through our own way out, and ends with the caller's signal", async () => {
  const source = await outside({ file: await tokenFile(token()) });
  const grant = await good(source);
  const held = world.cloud.faults.add({ kind: "hang", host: "sts.googleapis.com" });
  const stop = new AbortController();
  const key = [...source.offers.values()][0]!.key;
  const issue = source.issue(grant, key, stop.signal);
  while (held.hits === 0) await new Promise((resolve) => setImmediate(resolve));
  const reason = new Error("The caller has gone.");
  stop.abort(reason);
  await expect(issue).rejects.toBe(reason);
  held.remove();
});

test("a project of a workforce pool, and a client of one's own, go along with the exchange", async () => {
  pool = world.cloud.google.addPool({ id: "people" });
  const file = await tokenFile(token());
  const project = { workforce_pool_user_project: "a-project" };
  const source = await outside({ file }, undefined, {}, project);
  await ask(source, await good(source));
  const sent = (): URLSearchParams =>
    new URLSearchParams(world.cloud.log.all({ path: "/v1/token" }).at(-1)?.body);
  expect(sent().get("options")).toBe('{"userProject":"a-project"}');
  const { id, secret } = world.client;
  const ours = await outside({ file }, undefined, {}, { client_id: id, client_secret: secret });
  await ask(ours, await good(ours));
  const { authorization } = world.cloud.log.all({ path: "/v1/token" }).at(-1)!.headers;
  expect(authorization).toBe(`Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`);
});

/** A server of this machine, as clouds have one for their own machines. */
const serve = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token`;
};

test("a token at an address proves an outside identity, as text or as JSON", async () => {
  const url = await serve(({ headers }, response) => {
    if (headers["metadata"] !== "True") response.writeHead(403).end();
    else response.end(headers["x-json"] === "1" ? JSON.stringify({ it: token() }) : token());
  });
  const { google } = world.cloud;
  const text = await outside({ url, headers: { Metadata: "True" } });
  const plain = await ask(text, await good(text));
  expect(google.whose(plain.token.reveal())).toBe(principalOf(pool, "build"));
  const format = { type: "json", subject_token_field_name: "it" };
  const json = await outside({ url, headers: { Metadata: "True", "X-Json": "1" }, format });
  expect(google.whose((await ask(json, await good(json))).token.reveal())).toBeDefined();
  const { host } = new URL(url);
  const stranger = await outside({ url });
  await expect(ask(stranger, await good(stranger))).rejects.toMatchObject({
    code: "access-denied",
    message: `${host} gives no token that proves who adc is.`,
  });
  const other = await outside({ url, headers: { Metadata: "True" }, format });
  await expect(ask(other, await good(other))).rejects.toMatchObject({
    code: "reply-invalid",
    message: `There is no token in what ${host} says of adc.`,
  });
});

test("an address where nobody answers is told as such", async () => {
  const url = await serve(() => undefined);
  const source = await outside({ url });
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "unreachable",
    message: `${new URL(url).host} cannot be reached (ECONNREFUSED).`,
  });
});

/** A program that prints what is in a file, and leaves its environment beside it. */
const program = async (output: unknown, script = 'cat "$0.out"'): Promise<string> => {
  const folder = join(world.home, "my tools");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "prove");
  const text = typeof output === "string" ? output : JSON.stringify(output);
  await writeFile(`${path}.out`, text);
  await writeFile(path, `#!/bin/sh\nenv > "$0.env"\necho "$@" > "$0.args"\n${script}\n`);
  await chmod(path, 0o700);
  return path;
};

const jwt = "urn:ietf:params:oauth:token-type:jwt";
const printed = (more: Readonly<Record<string, unknown>> = {}) => ({
  version: 1,
  success: true,
  token_type: jwt,
  id_token: token(),
  ...more,
});

const proved = (
  command: string,
  more: Readonly<Record<string, unknown>> = {},
  become?: string,
): Promise<AdcSource> =>
  outside({ executable: { command, ...more } }, become, { allowExecutables: true });

test("a program proves an outside identity, where that is allowed", async () => {
  const path = await program(printed(), 'echo "Fetching…" >&2; cat "$0.out"');
  const command = `"${path}" --for "two words"`;
  const forbidden = await outside({ executable: { command } });
  await expect(ask(forbidden, await good(forbidden))).rejects.toMatchObject({
    code: "config-invalid",
    message: `The program ${path}, which proves who adc is, may not be run.`,
    remedy: "If you trust it, set allowExecutables of sources.adc to true.",
  });
  const { google } = world.cloud;
  google.allowImpersonation(principalOf(pool, "build"), robot);
  const source = await proved(command, {}, robot.email);
  const got = await ask(source, await good(source));
  expect(google.whose(got.token.reveal())).toBe(robot.email);
  expect(await readFile(`${path}.args`, "utf8")).toBe("--for two words\n");
  const env = await readFile(`${path}.env`, "utf8");
  expect(
    env
      .split("\n")
      .filter((line) => line.startsWith("GOOGLE_"))
      .sort(),
  ).toEqual([
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1",
    `GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=${pool.audience}`,
    `GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL=${robot.email}`,
    "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0",
    `GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=${jwt}`,
  ]);
  expect(process.env["GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"]).toBeUndefined();
});

test("a program's assertion of the SAML kind is taken where it stands", async () => {
  const saml = "urn:ietf:params:oauth:token-type:saml2";
  const response = world.cloud.google.subjectToken(pool, "build", { type: saml });
  const path = await program(
    printed({ token_type: saml, id_token: undefined, saml_response: response }),
  );
  await write(
    world.adcFile,
    externalAccountFile(pool, { executable: { command: `"${path}"` } }, undefined, {
      subject_token_type: saml,
    }),
  );
  const source = await openAdc(world, { allowExecutables: true });
  const got = await ask(source, await good(source));
  expect(world.cloud.google.whose(got.token.reveal())).toBe(principalOf(pool, "build"));
});

test.each<[string, unknown, string | undefined, string]>([
  [
    "says no",
    { version: 1, success: false, code: "401", message: "You have to log in." },
    undefined,
    "gives no token. It says: You have to log in.",
  ],
  ["fails", "oh no", "exit 3", "has failed (exit code 3)."],
  ["prints something else", "ya29.secret", undefined, "prints something else than a token."],
  [
    "prints no token",
    { version: 1, success: true, token_type: jwt },
    undefined,
    "prints something else than a token.",
  ],
  [
    "prints too much",
    { version: 1, success: true, token_type: jwt, id_token: "x", more: "x".repeat(65 * 1024) },
    undefined,
    "prints too much.",
  ],
  [
    "gives a token that has ended",
    { version: 1, success: true, token_type: jwt, id_token: "x", expiration_time: 1 },
    undefined,
    "gives a token that has ended.",
  ],
])("a program that %s is named, and what it printed is not", async (_, output, script, what) => {
  const path = await program(output, script);
  const source = await proved(`"${path}"`);
  const refused = ask(source, await good(source));
  await expect(refused).rejects.toMatchObject({
    code: "access-denied",
    message: `The program ${path}, which proves who adc is, ${what}`,
  });
});

test("a program that is not there, or cannot be run, does no harm", async () => {
  const source = await proved("no-such-program");
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "program-missing",
    message: "The program no-such-program, which proves who adc is, is not found.",
  });
  const path = await program("");
  await writeFile(path, "#!/no/such/interpreter\n");
  const broken = await proved(`"${path}"`);
  await expect(ask(broken, await good(broken))).rejects.toMatchObject({
    code: "access-denied",
    message: `The program ${path}, which proves who adc is, cannot be run.`,
  });
});

/** What a file holds, once it is there. */
const once = async (file: string): Promise<string> => {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("\n")) return text.trim();
    await new Promise((resolve) => setImmediate(resolve));
  }
};

/** Resolves once there is no such process. */
const gone = async (pid: string): Promise<void> => {
  for (;;) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
};

test("a program that does not end is ended in its time, or with the caller", async () => {
  const path = await program("", 'echo $$ > "$0.pid"; exec sleep 600');
  const source = await proved(`"${path}"`, { timeout_millis: 5_000 });
  const grant = await good(source);
  const late = expect(ask(source, grant)).rejects.toMatchObject({
    code: "timed-out",
    message: `The program ${path}, which proves who adc is, has not ended within 5 s.`,
  });
  const first = await once(`${path}.pid`);
  await world.clock.advance(5_000);
  await late;
  await gone(first);
  await rm(`${path}.pid`);
  const stop = new AbortController();
  const reason = new EvercredError("cancelled");
  const key = [...source.offers.values()][0]!.key;
  const stopped = expect(source.issue(grant, key, stop.signal)).rejects.toBe(reason);
  const second = await once(`${path}.pid`);
  stop.abort(reason);
  await stopped;
  await gone(second);
});

test("what a program has left in its file is used until it ends", async () => {
  const left = join(world.home, "left.json");
  const path = await program(printed(), "exit 9");
  const seconds = Math.floor(world.clock.now() / 1000);
  await writeFile(left, JSON.stringify(printed({ expiration_time: seconds + 60 })));
  const source = await proved(`"${path}"`, { output_file: left });
  const grant = await good(source);
  const got = await ask(source, grant);
  expect(world.cloud.google.whose(got.token.reveal())).toBe(principalOf(pool, "build"));
  await world.pass(60_000);
  await expect(ask(source, grant)).rejects.toMatchObject({
    message: expect.stringContaining("exit code 9"),
  });
  await writeFile(left, "half");
  await program(printed({ expiration_time: seconds + 600 }));
  await expect(ask(source, grant)).resolves.toBeDefined();
  const env = await readFile(`${path}.env`, "utf8");
  expect(env).toContain(`GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=${left}\n`);
  await program(printed());
  await expect(ask(source, grant)).rejects.toMatchObject({
    message: `The program ${path}, which proves who adc is, does not say when its token ends.`,
  });
});

const awsProof = {
  environment_id: "aws1",
  regional_cred_verification_url:
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
};

test("AWS keys of the environment sign the proof of an outside identity", async () => {
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "example-secret");
  const source = await outside(awsProof);
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "access-denied",
    message:
      "Google does not take what proves who adc is. It says: The given credential is rejected.",
    remedy: "Check the pool's provider and its conditions.",
  });
  const sent = new URLSearchParams(world.cloud.log.all({ path: "/v1/token" })[0]?.body);
  const signed = JSON.parse(decodeURIComponent(sent.get("subject_token") ?? ""));
  expect(signed.url).toContain("sts.eu-central-1.amazonaws.com");
  expect(JSON.stringify(signed)).not.toContain("example-secret");
});

test("where no AWS keys are, that is told", async () => {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"]) {
    vi.stubEnv(name, "");
  }
  const source = await outside(awsProof);
  await expect(ask(source, await good(source))).rejects.toMatchObject({
    code: "access-denied",
    message: "There are no AWS keys that prove who adc is.",
  });
});

test("a person's file that turns into a key is another source's: the old one does not take it up", async () => {
  const grant = world.cloud.google.grant(world.client);
  await write(world.adcFile, authorizedUserFile(grant));
  const source = await openAdc(world);
  const before = await found(source);
  await write(world.adcFile, serviceAccountFile(robot));
  await expect(source.shared.look(before, true)).resolves.toEqual({ kind: "known" });
  await expect(source.shared.look(undefined, true)).resolves.toEqual({ kind: "absent" });
});
