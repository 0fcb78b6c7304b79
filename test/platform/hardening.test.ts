import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { bundleProgram, runProgram } from "./program.ts";

const program = `
  import { writeFileSync } from "node:fs";
  import { hardenProcess } from "./electron/platform/hardening.ts";
  hardenProcess({ warn: console.log });
  writeFileSync(process.env.FILE, "", { mode: 0o666 });
  process.stdin.on("data", () => console.log(JSON.stringify("alive")));
  console.log(JSON.stringify(typeof process.binding));
`;

test("a hardened process makes files for its owner only, has no inspector and no memory in a core dump", async () => {
  const folder = temporaryFolder();
  const FILE = join(folder, "file");
  const { child, next, send } = runProgram(await bundleProgram(program, folder), { FILE });
  await next();
  expect(statSync(FILE).mode & 0o777).toBe(0o600);
  const pid = String(child.pid);
  expect(readFileSync(`/proc/${pid}/coredump_filter`, "utf8").trim()).toBe("00000000");
  for (const signal of ["SIGUSR1", "SIGPIPE"] as const) {
    child.kill(signal);
    send("?");
    expect(await next()).toBe("alive");
  }
  const listening = readFileSync(`/proc/${pid}/net/tcp`, "utf8");
  // 0x240d is 9229, the inspector's port.
  expect(listening).not.toContain(":240D ");
});
