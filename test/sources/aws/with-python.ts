import { spawnSync } from "node:child_process";

/** What a script beside this file writes, given this on its stdin; both are JSON. */
export const withPython = (script: string, input: unknown): unknown => {
  const path = new URL(script, import.meta.url).pathname;
  const { stdout, stderr } = spawnSync("/usr/bin/python3", [path], {
    input: JSON.stringify(input),
    encoding: "utf8",
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
};
