import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { House } from "./house.ts";

/** Runs the words that it is given, waits, and ends as that does: no shell, no interpreter. */
const source = `
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
extern char **environ;
int main(int count, char **words) {
  pid_t child;
  int status = 0;
  if (count < 2 || posix_spawn(&child, words[1], NULL, NULL, words + 1, environ) != 0) return 99;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
`;

/** Programs of these names in a house: the paths of a real one, and of copies of it, which are the same but for that. */
export const programsIn = async (
  house: House,
  ...names: readonly [string, ...string[]]
): Promise<readonly string[]> => {
  const [first, ...copies] = names.map((name) => join(house.home, name));
  const code = join(house.home, "program.c");
  await writeFile(code, source);
  await promisify(execFile)("cc", ["-o", first!, code]);
  for (const copy of copies) await copyFile(first!, copy);
  return [first!, ...copies];
};
