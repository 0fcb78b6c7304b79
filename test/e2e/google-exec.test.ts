import { open as openFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { authorizedUserFile, serviceAccountFile } from "../fakes/cloud/google/files.ts";
import { gcloudLibraries, gcloudPath, hasGcloud } from "../fakes/cloud/google/gcloud.ts";
import type { ServiceAccount } from "../fakes/cloud/google/service-accounts.ts";
import { adcFileOf, callerOf, configure, setUpGcloud, tokenIn, writeTo } from "./google-home.ts";
import { type House, type HouseOptions, oneProfile, openHouse } from "./house.ts";

const fakes = join(import.meta.dirname, "..", "fakes");
const node = [process.execPath, "--no-warnings", join(fakes, "node-google.mjs")];
const python = [
  ...["/usr/bin/env", `PYTHONPATH=${gcloudLibraries}`],
  ...["/usr/bin/python3", join(fakes, "python-google.py")],
];
const gcloud = [gcloudPath, "projects", "list", "--format=value(projectId)"];

let house: House;
let robot: ServiceAccount;

afterEach(async () => {
  await house.close();
});

/** A home in which gcloud has signed dev@example.com in, and in which a robot has a key: the daemon runs. */
const open = async (options: HouseOptions = {}, more: object = {}): Promise<House> => {
  house = await openHouse({ awsConfig: "", ...options });
  const { google } = house.cloud;
  robot = google.addServiceAccount();
  await writeTo(
    adcFileOf(house),
    authorizedUserFile(google.grant(await setUpGcloud(house)), {
      quota_project_id: "example-project",
    }),
  );
  const file = await writeTo(join(house.home, "keys", "robot.json"), serviceAccountFile(robot));
  await configure(house, {
    sources: { adc: { kind: "google-adc" }, robot: { kind: "google-adc", file } },
    ...more,
  });
  expect(await house.evercred("status")).toMatchObject({ code: 0 });
  return house;
};

/** What a program prints that runs with an account. */
const printed = async (
  account: string,
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const run = ["exec", "--gcp-account", account, "--", ...program];
  const { code, stdout, stderr } = await house.run(house.shim, run, env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
};

/** The token that one of the libraries has printed, or why it has none. */
const got = (stdout: string): string => {
  const { token, error } = JSON.parse(stdout) as { token?: string; error?: string };
  if (token === undefined) throw new Error(error);
  return token;
};

/** A program that answers: at each line that it reads it says what it gets at its door, and from its file. */
const answering = `echo "at $GCE_METADATA_HOST $CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"
while read -r name; do
  echo "$name door $(curl -sS --max-time 5 -H 'Metadata-Flavor: Google' \\
    "http://$GCE_METADATA_HOST/computeMetadata/v1/instance/service-accounts/default/token" 2>&1 | tr -d '\\n')"
  echo "$name file $(cat "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE" 2>&1)"
done`;

interface Answering {
  readonly host: string;
  readonly file: string;
  /** Asks it, and gives the token of each of its two ways; empty where it got none. */
  ask(name: string): Promise<{ readonly door: string; readonly file: string }>;
  /** Ends it. */
  end(): Promise<void>;
}

const startAnswering = async (words: readonly string[]): Promise<Answering> => {
  const questions = join(house.home, "questions");
  expect(await house.run("/usr/bin/mkfifo", [questions])).toMatchObject({ code: 0 });
  const pipe = await openFile(questions, "r+");
  const running = house.start("/bin/sh", [
    ...["-c", `exec "$0" "$@" <'${questions}'`, house.shim],
    ...[...words, "--", "/bin/sh", "-c", answering],
  ]);
  const [, host = "", file = ""] = (await running.line(/^at /)).split(" ");
  return {
    host,
    file,
    ask: async (name) => {
      await pipe.write(`${name}\n`);
      const door = await running.line(new RegExp(`^${name} door`));
      const inFile = await running.line(new RegExp(`^${name} file`));
      return {
        door: /"access_token":"([^"]+)"/.exec(door)?.[1] ?? "",
        file: /^\S+ file (ya29\.\S+)$/.exec(inFile)?.[1] ?? "",
      };
    },
    end: async () => {
      await pipe.close();
      running.child.kill("SIGTERM");
      await running.outcome;
    },
  };
};

