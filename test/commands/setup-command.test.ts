import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { commandLineFor } from "../../electron/commands/setup-command.ts";
import { hasCode } from "../../electron/core/errors.ts";
import { hostile } from "./hostile.ts";

test.each(Object.values(hostile).filter((word) => !word.includes("\0")))(
  "/bin/sh gets %j as it is",
  (word) => {
    const line = commandLineFor("linux")(["/usr/bin/printf", "%s|", word, "~"]);
    expect(execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" })).toBe(`${word}|~|`);
  },
);

test("plain words stay plain", () => {
  const words = ["/usr/bin/evercred", "aws", "login", "--profile", "dev_1.eu+x@y:z"];
  expect(commandLineFor("darwin")(words)).toBe(words.join(" "));
});

describe("cmd.exe", () => {
  const line = commandLineFor("win32");

  test("gets paths with blanks in quotes, in which nothing counts", () => {
    const shim = String.raw`C:\Program Files\Evercred\bin\evercred.exe`;
    expect(line([shim, "aws", "login", "--profile", "a&b"])).toBe(
      `"${shim}" aws login --profile "a&b"`,
    );
    expect(line([String.raw`C:\ev\evercred.exe`])).toBe(String.raw`C:\ev\evercred.exe`);
  });

  test.each(['a"b', "%PATH%", "a!b", "a\nb", "a b\\"])("is not given %j", (word) => {
    expect(() => line(["evercred", word])).toThrow(
      expect.toSatisfy((thrown) => hasCode(thrown, "usage")),
    );
  });
});
