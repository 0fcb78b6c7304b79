import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { never, startWorld, type World } from "./world.ts";

/** The service's failures: exception, HTTP status, `error` (service model of sso-oidc). */
const failures = {
  AuthorizationPendingException: [400, "authorization_pending"],
  SlowDownException: [400, "slow_down"],
  ExpiredTokenException: [400, "expired_token"],
  AccessDeniedException: [400, "access_denied"],
  InvalidGrantException: [400, "invalid_grant"],
  InvalidClientException: [401, "invalid_client"],
  UnauthorizedClientException: [400, "unauthorized_client"],
  UnsupportedGrantTypeException: [400, "unsupported_grant_type"],
  InvalidScopeException: [400, "invalid_scope"],
  InvalidRequestException: [400, "invalid_request"],
  InvalidRedirectUriException: [400, "invalid_redirect_uri"],
  InvalidClientMetadataException: [400, "invalid_client_metadata"],
  InvalidRequestRegionException: [400, "invalid_request"],
  InternalServerException: [500, "server_error"],
} as const;

type Failure = keyof typeof failures;

let world: World;
let source: AwsSsoSource;
let grant: Grant;

beforeAll(async () => {
  world = await startWorld();
  source = world.source();
  grant = await world.signIn(source);
});

afterAll(() => world.close());

interface Shape {
  readonly header: boolean;
  readonly words: string;
}

/** What `act` rejects with while `path` fails so. */
const failing = async (
  path: string,
  failure: Failure,
  act: () => Promise<unknown>,
  { header, words }: Shape = { header: true, words: "What it says." },
): Promise<unknown> => {
  const [status, error] = failures[failure];
  const fault = world.cloud.faults.add({
    path,
    kind: "status",
    status,
    body: JSON.stringify({ error, error_description: words }),
    headers: header ? { "x-amzn-errortype": failure } : {},
  });
  try {
    return await act().then(
      () => "no failure",
      (thrown: unknown) => thrown,
    );
  } finally {
    fault.remove();
  }
};

const renewal: readonly (readonly [Failure, string])[] = [
  ["AuthorizationPendingException", "throttled"],
  ["SlowDownException", "throttled"],
  ["ExpiredTokenException", "grant-rejected"],
  ["AccessDeniedException", "access-denied"],
  ["InvalidGrantException", "grant-rejected"],
  ["InvalidClientException", "registration-rejected"],
  ["UnauthorizedClientException", "registration-rejected"],
  ["UnsupportedGrantTypeException", "access-denied"],
  ["InvalidScopeException", "config-invalid"],
  ["InvalidRequestException", "access-denied"],
  ["InvalidRedirectUriException", "access-denied"],
  ["InvalidClientMetadataException", "access-denied"],
  ["InvalidRequestRegionException", "access-denied"],
  ["InternalServerException", "provider-unavailable"],
];

describe("a renewal", () => {
  test.each(renewal)("that fails with %s rejects with %s", async (failure, code) => {
    const thrown = await failing("/token", failure, () => source.renew(grant, never));
    expect(thrown).toMatchObject({ name: "EvercredError", code });
  });

  const named = renewal.filter(([failure]) => failure !== "InternalServerException");

  test.each(named)(
    "that fails with %s only by its error value rejects with %s",
    async (failure, code) => {
      const shape = { header: false, words: "" };
      const thrown = await failing("/token", failure, () => source.renew(grant, never), shape);
      expect(thrown).toMatchObject({ name: "EvercredError", code });
    },
  );

  test("is judged by the failure's name, not by its words", async () => {
    const words = "InvalidGrantException: invalid_grant, expired token";
    const shape = { header: true, words };
    const act = () => source.renew(grant, never);
    const thrown = await failing("/token", "InvalidRequestException", act, shape);
    expect(thrown).toMatchObject({ code: "access-denied" });
  });

  test("that fails in a way that AWS does not know has rejected nothing", async () => {
    for (const status of [400, 401, 403, 404, 409]) {
      const body = '{"error":"blocked","message":"by policy"}';
      const fault = world.cloud.faults.add({ path: "/token", kind: "status", status, body });
      await expect(source.renew(grant, never)).rejects.toMatchObject({ code: "reply-invalid" });
      fault.remove();
    }
  });
});

