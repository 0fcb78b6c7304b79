import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Grant } from "../../../electron/core/credential.ts";
import type { ProfileRoot } from "../../../electron/sources/aws/definition.ts";
import { deploy, deployRole, devUser, Issuer, startWorld, type World } from "./world.ts";

const hour = 60 * 60_000;
let world: World;

beforeEach(async () => {
  world = await startWorld({
    iam: { users: [devUser], roles: [{ arn: deploy, trust: [devUser.arn, "111122223333"] }] },
  });
  // Nothing of the machine that runs this must get in.
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  }
  vi.stubEnv("HOME", world.home);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

const issuerOf = (
  kind: Exclude<ProfileRoot["kind"], "keys" | "process" | "web-identity">,
): Issuer => {
  const source = world.profileSource({ root: { kind }, assumed: [deployRole] });
  return new Issuer(source, { boundTo: source.boundTo } as Grant);
};

/** A service of the machine's own, on loopback. */
const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** The keys of an instance or a container, as its service tells them. */
const roleKeys = () => {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = world.cloud
    .organisation()
    .issueKeys("instance", "111122223333", "Developer")!;
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(expiresAt).toISOString(),
  };
};

const absent = {
  code: "config-invalid",
  message: expect.stringContaining("dev has nothing to start from: "),
};

describe("the environment", () => {
  test("gives its keys, and its session where it has one", async () => {
    const keys = roleKeys();
    vi.stubEnv("AWS_ACCESS_KEY_ID", keys.AccessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", keys.SecretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", keys.Token);
    vi.stubEnv("AWS_CREDENTIAL_EXPIRATION", keys.Expiration);
    const issuer = issuerOf("environment");
    await expect(issuer.of("dev")).resolves.toMatchObject({
      accessKeyId: keys.AccessKeyId,
      expiresAt: Date.parse(keys.Expiration),
    });
    await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
  });

  test("with long-lived keys: a role is assumed with them, and a session is what is handed out", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", devUser.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", devUser.secretAccessKey);
    const issuer = issuerOf("environment");
    await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
    expect((await issuer.of("dev")).accessKeyId).toMatch(/^ASIA/);
    expect(issuer.asked).toEqual([]);
  });

  test("without keys is config-invalid, and the remedy names the variables", async () => {
    await expect(issuerOf("environment").of("deploy")).rejects.toMatchObject({
      ...absent,
      message: expect.stringContaining("AWS_SECRET_ACCESS_KEY"),
    });
  });
});

describe("an EC2 instance", () => {
  const imds = (keys: object): Promise<string> =>
    serve((request, response) => {
      const path = request.url ?? "";
      const role = "/latest/meta-data/iam/security-credentials/";
      if (request.method === "PUT") response.end("imds-token");
      else if (request.headers["x-aws-ec2-metadata-token"] !== "imds-token") {
        response.writeHead(401).end();
      } else if (path === role) response.end("worker");
      else response.end(JSON.stringify(keys));
    });

  test("gives the keys of its role", async () => {
    const keys = roleKeys();
    vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", await imds(keys));
    const issuer = issuerOf("ec2");
    await expect(issuer.of("deploy")).resolves.toMatchObject({ accountId: "444455556666" });
    await expect(issuer.of("dev")).resolves.toMatchObject({
      accessKeyId: keys.AccessKeyId,
      expiresAt: Date.parse(keys.Expiration),
    });
  });

  test("that has its service switched off is not asked", async () => {
    vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", await imds(roleKeys()));
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "TRUE");
    await expect(issuerOf("ec2").of("dev")).rejects.toMatchObject(absent);
  });

  test("that this machine is not is config-invalid", async () => {
    vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    await expect(issuerOf("ec2").of("dev")).rejects.toMatchObject({
      ...absent,
      message: expect.stringContaining("EC2"),
    });
  });

  test("that does not answer is given up after three seconds", async () => {
    const asked = new Promise<void>((resolve) => {
      const endpoint = serve(() => {
        resolve();
      });
      void endpoint.then((url) => vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url));
    });
    await expect.poll(() => process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"]).not.toBe(undefined);
    const failed = expect(issuerOf("ec2").of("dev")).rejects.toMatchObject(absent);
    await asked;
    await world.clock.advance(3_000);
    await failed;
  });
});

describe("a container", () => {
  test("gives the keys of its task, for its token", async () => {
    const keys = roleKeys();
    const seen: IncomingMessage[] = [];
    const url = await serve((request, response) => {
      seen.push(request);
      response.end(JSON.stringify(keys));
    });
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${url}/keys`);
    vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
    const credential = await issuerOf("ecs").of("dev");
    expect(credential).toMatchObject({
      accessKeyId: keys.AccessKeyId,
      expiresAt: Date.parse(keys.Expiration),
    });
    expect(seen[0]?.headers.authorization).toBe("container-token");
    expect(credential.expiresAt - credential.issuedAt).toBeLessThan(hour + 30_000);
  });

  test("without a service is config-invalid", async () => {
    await expect(issuerOf("ecs").of("dev")).rejects.toMatchObject({
      ...absent,
      message: expect.stringContaining("container"),
      remedy: expect.stringContaining("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    });
  });

  test("is not asked at an address that is not the machine's own", async () => {
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/keys");
    await expect(issuerOf("ecs").of("dev")).rejects.toMatchObject(absent);
  });
});
