import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SignInOptions, SignInRequest } from "../../../electron/core/source.ts";
import { instantOf } from "../../../electron/core/time.ts";
import type { AdcDefinition } from "../../../electron/sources/google/adc-definition.ts";
import type { AdcSource } from "../../../electron/sources/google/adc-source.ts";
import { gcloudLogin } from "../../../electron/sources/google/gcloud.ts";
import { describeSource } from "../../contracts/source.ts";
import {
  authorizedUserFile,
  impersonatedFile,
  serviceAccountFile,
  workforceLoginConfig,
} from "../../fakes/cloud/google/files.ts";
import { gcloudClients, gcloudEnv, hasGcloud } from "../../fakes/cloud/google/gcloud.ts";
import { signInOptions } from "../../fakes/source.ts";
import { ask, found, good, openAdc, savedIn, timeOf, write } from "./adc-world.ts";
import { never, startWorld, type World } from "./world.ts";

/** Leads the programs that are run here to the cloud; they keep their files in the world's home. */
const leadPrograms = async (world: World): Promise<void> => {
  const folder = dirname(world.adcFile);
  await mkdir(folder, { recursive: true });
  for (const [name, value] of Object.entries(gcloudEnv(world.cloud, folder))) {
    vi.stubEnv(name, value);
  }
};

describe.runIf(hasGcloud)("with the real gcloud", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  describeSource("a file that gcloud keeps has the contract of a source", async () => {
    const world = await startWorld();
    const { cloud } = world;
    await leadPrograms(world);
    cloud.google.addClient(gcloudClients().adc);
    return {
      source: await openAdc(world),
      flows: ["program"],
      forbiddenKey: "111122223333/Nobody",
      handsOutItsOwn: true,
      beginsAlone: true,
      now: () => instantOf(cloud.now()),
      approve: async (request) => {
        await world.answer(request);
      },
      refuse: async (request) => {
        await world.answer(request, { deny: true });
      },
      endSessions: async () => cloud.google.revokeAll(),
      disconnect: async () => void cloud.faults.add({ kind: "unreachable" }),
      close: world.close,
    };
  });

  let world: World;
  beforeEach(async () => {
    world = await startWorld();
    await leadPrograms(world);
  });
  afterEach(() => world.close());

  test("signs in to a file that is not there yet, and is not started before somebody is there", async () => {
    world.cloud.google.addClient(gcloudClients().adc);
    const source = await openAdc(world);
    let attend: () => void = () => undefined;
    const attended = new Promise<void>((resolve) => {
      attend = resolve;
    });
    const lines: string[] = [];
    const acts: Promise<unknown>[] = [];
    const shown: SignInRequest[] = [];
    const options: SignInOptions = {
      ...signInOptions("program", (request) => {
        shown.push(request);
        acts.push(world.answer(request));
      }),
      attended,
      say: (line) => lines.push(line),
    };
    const signIn = source.signIn(options, never);
    await new Promise((resolve) => setImmediate(resolve));
    expect(shown).toEqual([]);
    attend();
    const grant = await signIn;
    await Promise.all(acts);
    expect(shown).toMatchObject([
      {
        flow: "program",
        url: expect.stringContaining("https://accounts.google.com/o/oauth2/auth"),
      },
    ]);
    expect(lines.join("\n")).toContain("Credentials saved to file");
    expect(grant).toMatchObject({
      signedInAt: await timeOf(world.adcFile),
      boundTo: source.boundTo,
      renewable: true,
    });
    const next = await source.renew(grant, never);
    const { token } = await ask(source, next);
    expect(world.cloud.google.whose(token.reveal())).toBe("dev@example.com");
    await expect(source.shared.look(next, true)).resolves.toEqual({ kind: "known" });
    await expect(source.shared.publish(grant)).resolves.toBe(true);
  });

  test("does not see what would keep it from writing the file", async () => {
    world.cloud.google.addClient(gcloudClients().adc);
    vi.stubEnv("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", join(world.home, "token"));
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(world.home, "other.json"));
    const grant = await world.signIn(await openAdc(world));
    expect(grant.renewable).toBe(true);
  });

  test("signs in again as a person who becomes a service account, by the same chain", async () => {
    const { google } = world.cloud;
    google.addClient(gcloudClients().adc);
    const robot = google.addServiceAccount("robot");
    const middle = google.addServiceAccount("middle");
    const own = authorizedUserFile(google.grant(world.client));
    await write(world.adcFile, impersonatedFile(own, robot.email, [middle.email]));
    google.allowImpersonation("dev@example.com", middle);
    google.allowImpersonation(middle.email, robot);
    const source = await openAdc(world);
    const grant = await world.signIn(source);
    expect(grant.boundTo).toBe(source.boundTo);
    const { token } = await ask(source, await source.renew(grant, never));
    expect(google.whose(token.reveal())).toBe(robot.email);
  });

  test("signs in to a workforce pool where its settings say so", async () => {
    const { google } = world.cloud;
    google.addClient(gcloudClients().cli);
    const config = join(world.home, "login.json");
    await writeFile(config, workforceLoginConfig(world.pool));
    vi.stubEnv("CLOUDSDK_AUTH_LOGIN_CONFIG_FILE", config);
    const source = await openAdc(world);
    const grant = await world.signIn(source);
    expect(savedIn(grant)["file"]).toContain("external_account_authorized_user");
    const { token } = await ask(source, await source.renew(grant, never));
    expect(google.whose(token.reveal())).toContain("dev@example.com");
  });
});

