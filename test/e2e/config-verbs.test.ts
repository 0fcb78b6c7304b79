import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;
let file: string;

/** As somebody writes it who cares for it. */
const mine = `// Mine.
{
  "signIn": {
    "before": "30m", // long enough to finish a coffee
  },
  /* Other people's sign-ins. */
  "sources": {},
}
`;

beforeAll(async () => {
  house = await openHouse({ awsConfig: "" });
  const folder = join(house.home, ".config", "evercred");
  file = join(folder, "config.json");
  await mkdir(folder, { recursive: true });
  await writeFile(file, mine);
});

afterAll(async () => {
  await house.close();
});

const text = (): Promise<string> => readFile(file, "utf8");

const sources = async (): Promise<readonly string[]> => {
  const { stdout } = await house.evercred("status", "--json");
  return (JSON.parse(stdout) as { sources: { id: string }[] }).sources.map(({ id }) => id);
};

describe("evercred config", () => {
  test("what is set is in force at once, and all else in the file stays as it was", async () => {
    const source = { kind: "command", signIn: ["/bin/true"] };
    expect(await sources()).toEqual([]);
    const set = await house.evercred("config", "set", "sources.vault", JSON.stringify(source));
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect(await sources()).toEqual(["vault"]);
    expect(await text()).toBe(
      mine.replace(
        '"sources": {}',
        '"sources": {\n    "vault": { "kind": "command", "signIn": ["/bin/true"] }\n  }',
      ),
    );
    expect(await house.evercred("config", "set", "signIn.before", "45m")).toMatchObject({
      code: 0,
      stdout: "signIn.before is now 45m\n",
    });
    expect(await text()).toContain('"before": "45m", // long enough to finish a coffee\n');
    expect((await house.evercred("config", "get", "signIn.before")).stdout).toBe("45m\n");
    expect((await house.evercred("config", "list")).stdout).toMatch(
      /^sources\.vault\.kind +command +from the file\n.*\nsignIn\.before +45m +from the file\n$/,
    );
  });

  test("a part of a source that was found by itself is set once it has an entry, as the refusal says", async () => {
    const other = await openHouse();
    onTestFinished(() => other.close());
    const part = ["config", "set", "sources.corp.browser", '["firefox", "{url}"]'] as const;
    const refused = await other.evercred(...part);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    const [, first = ""] = /Make one first: (evercred .*)$/m.exec(refused.stderr) ?? [];
    const entry = await other.run("/bin/sh", ["-c", first.replace("evercred", `'${other.shim}'`)]);
    expect(entry).toMatchObject({ code: 0, stderr: "" });
    expect(await other.evercred(...part)).toMatchObject({ code: 0, stderr: "" });
    expect(await other.evercred("config", "get", "sources.corp.browser")).toMatchObject({
      stdout: '["firefox","{url}"]\n',
    });
    const { stdout } = await other.evercred("status", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ sources: [{ id: "corp" }] });
  });

  test("what is taken out is not in force any more", async () => {
    expect(await house.evercred("config", "unset", "sources.vault")).toMatchObject({ code: 0 });
    expect(await sources()).toEqual([]);
    expect(await house.evercred("config", "unset", "signIn.before")).toMatchObject({
      code: 0,
      stdout: "signIn.before is taken out; built in is 20m\n",
    });
    expect(await text()).toMatch(/^\/\/ Mine\.\n[^]*\/\* Other people's sign-ins\. \*\//);
  });

  test("what cannot stand there is refused, and so is a secret, which is not repeated", async () => {
    const before = await text();
    const key = `sk-ant-${"a".repeat(40)}`;
    expect(await house.evercred("config", "set", "signIn.before", "soon")).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        'evercred: signIn.before must be a duration such as "90s", "20m", "8h" or "30d". Give another value: nothing has been changed.\n',
    });
    for (const name of ["keys.litellm", "keys.litellm.value", "log", key]) {
      const { code, stdout, stderr } = await house.evercred("config", "set", name, key);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/evercred api-key set (?:litellm|NAME)\n$/);
      expect(stderr).not.toContain(key);
    }
    expect(await text()).toBe(before);
  });

  test("a broken file is told of by its line, and the settings before it stay in force", async () => {
    const before = await text();
    await house.evercred("config", "set", "log", "debug");
    await writeFile(file, '{\n  "log": "loud"\n}\n');
    const check = await house.evercred("config", "check");
    expect(check.code).toBe(2);
    expect(check.stdout).toContain(`${file} line 2: error: log must be one of`);
    expect(await house.evercred("config", "get", "log")).toMatchObject({ stdout: "debug\n" });
    expect((await house.evercred("config", "set", "log", "info")).code).toBe(2);
    await writeFile(file, before);
    expect(await house.evercred("config", "check")).toMatchObject({ code: 0, stdout: "" });
  });

  test("it is edited with the caller's own editor, of several words too, and looked at afterwards", async () => {
    const before = await text();
    const edit = (VISUAL: string) => house.run(house.shim, ["config", "edit"], { VISUAL });
    expect(await edit(`sed -i -e 's/Mine/Yours/'`)).toMatchObject({
      code: 0,
      stdout: "",
      stderr: `${file}: nothing is wrong.\n`,
    });
    expect(await text()).toContain("// Yours.\n");
    expect(await edit("sed -i 1i{")).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("is not valid JSON"),
    });
    expect(await edit("false")).toMatchObject({ code: 1, stdout: "", stderr: "" });
    await writeFile(file, before);
  });

  test("its schema is that of the file beside it", async () => {
    const { stdout } = await house.evercred("config", "schema");
    const written = () => readFile(join(file, "..", "config.schema.json"), "utf8").catch(() => "");
    // A start comes first.
    await expect.poll(written, { timeout: 15_000 }).toBe(stdout);
  });
});

