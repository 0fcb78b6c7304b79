import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launcherText } from "../../electron/platform/launcher-entry.ts";
import { languages, wordsFor } from "../../electron/protocol/words.ts";
import { run } from "../../scripts/command.mjs";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "launcher-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const texts = languages.map(([code]) => [code, wordsFor(code, code).texts.launcher] as const);

const entry = (app = "/opt/Evercred/evercred-app", shim = "/usr/bin/evercred"): string =>
  launcherText({ command: [app], shim, icon: "evercred", texts });

/** The lines of a group, by its name. */
const groupOf = (text: string, name: string): readonly string[] =>
  (text.split(`[${name}]\n`)[1] ?? "").split("\n\n")[0]!.trimEnd().split("\n");

/** What the desktop's own checker says of an entry. */
const faults = async (text: string): Promise<string> => {
  const file = join(folder, "evercred.desktop");
  await writeFile(file, text);
  return (await run("desktop-file-validate", [file])).output;
};

test("the entry opens the app, and is named in every language", async () => {
  const lines = groupOf(entry(), "Desktop Entry");
  expect(lines).toEqual(
    expect.arrayContaining([
      "Name=Evercred",
      "Exec=/opt/Evercred/evercred-app",
      "Icon=evercred",
      "Comment=Stay signed in to AWS, Google Cloud and your LLM gateway",
    ]),
  );
  for (const [code] of languages.slice(1)) {
    expect(lines.filter((line) => line.startsWith(`Comment[${code}]=`))).toHaveLength(1);
  }
  expect(await faults(entry())).toBe("");
});

test.each([
  ["sign-in", "Name=Sign in", "Name[de]=Anmelden", "Exec=/usr/bin/evercred login --all"],
  ["settings", "Name=Settings", "Name[de]=Einstellungen", "Exec=/usr/bin/evercred window settings"],
  ["quit", "Name=Quit", "Name[de]=Beenden", "Exec=/usr/bin/evercred daemon stop"],
])("its action %s does what the tray's menu does", (action, ...lines) => {
  expect(groupOf(entry(), `Desktop Action ${action}`)).toEqual(expect.arrayContaining(lines));
  expect(groupOf(entry(), "Desktop Entry")).toContain("Actions=sign-in;settings;quit;");
});

test("whatever is in a path, the entry is a valid one", async () => {
  const odd = String.raw`/opt/a "b" 100% $HOME \ é`;
  expect(await faults(entry(`${odd}/app`, `${odd}/evercred`))).toBe("");
  expect(entry(odd)).toContain(String.raw`Exec="/opt/a \\"b\\" 100%% \\$HOME \\\\ é"`);
});