describe("without gcloud", () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.close());

  /** A source whose program does that. */
  const by = async (
    script: string,
    definition: Partial<AdcDefinition> = {},
  ): Promise<AdcSource> => {
    const path = join(world.home, "corp-login");
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o700);
    return openAdc(world, { signIn: [path], isWellKnown: false, ...definition });
  };

  const copying = async (text: string): Promise<string> => {
    const file = join(world.home, "next.json");
    await writeFile(file, text);
    await mkdir(dirname(world.adcFile), { recursive: true });
    return `cp "${file}" "${world.adcFile}"`;
  };

  const person = (): string => authorizedUserFile(world.cloud.google.grant(world.client));

  test("a configured program signs in to any file", async () => {
    const text = person();
    const source = await by(await copying(text));
    const grant = await source.signIn(signInOptions("program"), never);
    expect(savedIn(grant)["file"]).toBe(text);
    await expect(source.renew(grant, never)).resolves.toBeDefined();
  });

  test("the same sign-in, written anew, counts: its file is younger", async () => {
    const text = person();
    await write(world.adcFile, text);
    const source = await by(`touch "${world.adcFile}"`);
    const before = await found(source);
    const grant = await source.signIn(signInOptions("program"), never);
    expect(grant.signedInAt).toBeGreaterThan(before.signedInAt);
  });

  test("another sign-in counts, whatever its file's age", async () => {
    await write(world.adcFile, person());
    const copy = await copying(person());
    const source = await by(
      `F="${world.adcFile}"; touch -r "$F" "$F.age"; ${copy}; touch -r "$F.age" "$F"`,
    );
    const before = await found(source);
    const grant = await source.signIn(signInOptions("program"), never);
    expect(grant.signedInAt).toBe(before.signedInAt);
    expect(savedIn(grant)["refreshToken"]).not.toBe(savedIn(before)["refreshToken"]);
  });

  test.each<[string, string | undefined, string]>([
    ["leaves nothing", undefined, "corp-login has left nothing in FILE."],
    ["leaves half a file", "{", "FILE is not whole: it holds no JSON object."],
  ])("a program that %s has not signed in", async (_, text, message) => {
    const source = await by(text === undefined ? "exit 0" : await copying(text));
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: message.replace("FILE", world.adcFile),
    });
  });

  test("a program that leaves the file as it was has not signed in", async () => {
    await write(world.adcFile, person());
    const source = await by("exit 0");
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: `corp-login has left ${world.adcFile} as it was.`,
    });
  });

  test("a program that leaves what needs nobody is told, for it is another source", async () => {
    const robot = world.cloud.google.addServiceAccount();
    const source = await by(await copying(serviceAccountFile(robot)));
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: `${world.adcFile} now holds what needs no sign-in.`,
    });
  });

  test("a program that fails is told with what it says", async () => {
    const source = await by('echo "No access." >&2; exit 4');
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "sign-in-denied",
      message: "corp-login has ended without a sign-in (exit code 4). It says: No access.",
    });
  });

  test("a program that does not end is ended in its time", async () => {
    const source = await by("sleep 600", { timeoutMs: 60_000 });
    const late = expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "timed-out",
    });
    await world.clock.armed(60_000);
    await world.clock.advance(60_000);
    await late;
  });

  test("a file that nobody is known to write is not signed in to", async () => {
    await write(world.adcFile, person());
    const source = await openAdc(world, { isWellKnown: false });
    await expect(source.signIn(signInOptions("program"), never)).rejects.toMatchObject({
      code: "config-invalid",
      message: `Nobody here knows which program signs in to ${world.adcFile}.`,
      remedy: "Sign in with whatever made it, or set sources.adc.signIn.",
    });
    await expect(ask(source, await good(source))).resolves.toBeDefined();
  });

  test("gcloud's command names the service accounts that the person becomes", () => {
    const login = ["gcloud", "auth", "application-default", "login"];
    expect(gcloudLogin([])).toEqual(login);
    expect(gcloudLogin(["a@p.iam", "b@p.iam"])).toEqual([
      ...login,
      "--impersonate-service-account=a@p.iam,b@p.iam",
    ]);
  });
});
