import { cpSync, existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../scripts/command.mjs";
import { project, script, temporaryFolder } from "./program.ts";

const headers = join(dirname(dirname(process.execPath)), "include", "node", "node.h");

function build(folder: string) {
  const code = `import { buildKeytar } from ${JSON.stringify(script("keytar-build.mjs"))};
    console.log(await buildKeytar(${JSON.stringify(folder)}));`;
  // No settings of this user, and a proxy that is not there: a download would fail.
  const nowhere = "http://127.0.0.1:9";
  const env = { ...process.env, HOME: folder, http_proxy: nowhere, https_proxy: nowhere };
  return run(process.execPath, ["--input-type=module", "--eval", code], { env, cwd: folder });
}

test.runIf(existsSync(headers))(
  "keytar is compiled from its source without a download, once",
  async () => {
    const folder = temporaryFolder();
    for (const name of ["keytar", "node-addon-api"]) {
      const installed = realpathSync(join(project, "node_modules", name));
      cpSync(installed, join(folder, "node_modules", name), {
        recursive: true,
        filter: (path) => path !== join(installed, "build"),
      });
    }
    expect(await build(folder)).toMatchObject({
      status: 0,
      output: "Compiling keytar (once, about ten seconds).\nundefined\n",
    });
    const keytar: unknown = createRequire(join(folder, "x.js"))("keytar");
    expect(keytar).toHaveProperty("getPassword", expect.any(Function));
    expect(await build(folder)).toMatchObject({ status: 0, output: "undefined\n" });
  },
  60_000,
);

test("a checkout without its packages is told what to run", async () => {
  expect((await build(temporaryFolder())).output).toBe(
    "node_modules is not complete. Run: npm ci\n",
  );
});
