import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDevcontainerSettings } from "../../electron/platform/devcontainer-settings.ts";
import { temporaryFolder } from "./folder.ts";

const claude = { file: ".devcontainer/evercred-claude.json", text: "{}\n" };
const wishes = {
  mounts: ["type=bind,source=/run/b,target=/run/evercred-bridge,readonly"],
  containerEnv: { EVERCRED_BRIDGE: "/run/evercred-bridge" },
  claude,
};

const before = `{
  "image": "debian", // theirs
  "mounts": ["source=cache,target=/cache,type=volume"]
}
`;

test("mounts and variables are added, and an undo gives the bytes back", () => {
  const project = temporaryFolder();
  mkdirSync(join(project, ".devcontainer"));
  const file = join(project, ".devcontainer", "devcontainer.json");
  writeFileSync(file, before);
  const containers = openDevcontainerSettings(join(project, "setup.json"));
  containers.set(project, wishes).make();
  expect(readFileSync(file, "utf8")).toBe(`{
  "image": "debian", // theirs
  "mounts": ["source=cache,target=/cache,type=volume", "${wishes.mounts[0]!}"],
  "containerEnv": {
    "EVERCRED_BRIDGE": "/run/evercred-bridge"
  }
}
`);
  expect(readFileSync(join(project, claude.file), "utf8")).toBe("{}\n");
  containers.undo(project, claude.file)?.make();
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(existsSync(join(project, claude.file))).toBe(false);
  expect(containers.undo(project, claude.file)).toBeUndefined();
});

test("a file for Claude Code that is somebody else's is neither replaced nor removed", () => {
  const project = temporaryFolder();
  mkdirSync(join(project, ".devcontainer"));
  const file = join(project, ".devcontainer", "devcontainer.json");
  const claudeFile = join(project, claude.file);
  writeFileSync(file, before);
  writeFileSync(claudeFile, "theirs");
  const containers = openDevcontainerSettings(join(project, "setup.json"));
  expect(() => containers.set(project, wishes)).toThrow("is not ours: nothing has been changed.");
  expect(readFileSync(file, "utf8")).toBe(before);
  rmSync(claudeFile);
  containers.set(project, wishes).make();
  containers.set(project, { ...wishes, claude: { ...claude, text: "{ }\n" } }).make();
  expect(readFileSync(claudeFile, "utf8")).toBe("{ }\n");
  writeFileSync(claudeFile, "theirs again");
  expect(() => containers.set(project, wishes)).toThrow("is not ours");
  containers.undo(project, claude.file)?.make();
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(readFileSync(claudeFile, "utf8")).toBe("theirs again");
});

test("the file may stand beside the folder; without one there is nothing to edit", () => {
  const project = temporaryFolder();
  const containers = openDevcontainerSettings(join(project, "setup.json"));
  expect(() => containers.set(project, wishes)).toThrow(
    "There is no .devcontainer/devcontainer.json",
  );
  writeFileSync(join(project, ".devcontainer.json"), "{}");
  expect(containers.set(project, wishes).file).toBe(join(project, ".devcontainer.json"));
});
