import { join } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { targetOf } from "../core/source.ts";
import {
  doorVariables,
  keyVariables,
  leftovers,
  regionVariables,
  type Variables,
} from "./aws-variables.ts";
import { goneOf } from "./gone.ts";
import { refuseFlagOnBridge } from "./on-bridge.ts";
import { issue, silentFlags } from "./silent.ts";
import type { Context, Request, Verb } from "./verb.ts";

/** Has the shim become the caller's program, with one profile's keys or the way to them. */
export const exec: Verb = {
  name: "exec",
  summary: "run a program with a profile's role keys",
  words: "-- COMMAND…",
  most: 0,
  flags: {
    ...silentFlags,
    server: { summary: "let it fetch the keys itself, so that they never end while it runs" },
  },
  takesProgram: true,
  onBridge: true,
  about:
    "Sets AWS_ACCESS_KEY_ID and what belongs to it, or with --server where AWS SDKs fetch keys as often as they need them; unsets what would win over that, and has nothing asked of the machine's own metadata service. The region is the caller's AWS_REGION, else the profile's; over a bridge always the profile's. The program takes this one's place: signals, terminal and exit code are its own; 126 where it cannot be executed, 127 where it is not there, 125 where it does not come to that because of us. With --server it gets an AWS configuration of its own, with the profile's settings as the default and without credentials; where a sign-in is needed while it runs, what it asks for fails and the tray asks.",
  async run(parsed, request, reply, context) {
    if (!parsed.hasProgram) {
      throw new EvercredError("usage", "There is no program to run.", {
        remedy: "Name it behind two dashes: evercred exec -- COMMAND",
      });
    }
    const isServed = parsed.has("server");
    if (isServed) refuseFlagOnBridge("server", request);
    const handed = await issue("exec", parsed, request, reply, context);
    const regional = (request.env["AWS_REGION"] ?? "") === "" ? handed.region : undefined;
    const set: Variables = {
      ...(isServed
        ? await served(handed.profile, request, context)
        : keyVariables(handed.credential)),
      ...regionVariables(regional),
      AWS_EC2_METADATA_DISABLED: "true",
    };
    reply.run(set, leftovers(set));
    await goneOf(request.signal);
    return 0;
  },
};

/** A door for the time of this run. A profile in the AWS tools' own files would win over it, so those are others. */
const served = async (profile: string, request: Request, context: Context): Promise<Variables> => {
  const config = await context.aws.settingsWithoutKeys(profile);
  const folder = await context.filesFor({ config, credentials: "" }, request.signal);
  const door = await context.doors.forRun(targetOf("aws", profile), request.signal);
  return {
    ...doorVariables(door),
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
  };
};
