import { plain } from "./plain.ts";
import { isRegion } from "./profile-flags.ts";
import { isProfileName } from "./profile-plan.ts";
import { profileOf } from "./profile.ts";
import { type Changer, made, undone } from "./setup-change.ts";
import { commandLineFor } from "./setup-command.ts";
import { changeFlags, refused } from "./setup-flags.ts";
import type { Context, Parsed, Request, Verb } from "./verb.ts";

/** Writes a profile for AWS tools that cannot read the cache of sign-ins. */
export const setupAws: Verb = {
  name: "setup aws",
  summary: "write a profile whose keys any AWS tool gets from Evercred",
  words: "",
  most: 0,
  flags: {
    profile: {
      value: "PROFILE",
      summary: "whose keys it gives; else AWS_PROFILE, else the only one",
    },
    name: { value: "NAME", summary: "the profile to be written; else PROFILE-evercred" },
    region: { value: "REGION", summary: "where its programs work; else PROFILE's" },
    ...changeFlags,
  },
  about:
    "Writes a profile with a credential_process into ~/.aws/config, for tools that know no IAM Identity Center or cannot read its cache, and leaves all else there as it is. A name is refused that something else has, that has keys of its own, which would win, or that would ask for itself. A copy of the file as it was is kept beside it.",
  async run(parsed, request, reply, context) {
    const changer: Changer = { parsed, request, reply };
    if (parsed.has("undo")) {
      if (parsed.has("region")) throw refused("--region does not go with --undo.", "Leave it out.");
      const name = parsed.value("name") ?? usualName(sourceOf(parsed, request, context).name);
      await undone(context.processProfiles.undo(name), changer);
      return 0;
    }
    const { name: source, offer } = sourceOf(parsed, request, context);
    const name = parsed.value("name") ?? usualName(source);
    if (!isProfileName(name)) throw refused(`"${plain(name)}" is no name of a profile.`, remedy);
    if (name === source) {
      throw refused(`Profile ${name} would ask for itself.`, "Give another --name.");
    }
    const region = parsed.value("region") ?? offer.region;
    if (region !== undefined && !isRegion(region)) {
      throw refused(`"${plain(region)}" is no region.`, "Write --region like us-east-1.");
    }
    const words = [context.daemon.shim, "aws", "process", "--profile", source];
    const command = commandLineFor(process.platform)(words);
    const change = context.processProfiles.set({ name, command, region });
    if (!(await made(change, changer))) return 0;
    const what = change.before === change.after ? "Already there" : "Written";
    reply.print(`${what}: profile ${name} gives the keys of ${source}, in ${plain(change.file)}`);
    reply.say(`Try: aws sts get-caller-identity --profile ${name}`);
    reply.say(`To take it back: evercred setup aws --undo --name ${name}`);
    return 0;
  },
};

const remedy = "Write --name with letters, digits and _.@+%:/- only.";

const usualName = (source: string): string => `${source}-evercred`;

const sourceOf = (
  parsed: Parsed,
  request: Request,
  context: Context,
): ReturnType<typeof profileOf> => profileOf(parsed.value("profile"), request, context);
