import { join } from "node:path";
import {
  doorVariables,
  keyVariables,
  leftovers,
  regionVariables,
  type Variables,
} from "./aws-variables.ts";
import { refuseFlagOnBridge } from "./on-bridge.ts";
import { type Handed, issue } from "./silent.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/** What a program is started with. */
export interface Part {
  readonly set: Variables;
  readonly unset: readonly string[];
}

/** A profile's keys, or with --server the way to them, for a run. */
export const awsPart = async (
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Part> => {
  const isServed = parsed.has("server");
  if (isServed) refuseFlagOnBridge("server", request);
  const handed = await issue("exec", parsed, request, reply, context);
  const regional = (request.env["AWS_REGION"] ?? "") === "" ? handed.region : undefined;
  const set: Variables = {
    ...(isServed ? await served(handed, request, context) : keyVariables(handed.credential)),
    ...regionVariables(regional),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return { set, unset: leftovers(set) };
};

/** A door for the time of this run. A profile in the AWS tools' own files would win over it, so those are others. */
const served = async (
  { profile, target }: Handed,
  request: Request,
  context: Context,
): Promise<Variables> => {
  const config = context.aws.settingsWithoutKeys(profile);
  const folder = await context.filesFor({ config, credentials: "" }, request.signal);
  const door = await context.doors.forRun(target, request.signal);
  return {
    ...doorVariables(door),
    AWS_CONFIG_FILE: join(folder, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, "credentials"),
  };
};