const patient = { timeout: 15_000, interval: 100 };

describe.runIf(hasGcloud)("exec --gcp-account", () => {
  test("every client is that account, by a token that Google takes", async () => {
    await open();
    const [byNode, byPython, byGcloud] = await Promise.all([
      printed("adc", node),
      printed("adc", python),
      printed("adc", gcloud),
    ]);
    expect(await callerOf(house, got(byNode))).toBe("dev@example.com");
    expect(await callerOf(house, got(byPython))).toBe("dev@example.com");
    expect(JSON.parse(byPython)).toMatchObject({ project: "example-project" });
    expect(byGcloud).toBe("example-project\n");
    expect(house.cloud.google.apiCalls()[0]).toMatchObject({ principal: "dev@example.com" });
  });

  test("credentials that stood in the shell and in its files before do not win", async () => {
    await open();
    const { google } = house.cloud;
    google.addPerson("eve@example.com");
    const wrong = authorizedUserFile(google.grant(google.addClient(), "eve@example.com"));
    const folder = join(house.home, "wrong");
    const file = await writeTo(join(folder, "application_default_credentials.json"), wrong);
    const token = await writeTo(join(folder, "token"), "ya29.wrong");
    const before = {
      GOOGLE_APPLICATION_CREDENTIALS: file,
      google_application_credentials: file,
      CLOUDSDK_CONFIG: folder,
      CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: token,
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: file,
      NO_GCE_CHECK: "true",
    };
    const [byNode, byPython, byGcloud] = await Promise.all([
      printed("adc", node, before),
      printed("adc", python, before),
      printed("adc", gcloud, before),
    ]);
    expect(await callerOf(house, got(byNode))).toBe("dev@example.com");
    expect(await callerOf(house, got(byPython))).toBe("dev@example.com");
    expect(byGcloud).toBe("example-project\n");
    const callers = google.apiCalls().map(({ principal }) => principal);
    expect(new Set(callers)).toEqual(new Set(["dev@example.com"]));
  });

  test("a service account's identity tokens are for whom the program says", async () => {
    await open();
    const audience = "https://service.example.com";
    for (const client of [node, python]) {
      const token = got(await printed("robot", [...client, "--audience", audience]));
      expect(house.cloud.google.claimsOf(token)).toMatchObject({
        aud: audience,
        email: robot.email,
      });
    }
    const access = got(await printed("robot", node));
    expect(await callerOf(house, access)).toBe(robot.email);
  });

  test("a program outlives its token, and gets the next one both ways; at its end both ways are closed", async () => {
    await open({ google: { lifetimes: { accessTokenMs: 6_000 } } });
    const program = await startAnswering(["exec", "--gcp-account", "adc"]);
    const first = await program.ask("first");
    expect(house.cloud.google.whose(first.door)).toBe("dev@example.com");
    expect(house.cloud.google.whose(first.file)).toBe("dev@example.com");
    expect((await stat(program.file)).mode & 0o777).toBe(0o600);
    let round = 0;
    await vi.waitFor(async () => {
      expect(house.cloud.google.whose(first.door)).toBeUndefined();
      expect(house.cloud.google.whose(first.file)).toBeUndefined();
      round += 1;
      const now = await program.ask(`round${String(round)}`);
      expect(house.cloud.google.whose(now.door)).toBe("dev@example.com");
      expect(house.cloud.google.whose(now.file)).toBe("dev@example.com");
    }, patient);
    await program.end();
    await vi.waitFor(async () => {
      expect(await house.run("/usr/bin/curl", [`http://${program.host}/`])).toMatchObject({
        code: 7,
      });
      await expect(readFile(program.file)).rejects.toThrow("ENOENT");
    }, patient);
  });

  test("it goes on after kill -9 of the daemon: same door, same file", async () => {
    await open();
    const program = await startAnswering(["exec", "--gcp-account", "adc"]);
    expect(house.cloud.google.whose((await program.ask("before")).door)).toBe("dev@example.com");
    process.kill(await house.daemonPid(), "SIGKILL");
    expect((await program.ask("meanwhile")).door).toBe("");
    await house.evercred("status");
    let round = 0;
    await vi.waitFor(async () => {
      round += 1;
      const after = await program.ask(`after${String(round)}`);
      expect(house.cloud.google.whose(after.door)).toBe("dev@example.com");
      expect(house.cloud.google.whose(after.file)).toBe("dev@example.com");
    }, patient);
    await program.end();
  });

  test("another user gets nothing at the door, and nobody without the header or by another name", async () => {
    await open();
    const program = await startAnswering(["exec", "--gcp-account", "adc"]);
    const url = `http://${program.host}/computeMetadata/v1/instance/service-accounts/default/token`;
    const curl = ["/usr/bin/curl", "-sS", "--noproxy", "*", "-w", " %{http_code}"];
    const nobody = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const header = ["-H", "Metadata-Flavor: Google"];
    const ask = async (words: readonly string[]): Promise<string> => {
      const [name = "", ...args] = words;
      return (await house.run(name, args)).stdout;
    };
    expect(await ask([...curl, ...header, url])).toMatch(/ya29\..* 200$/);
    const refused = [
      [...nobody, ...curl, ...header, url],
      [...curl, url],
      [...curl, ...header, "-H", "Host: evil.example.com", url],
      [...curl, ...header, "-H", "X-Forwarded-For: 192.0.2.1", url],
    ];
    for (const words of refused) {
      const said = await ask(words);
      expect(said).toMatch(/ 403$/);
      expect(said).not.toContain("ya29.");
    }
    await program.end();
  });

  test("with a profile too the program has AWS and Google both", async () => {
    await open({ awsConfig: oneProfile });
    expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
    const both = [
      ...["exec", "--profile", "p", "--gcp-account", "robot", "--", "/bin/sh", "-ec"],
      `/usr/bin/aws sts get-caller-identity --query Arn --output text; ${node.join(" ")}`,
    ];
    const { code, stdout, stderr } = await house.run(house.shim, both);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [arn, json = ""] = stdout.trimEnd().split("\n");
    expect(arn).toMatch(/assumed-role\/AWSReservedSSO_Developer_/);
    expect(house.cloud.google.whose(got(json))).toBe(robot.email);
  });

  test("where nobody is signed in the program does not run", async () => {
    await open();
    expect(await house.evercred("logout", "adc")).toMatchObject({ code: 0 });
    const marker = join(house.home, "ran");
    const run = ["exec", "--gcp-account", "adc", "--", "/usr/bin/touch", marker];
    const refused = await house.run(house.shim, run);
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain("evercred login adc");
    await expect(stat(marker)).rejects.toThrow("ENOENT");
  });
});

