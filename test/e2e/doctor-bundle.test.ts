import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { placesOf, put } from "./doctor-home.ts";
import { enterKey, runWith } from "./key-home.ts";
import { type House, openHouse } from "./house.ts";

/** Stands in everything that is secret on this machine. */
const mark = "planted-0123456789";

let house: House;

beforeAll(async () => {
  house = await openHouse();
  const places = placesOf(house);
  await put(
    places.config,
    JSON.stringify({
      keys: {
        gateway: { kind: "static" },
        program: { kind: "command", command: ["printf", "x"], env: { A_THING: mark } },
      },
      headers: { otel: { "X-Thing": mark } },
      unknown: mark,
    }),
  );
  await put(places.aws("credentials"), `[other]\naws_secret_access_key = ${mark}\n`);
  await put(places.adc, JSON.stringify({ type: "authorized_user", client_secret: mark }));
  await put(
    places.claude,
    JSON.stringify({
      env: {
        ANTHROPIC_API_KEY: mark,
        DB_PASS: mark,
        ANTHROPIC_BASE_URL: `https://u:${mark}@g.example.com`,
      },
      apiKeyHelper: `curl -H 'Authorization: Bearer ${mark}' https://g.example.com`,
      mcpServers: { mine: { env: { WHATEVER: mark } } },
    }),
  );
  await put(
    places.code,
    JSON.stringify({
      "claudeCode.environmentVariables": [{ name: "SOME_THING", value: mark }],
      "other.token": mark,
    }),
  );
  expect(await house.evercred("login", "corp")).toMatchObject({ code: 0 });
  await enterKey(house, "gateway", mark);
  expect(await house.evercred("api-key", "gateway")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await house.close();
});

/** All that an archive holds, as text by name. */
const unpacked = async (file: string): Promise<Readonly<Record<string, string>>> => {
  const folder = `${file}.d`;
  await mkdir(folder);
  expect(await house.run("tar", ["-xzf", file, "-C", folder])).toMatchObject({ code: 0 });
  const names = await readdir(folder);
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
};

const variables = {
  ANTHROPIC_API_KEY: mark,
  AWS_SECRET_ACCESS_KEY: mark,
  HTTPS_PROXY_PASSWORD: mark,
};

test("a support archive holds what helps, and no secret", async () => {
  const { cloud, env, shim, home } = house;
  const given = { cwd: home, env: { ...env, ...variables } };
  const said = await runWith(house, shim, ["doctor", "--bundle", "--no-verify"], given);
  const [, file = ""] = /^Written: (\S+)\./.exec(said.stderr) ?? [];
  expect(file).toMatch(/\/home\/evercred-support-\d{4}-\d\d-\d\d\.tar\.gz$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const files = await unpacked(file);
  const all = JSON.stringify([files, said]);
  expect(all).not.toContain(mark);
  for (const { secretAccessKey, sessionToken } of cloud.organisation().keys()) {
    expect(all).not.toContain(secretAccessKey);
    expect(all).not.toContain(sessionToken);
  }
  const claude = JSON.parse(files["claude.json"] ?? "") as readonly unknown[];
  expect(claude).toContainEqual(
    expect.objectContaining({
      scope: "user",
      env: { ANTHROPIC_API_KEY: "…", DB_PASS: "…", ANTHROPIC_BASE_URL: "https://…@g.example.com" },
      otherNames: ["mcpServers"],
    }),
  );
  expect(JSON.parse(files["status.json"] ?? "")).toMatchObject({ version: 1 });
  expect(JSON.parse(files["doctor.json"] ?? "")).toMatchObject({ version: 1 });
  expect(files["evercred.log"]).toContain("daemon: started");
  expect(files["audit.jsonl"]).toContain(`"source":"gateway"`);
});

test("an archive never takes the place of a file", async () => {
  const file = join(house.home, "mine.tar.gz");
  await put(file, "mine");
  const { code, stderr } = await house.evercred("doctor", "--bundle", file, "--no-verify");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `evercred: ${file} is there already. Name another file.\n`,
  });
  expect(await readFile(file, "utf8")).toBe("mine");
});
