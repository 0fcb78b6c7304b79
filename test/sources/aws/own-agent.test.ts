import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { Network } from "../../../electron/platform/network.ts";
import type { AwsSsoSource } from "../../../electron/sources/aws/source.ts";
import { never, nothing, startWorld, type World } from "./world.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(() => world.close());

/** A source that goes the product's own way to the network. */
const through = (env: Record<string, string>): AwsSsoSource => {
  const settings = { proxy: "auto", noProxy: [], caFiles: [], systemCa: true };
  const secretOf = () => Promise.reject(new Error("Nobody has asked for a secret."));
  const network = new Network({ env, settings, secretOf, system: undefined, log: world.log });
  onTestFinished(() => network.close());
  return world.source({}, { agent: network.agent });
};

test("both flows, renewals and keys work through the product's own agent", async () => {
  const source = through(world.cloud.env());
  for (const flow of ["code", "device"] as const) {
    const grant = await source.renew(await world.signIn(source, flow), never);
    await expect(
      source.issue(grant, "111122223333/Developer", never, nothing),
    ).resolves.toMatchObject({
      kind: "aws",
    });
  }
});

test("a proxy that wants a password, one that cannot, and an unknown authority keep their codes", async () => {
  const { faults, proxyUrl } = world.cloud;
  const grant = await world.signIn(through(world.cloud.env()));
  const renew = (env: Record<string, string>) => through(env).renew(grant, never);
  const locked = faults.add({ kind: "proxy-authentication", user: "u", password: "p" });
  await expect(renew(world.cloud.env())).rejects.toMatchObject({ code: "proxy-refused" });
  locked.remove();
  const cut = faults.add({ kind: "unreachable" });
  await expect(renew(world.cloud.env())).rejects.toMatchObject({ code: "unreachable" });
  cut.remove();
  const stranger = { HTTPS_PROXY: proxyUrl };
  await expect(renew(stranger)).rejects.toMatchObject({ code: "tls-failed" });
  await expect(renew(world.cloud.env())).resolves.toMatchObject({ renewable: true });
});