describe.runIf(hasGcloud)("gcp env", () => {
  test("needs the configuration's leave", async () => {
    await open();
    const refused = await house.evercred("gcp", "env", "--account", "robot");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("doors.gceMetadata");
  });

  test("has a shell's clients be that account, and holds no token", async () => {
    await open({}, { doors: { gceMetadata: true } });
    const { stdout } = await house.evercred("gcp", "env", "--account", "robot");
    expect(stdout).not.toContain("ya29.");
    // What is in gcloud's folder would win.
    const shell = `eval "$(${house.shim} gcp env --account robot)"; exec "$@"`;
    const env = { CLOUDSDK_CONFIG: join(house.home, "empty") };
    const { code, stdout: answer } = await house.run("/bin/sh", ["-c", shell, "sh", ...node], env);
    expect(code).toBe(0);
    expect(await callerOf(house, got(answer))).toBe(robot.email);
    const list = await house.run("/bin/sh", ["-c", shell, "sh", ...gcloud]);
    expect(list).toMatchObject({ code: 0, stdout: "example-project\n" });
    expect(house.cloud.google.apiCalls().at(-1)).toMatchObject({ principal: robot.email });
    expect(tokenIn(await house.evercred("gcp", "token", "--account", "robot"))).not.toBe("");
  });
});
