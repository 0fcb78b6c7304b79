import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** One finding of the linter: which rule, and what it says. */
export interface Finding {
  readonly rule: string;
  readonly message: string;
}

type Files = Readonly<Record<string, string>>;

/** Does something with files, given by their path in the project, in a throw-away copy of the project's set-up. */
async function withCopy<T>(files: Files, use: (copy: string) => T | Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), "lint-"));
  try {
    symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
    const setUp = ["package.json", "tsconfig.json", "renderer/tsconfig.json", "test/tsconfig.json"];
    for (const name of setUp) cpSync(join(project, name), join(copy, name));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** What the linter finds in each of these files under the project's own rules. */
export function lint(files: Files): Promise<ReadonlyMap<string, readonly Finding[]>> {
  return withCopy(files, async (copy) => {
    const eslint = new ESLint({ cwd: copy, overrideConfigFile: join(project, "eslint.config.js") });
    const results = await eslint.lintFiles(Object.keys(files));
    return new Map(
      results.map((result) => [
        result.filePath.slice(copy.length + 1),
        result.messages.map(({ ruleId, message }) => ({ rule: ruleId ?? "parser", message })),
      ]),
    );
  });
}

/** What the compiler says of these files under the configuration in this folder, a line for each error. */
export function compile(folder: string, files: Files): Promise<string> {
  return withCopy(files, (copy) => {
    const tsc = join(project, "node_modules", "typescript-native", "bin", "tsc");
    const options = { cwd: copy, encoding: "utf8" } as const;
    return spawnSync(process.execPath, [tsc, "--project", folder], options).stdout;
  });
}
