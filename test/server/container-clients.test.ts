import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fromHttp } from "@aws-sdk/credential-providers";
import { expect, test } from "vitest";
import type { CredentialDoor } from "../../electron/commands/ports.ts";
import { targetOf } from "../../electron/core/source.ts";
import { hour } from "../core/world.ts";
import { brokerWorld, doorOf } from "./door-rig.ts";

const dev = targetOf("aws", "dev");

const variablesOf = ({ url, token }: CredentialDoor): Record<string, string> => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token.reveal(),
});

const opened = async (): Promise<{
  readonly given: CredentialDoor;
  readonly signOut: () => Promise<boolean>;
}> => {
  const built = await brokerWorld();
  // The clients go by the real clock.
  built.world.provider.credentialMs = 100 * 365 * 24 * hour;
  const given = await doorOf(built).door.forRun(dev, new AbortController().signal);
  return { given, signOut: () => built.broker.session("corp")!.signOut() };
};

test("the JS SDK's container provider takes its credentials here", async () => {
  const { given, signOut } = await opened();
  const provider = fromHttp({
    awsContainerCredentialsFullUri: given.url,
    awsContainerAuthorizationToken: given.token.reveal(),
    maxRetries: 0,
  });
  expect(await provider()).toMatchObject({
    accessKeyId: "ASIA1",
    secretAccessKey: "secret-access-key-1",
    sessionToken: "session-token-1",
  });
  await signOut();
  await expect(provider()).rejects.toThrow();
});

test("botocore's default chain takes its credentials here", async () => {
  const { given } = await opened();
  const program = [
    "import botocore.session, json",
    "found = botocore.session.Session().get_credentials()",
    "frozen = found.get_frozen_credentials()",
    "print(json.dumps([found.method, frozen.access_key, frozen.secret_key, frozen.token]))",
  ];
  const child = spawn("/usr/bin/python3", ["-c", program.join("\n")], {
    env: { ...variablesOf(given), AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, "exit")]);
  expect(JSON.parse(printed)).toEqual([
    "container-role",
    "ASIA1",
    "secret-access-key-1",
    "session-token-1",
  ]);
});