const starting: readonly (readonly [Failure, string])[] = [
  ["SlowDownException", "throttled"],
  ["InvalidScopeException", "config-invalid"],
  ["InvalidRequestException", "config-invalid"],
  ["InvalidClientMetadataException", "config-invalid"],
  ["AccessDeniedException", "sign-in-denied"],
  ["InternalServerException", "provider-unavailable"],
];

test.each(starting)(
  "a registration that fails with %s ends the sign-in with %s",
  async (failure, code) => {
    const act = () => world.signIn(source, "code");
    expect(await failing("/client/register", failure, act)).toMatchObject({ code });
  },
);

test("a device flow that may not register ends the sign-in", async () => {
  const act = () => world.signIn(source, "device");
  const thrown = await failing("/client/register", "UnsupportedGrantTypeException", act);
  expect(thrown).toMatchObject({ code: "sign-in-denied" });
});

const devices: readonly (readonly [Failure, string])[] = [
  ["SlowDownException", "throttled"],
  ["InvalidRequestException", "config-invalid"],
  ["InvalidClientException", "registration-rejected"],
  ["UnauthorizedClientException", "registration-rejected"],
  ["InternalServerException", "provider-unavailable"],
];

test.each(devices)(
  "a device flow whose start fails with %s ends with %s",
  async (failure, code) => {
    const act = () => world.signIn(source, "device");
    expect(await failing("/device_authorization", failure, act)).toMatchObject({ code });
  },
);

const codes: readonly (readonly [Failure, string])[] = [
  ["ExpiredTokenException", "timed-out"],
  ["AccessDeniedException", "sign-in-denied"],
  ["InvalidGrantException", "sign-in-denied"],
  ["InvalidClientException", "registration-rejected"],
  ["UnauthorizedClientException", "registration-rejected"],
  ["InvalidRequestException", "sign-in-denied"],
  ["UnsupportedGrantTypeException", "sign-in-denied"],
  ["SlowDownException", "throttled"],
  ["InternalServerException", "provider-unavailable"],
];

test.each(codes)(
  "a code whose exchange fails with %s ends the sign-in with %s",
  async (failure, code) => {
    const act = () => world.signIn(source, "code");
    expect(await failing("/token", failure, act)).toMatchObject({ code });
  },
);

test.each([
  ["ExpiredTokenException", "timed-out"],
  ["AccessDeniedException", "sign-in-denied"],
  ["InvalidGrantException", "sign-in-denied"],
  ["InvalidClientException", "registration-rejected"],
] as const)("a poll that fails with %s ends the sign-in with %s", async (failure, code) => {
  const act = () => world.signIn(source, "device");
  expect(await failing("/token", failure, act)).toMatchObject({ code });
});

test("the sentence of a bad scope names the scopes, that of a bad start URL the URL and the region", async () => {
  const act = () => world.signIn(source, "code");
  expect(await failing("/client/register", "InvalidScopeException", act)).toMatchObject({
    message: "corp does not know one of the scopes sso:account:access.",
  });
  expect(await failing("/client/register", "InvalidRequestException", act)).toMatchObject({
    message:
      "corp cannot be signed in to: us-east-1 refuses the start URL https://d-1234567890.awsapps.com/start. It says: What it says.",
  });
});

test("what the provider says is cut short and cannot disturb a terminal", async () => {
  const words = `\u001b[2J${"x".repeat(500)}\r\n`;
  const act = () => world.signIn(source, "code");
  const thrown = await failing("/token", "InvalidGrantException", act, { header: true, words });
  const { message } = thrown as Error;
  expect(message.length).toBeLessThan(200);

  expect(message).not.toMatch(/[\u0000-\u001f]/);
});

test("no error holds a token, also not in what caused it", async () => {
  const { inspect } = await import("node:util");
  const saved = JSON.parse(grant.saved.reveal()) as { refreshToken: string; accessToken: string };
  for (const failure of ["InvalidGrantException", "InternalServerException"] as const) {
    const thrown = await failing("/token", failure, () => source.renew(grant, never));
    const printed = inspect(thrown, { depth: 20, showHidden: true });
    expect(printed).not.toContain(saved.refreshToken);
    expect(printed).not.toContain(saved.accessToken);
  }
});
