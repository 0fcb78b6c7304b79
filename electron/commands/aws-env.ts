import { never } from "../core/time.ts";
import {
  doorVariables,
  keyVariables,
  leftovers,
  regionVariables,
  type Variables,
} from "./aws-variables.ts";
import { formatFlag, formOf } from "./format.ts";
import { refuseFlagOnBridge } from "./on-bridge.ts";
import { profileOf } from "./profile.ts";
import { issue, silentFlags } from "./silent.ts";
import type { Context, Parsed, Reply, Request, Verb } from "./verb.ts";

/** Role keys, or the way to them, as variables that a shell can take over. */
export const awsEnv: Verb = {
  name: "aws env",
  summary: "role keys as variables, for a shell",
  words: "",
  most: 0,
  flags: {
    ...silentFlags,
    format: formatFlag,
    server: { summary: "not the keys, but where SDKs fetch them again and again" },
  },
  onBridge: true,
  about: `Prints what sets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION and the profile's region, and unsets what would win over them.
  bash, zsh     eval "$(evercred aws env)"
  fish          evercred aws env --format fish | source
  PowerShell    evercred aws env --format powershell | Out-String | Invoke-Expression
  cmd           for /f "delims=" %i in ('evercred aws env --format cmd') do @%i
The keys end: for a long run there is --server, and evercred exec. With --server a profile named default that has keys of its own still wins, and doors.containerCredentials has to be on.`,
  async run(parsed, request, reply, context) {
    const form = formOf(parsed);
    const set = parsed.has("server")
      ? await standing(parsed, request, context)
      : await keys(parsed, request, reply, context);
    reply.printForm(set, (clear) => form(clear, leftovers(set)));
    return 0;
  },
};

const keys = async (
  parsed: Parsed,
  request: Request,
  reply: Reply,
  context: Context,
): Promise<Variables> => {
  const { credential, region } = await issue("aws env", parsed, request, reply, context);
  return { ...keyVariables(credential), ...regionVariables(region) };
};

/** Needs no sign-in: the door says for itself when one is needed. */
const standing = async (parsed: Parsed, request: Request, context: Context): Promise<Variables> => {
  refuseFlagOnBridge("server", request);
  const { target, offer } = profileOf(parsed.value("profile"), request, context);
  const door = await context.doors.standing(target);
  context.gate.served(request.caller, target, never, "aws env --server");
  return { ...doorVariables(door), ...regionVariables(offer.region) };
};
