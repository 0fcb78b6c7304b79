import { EvercredError } from "../core/errors.ts";
import { accountFlag, googleSourceOf } from "./google-source.ts";
import { plain } from "./plain.ts";
import { type Changer, made, undone } from "./setup-change.ts";
import { changeFlags, refused } from "./setup-flags.ts";
import type { Verb } from "./verb.ts";

/** Has gcloud take its token from us. */
export const setupGcp: Verb = {
  name: "setup gcp",
  summary: "have gcloud take its token from Evercred",
  words: "",
  most: 0,
  flags: { account: accountFlag, ...changeFlags },
  about:
    "Writes auth/access_token_file into gcloud's active configuration: a file in which Evercred always keeps a good access token, and no refresh token. doors.gceMetadata has to be on. gcloud then needs no sign-in of its own. Google's libraries do not read it: for them there are evercred exec --gcp-account, evercred gcp env, and evercred gcp adc, which puts a refresh token on disk in clear.",
  async run(parsed, request, reply, context) {
    const changer: Changer = { parsed, request, reply };
    if (parsed.has("undo")) {
      if (parsed.has("account")) {
        throw refused("--account does not go with --undo.", "Leave it out.");
      }
      await undone(context.gcloud.undo(), changer);
      return 0;
    }
    const { name, target } = googleSourceOf(parsed.value("account"), request, context);
    const { tokenFile } = await context.googleDoors.standing(target);
    if (tokenFile === undefined) {
      throw new EvercredError("policy-refused", "No token may stand in a file here.", {
        remedy: "Run gcloud with: evercred exec --gcp-account ACCOUNT -- gcloud …",
      });
    }
    const change = context.gcloud.set(tokenFile);
    if (!(await made(change, changer))) return 0;
    const what = change.before === change.after ? "Nothing to change" : "gcloud is set up";
    reply.print(`${what}: ${plain(change.file)} takes the token of ${name}.`);
    reply.say("To take it back: evercred setup gcp --undo");
    return 0;
  },
};