describe("evercred logs", () => {
  test("prints what the daemon has written, and goes on until the caller leaves", async () => {
    const { stdout } = await house.evercred("logs", "-n", "1000");
    expect(stdout).toMatch(/^\S+Z info daemon: started version=/m);
    const following = house.start(house.shim, ["logs", "--follow", "-n", "0", "--json"]);
    let isSeen = false;
    const seen = following.line(/"event":"config: read"/).finally(() => (isSeen = true));
    // What happens before it is there is not for it to see.
    for (let ask = "tray"; !isSeen; ask = ask === "tray" ? "open" : "tray") {
      await house.evercred("config", "set", "signIn.ask", ask);
    }
    expect(JSON.parse(await seen)).toMatchObject({ level: "info", event: "config: read" });
    following.child.kill("SIGINT");
    await following.outcome;
    expect((await house.evercred("status")).code).toBe(0);
  });
});

test.each([
  ["bash", ["--norc", "-c", 'eval "$(evercred completion bash)"; complete -p evercred']],
  [
    "zsh",
    [
      "-f",
      "-c",
      'autoload -U compinit; compinit -D -u; eval "$(evercred completion zsh)"; echo $_comps[evercred]',
    ],
  ],
  [
    "fish",
    ["--no-config", "-c", "evercred completion fish | source; complete -C 'evercred config unse'"],
  ],
])("%s takes what it needs to complete a line", async (shell, words) => {
  const path = `${join(house.shim, "..")}:${house.env["PATH"]}`;
  const { code, stdout, stderr } = await house.run(`/usr/bin/${shell}`, words, { PATH: path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/_evercred|^unset\t/);
});

test("a daemon without a desktop has no window, and says so", async () => {
  expect(await house.evercred("window", "settings")).toMatchObject({
    code: 4,
    stdout: "",
    stderr: expect.stringMatching(/^evercred: Evercred runs without a desktop here/m),
  });
});
