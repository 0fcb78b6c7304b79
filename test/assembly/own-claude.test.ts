import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { openOwnClaude, type OwnClaude } from "../../electron/assembly/own-claude.ts";
import { inspectClaude } from "../../electron/platform/inspect-claude.ts";
import { inspectVersions } from "../../electron/platform/inspect-versions.ts";
import { eventually } from "../eventually.ts";
import { temporaryFolder } from "../platform/folder.ts";

let claude: OwnClaude;

afterEach(() => {
  claude.close();
});

/** Somebody's home, in which nothing is yet. */
const openHome = (): { home: string; changes: () => number } => {
  const home = temporaryFolder();
  let changes = 0;
  claude = openOwnClaude({
    inspector: {
      claude: (cwd) =>
        inspectClaude(cwd, {
          home,
          configDir: undefined,
          managedFolder: join(home, "managed"),
          noteFile: join(home, "setup.json"),
        }),
      versions: (searchPath) => inspectVersions("/nowhere/evercred", searchPath),
    },
    home,
    searchPath: () => Promise.resolve(join(home, "bin")),
    changed: () => (changes += 1),
  });
  return { home, changes: () => changes };
};

const write = (home: string, settings: unknown): void => {
  mkdirSync(join(home, ".claude"), { recursive: true });
  writeFileSync(join(home, ".claude", "settings.json"), JSON.stringify(settings));
};

test("nothing is looked at unasked; then it finds the program, and follows its settings", async () => {
  const { home, changes } = openHome();
  expect(claude.standing()).toEqual({ kind: "unknown" });
  await claude.look();
  expect(claude.standing()).toEqual({ kind: "absent" });

  mkdirSync(join(home, "bin"));
  writeFileSync(join(home, "bin", "claude"), "#!/bin/sh\n", { mode: 0o755 });
  await claude.look();
  expect(claude.standing()).toEqual({ kind: "unconnected", version: undefined });

  write(home, {
    apiKeyHelper: "/usr/bin/evercred api-key litellm",
    env: { ANTHROPIC_BASE_URL: "https://gateway.example.com" },
  });
  await eventually(() => {
    expect(claude.standing()).toMatchObject({ kind: "connected", provider: "gateway" });
  });
  expect(changes()).toBe(3);
  await claude.look();
  expect(changes()).toBe(3);
});

test("what changes while it looks is seen", async () => {
  let isThere = false;
  const looks: (() => void)[] = [];
  claude = openOwnClaude({
    inspector: {
      claude: () =>
        Promise.resolve({
          files: [],
          isTrusted: undefined,
          notes: { fault: undefined, variables: {} },
        }),
      versions: async () => {
        const versions = { ...(await inspectVersions("/nowhere", "")), hasClaude: isThere };
        await new Promise<void>((resolve) => {
          looks.push(resolve);
        });
        return versions;
      },
    },
    home: "/home/ann",
    searchPath: () => Promise.resolve(undefined),
    changed: () => undefined,
  });
  const first = claude.look();
  await eventually(() => expect(looks).toHaveLength(1));
  isThere = true;
  const second = claude.look();
  looks[0]?.();
  await eventually(() => expect(looks).toHaveLength(2));
  looks[1]?.();
  await Promise.all([first, second]);
  expect(claude.standing()).toEqual({ kind: "unconnected", version: undefined });
});
