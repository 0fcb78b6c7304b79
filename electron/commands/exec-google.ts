import type { Part } from "./exec-aws.ts";
import { googleDoorVariables, googleLeftovers, projectVariables } from "./gcp-variables.ts";
import { googleSourceOf } from "./google-source.ts";
import { refuseFlagOnBridge } from "./on-bridge.ts";
import { fetched } from "./silent.ts";
import type { Context, Parsed, Reply, Request } from "./verb.ts";

/**
 * The way to a Google account's tokens, for the time of a run. A file of credentials in gcloud's folder would win over
 * the door, so the run has a folder of its own.
 */
export const googlePart = async (
  account: string,
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Part> => {
  refuseFlagOnBridge("gcp-account", request);
  const source = googleSourceOf(account, request, context);
  const { target, offer, name } = source;
  // What the program's first question would wait for, or fail with, comes before its start.
  const wanted = { ...source, key: offer.key, title: name };
  await fetched("exec", wanted, parsed, request, reply, context);
  const files = await context.google.settingsWithoutKeys();
  const folder = await context.filesFor(files, request.signal);
  const theirs = request.env["GOOGLE_CLOUD_PROJECT"] ?? "";
  const project = theirs === "" ? offer.project : theirs;
  const door = await context.googleDoors.forRun(target, { project }, request.signal);
  const set = {
    ...googleDoorVariables(door),
    CLOUDSDK_CONFIG: folder,
    ...(theirs === "" && projectVariables(project)),
  };
  return { set, unset: googleLeftovers(set) };
};
