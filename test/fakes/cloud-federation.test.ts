import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { proxyAgent } from "../sources/aws/world.ts";
import { type Cloud, startCloud } from "./cloud/cloud.ts";

const host = "signin.aws.amazon.com";
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});

afterEach(() => cloud.close());

interface Answer {
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

const ask = async (
  query: Readonly<Record<string, string>>,
  { at = host, method = "GET", path = "/federation" } = {},
): Promise<Answer> => {
  const agent = proxyAgent(cloud.proxyUrl, cloud.ca);
  const url = `https://${at}${path}?${new URLSearchParams(query).toString()}`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent, method }, resolve).on("error", reject).end();
  });
  const body = await text(response);
  agent.destroy();
  return { status: response.statusCode, location: response.headers.location, text: body };
};

const keysOf = () =>
  cloud.organisation().issueKeys("dev@example.com", "111122223333", "Developer")!;

const sessionOf = (changes: Readonly<Record<string, string>> = {}): string => {
  const { accessKeyId, secretAccessKey, sessionToken } = keysOf();
  const session = { sessionId: accessKeyId, sessionKey: secretAccessKey, sessionToken };
  return JSON.stringify({ ...session, ...changes });
};

const tokenFor = (session: string, more = {}, where = {}): Promise<Answer> =>
  ask({ Action: "getSigninToken", Session: session, ...more }, where);

const signInToken = async (): Promise<string> => {
  const { SigninToken }: { SigninToken: string } = JSON.parse((await tokenFor(sessionOf())).text);
  return SigninToken;
};

test("role keys get a token that opens a page of the console for 15 minutes", async () => {
  const login = { Action: "login", Issuer: "x", SigninToken: await signInToken() };
  const Destination = "https://eu-west-1.console.aws.amazon.com/s3";
  const opened = await ask({ ...login, Destination });
  expect(opened).toMatchObject({ status: 302, location: Destination });
  for (const page of ["https://example.com/", "http://console.aws.amazon.com/", "x"]) {
    expect((await ask({ ...login, Destination: page })).status).toBe(400);
  }
  cloud.advance(15 * 60_000);
  expect((await ask({ ...login, Destination })).status).toBe(400);
});

test.each([
  ["another secret", { sessionKey: "x" }],
  ["another token", { sessionToken: "x" }],
  ["an unknown key", { sessionId: "ASIAX" }],
])("%s is refused with a page", async (_, changes) => {
  const answer = await tokenFor(sessionOf(changes));
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("<html")]);
});

test("so are keys that have ended, a session that is no JSON and a duration that cannot be", async () => {
  const session = sessionOf();
  for (const seconds of ["899", "43201", "x"]) {
    expect((await tokenFor(session, { SessionDuration: seconds })).status).toBe(400);
  }
  expect((await tokenFor(session, { SessionDuration: "900" })).status).toBe(200);
  expect((await tokenFor("{")).status).toBe(400);
  cloud.advance(3_600_000);
  expect((await tokenFor(session)).status).toBe(400);
});

test("other partitions do not know the keys, and other requests are refused", async () => {
  const session = sessionOf();
  for (const at of ["signin.amazonaws-us-gov.com", "signin.amazonaws.cn"]) {
    expect((await tokenFor(session, {}, { at })).status).toBe(400);
  }
  expect((await tokenFor(session, {}, { method: "POST" })).status).toBe(400);
  expect((await tokenFor(session, {}, { path: "/oauth" })).status).toBe(404);
  expect((await ask({ Action: "logout" })).status).toBe(400);
});
