import { expect, test } from "vitest";
import { World } from "./world.ts";

test.each([
  ["bash", "complete -F _evercred evercred"],
  ["zsh", "compdef _evercred evercred"],
  ["fish", "complete -c evercred -n '__evercred_next aws' -a export"],
  ["powershell", "Register-ArgumentCompleter -Native"],
])("completion %s prints what the shell takes", async (shell, part) => {
  const world = await World.make();
  const { exit, stdout, stderr } = await world.run(["completion", shell]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toContain(part);
  expect(stdout).toMatch(/[^\n]\n$/);
});

test.each([
  [["completion", "bahs"], "There is none for bahs. Did you mean bash?"],
  [["completion", "toString"], "There is none for toString."],
  [["completion"], "Which shell? There are bash, zsh, fish, powershell."],
])("%j is refused", async (words, sentence) => {
  const world = await World.make();
  const { exit, stdout, stderr } = await world.run(words);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toContain(sentence);
});
