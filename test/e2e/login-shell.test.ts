import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type House, openHouse } from "./house.ts";

let house: House;

afterEach(async () => {
  await house.close();
});

test("a program that only the user's terminals find is found, and finds others there itself", async () => {
  house = await openHouse({ awsConfig: "", env: { SHELL: "/bin/bash", PATH: "/usr/bin:/bin" } });
  const tools = join(house.home, "tools");
  await mkdir(tools);
  const programs = {
    "print-key": 'printf %s "$(print-secret)"',
    "print-secret": "echo from-a-tool",
  };
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(tools, name), `#!/bin/sh\n${line}\n`, { mode: 0o700 });
  }
  const profile = `echo once >> "$HOME/read"\nexport PATH="$HOME/tools:$PATH"\n`;
  await writeFile(join(house.home, ".bash_profile"), profile);
  const command = { kind: "command", command: ["print-key"], ttl: "1s" };
  const line = { kind: "command", command: "print-secret", ttl: "1s" };
  await house.config({ keys: { vault: command, line } });
  expect(await house.evercred("status")).toMatchObject({ code: 0 });
  const read = async (): Promise<string> =>
    (await house.run("/bin/sh", ["-c", `cat '${join(house.home, "read")}' || true`])).stdout;
  expect(await read()).toBe("");
  for (const key of ["vault", "line", "vault"]) {
    expect(await house.evercred("api-key", key)).toMatchObject({
      code: 0,
      stdout: "from-a-tool\n",
    });
  }
  expect(await read()).toBe("once\n");
});
