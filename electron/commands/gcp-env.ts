import { never } from "../core/time.ts";
import { formatFlag, formOf } from "./format.ts";
import { googleDoorVariables, googleLeftovers, projectVariables } from "./gcp-variables.ts";
import { accountFlag, googleSourceOf } from "./google-source.ts";
import type { Verb } from "./verb.ts";

/** The way to a Google account's tokens, as variables that a shell can take over. */
export const gcpEnv: Verb = {
  name: "gcp env",
  summary: "where gcloud and Google's libraries get tokens, for a shell",
  words: "",
  most: 0,
  flags: { account: accountFlag, format: formatFlag },
  about: `Prints what leads gcloud (CLOUDSDK_AUTH_ACCESS_TOKEN_FILE) and Google's libraries (GCE_METADATA_HOST) to Evercred, with the project where it is known, and unsets what would win over that. It holds no token, and needs no sign-in.
  bash, zsh     eval "$(evercred gcp env)"
  fish          evercred gcp env --format fish | source
  PowerShell    evercred gcp env --format powershell | Out-String | Invoke-Expression
doors.gceMetadata has to be on. A file of Application Default Credentials in gcloud's folder still wins: evercred exec --gcp-account has none of that.`,
  async run(parsed, request, reply, context) {
    const form = formOf(parsed);
    const { target, offer } = googleSourceOf(parsed.value("account"), request, context);
    const door = await context.googleDoors.standing(target);
    context.gate.served(request.caller, target, never, "gcp env");
    const set = { ...googleDoorVariables(door), ...projectVariables(offer.project) };
    reply.printForm(set, (clear) => form(clear, googleLeftovers(set)));
    return 0;
  },
};
