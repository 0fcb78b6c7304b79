import { expect, test } from "vitest";
import type { Request } from "../../electron/commands/verb.ts";
import { ask, makePlaces, open } from "./rig.ts";

/** What the shim of the first protocol sent for `aws export --profile p`, byte for byte. */
const recorded = Buffer.from(
  "VgAAAAExQQAAAANhd3NBAAAABmV4cG9ydEEAAAAJLS1wcm9maWxlQQAAAAFwRQAAAA1BV1NfUFJPRklMRT1wRQAAAAxMQU5HPUMuVVRGLThEAAAAAS9UAAAAAiAwRwAAAAA=",
  "base64",
);

/** The frames that it knows; it ends with an error at any other one that is not in lower case. */
const known = ["1", "2", "?", "R", "X"];

test("a shim of the first protocol is served, and is sent nothing that it does not know", async () => {
  const seen: Request[] = [];
  const door = await open(await makePlaces(), async (request, reply) => {
    seen.push(request);
    reply.print(JSON.stringify({ told: await reply.variables(["HTTPS_PROXY"]) }));
    reply.say("said");
    return 7;
  });
  const { stdout, stderr, exit, frames } = await ask(door.address, recorded);
  expect({ stdout, stderr, exit }).toEqual({ stdout: "{}\n", stderr: "said\n", exit: 7 });
  expect(frames.filter(({ type }) => !known.includes(type))).toEqual([]);
  expect(seen).toMatchObject([
    {
      args: ["aws", "export", "--profile", "p"],
      env: { AWS_PROFILE: "p", LANG: "C.UTF-8" },
      cwd: "/",
      terminal: { stdin: false, stdout: false, stderr: false, width: 0 },
      client: undefined,
    },
  ]);
});
