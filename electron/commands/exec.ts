import { EvercredError } from "../core/errors.ts";
import { awsPart } from "./exec-aws.ts";
import { googlePart } from "./exec-google.ts";
import { goneOf } from "./gone.ts";
import { silentFlags } from "./silent.ts";
import type { Verb } from "./verb.ts";

/** Has the shim become the caller's program, with one profile's keys or the way to them, or with a Google account. */
export const exec: Verb = {
  name: "exec",
  summary: "run a program with a profile's role keys, or a Google account",
  words: "-- COMMAND…",
  most: 0,
  flags: {
    ...silentFlags,
    server: { summary: "let it fetch the keys itself, so that they never end while it runs" },
    "gcp-account": {
      value: "ACCOUNT",
      summary: "a Google source; without --profile or --server then nothing of AWS",
    },
  },
  takesProgram: true,
  onBridge: true,
  about: `Sets AWS_ACCESS_KEY_ID and what belongs to it, or with --server where AWS SDKs fetch keys as often as they need them; unsets what would win over that, and has nothing asked of the machine's own metadata service. The region is the caller's AWS_REGION, else the profile's; over a bridge always the profile's. With --server it gets an AWS configuration of its own, with the profile's settings as the default and without credentials.
With --gcp-account it sets where gcloud and Google's libraries fetch tokens as often as they need them, at a port that is there for this run only, and CLOUDSDK_CONFIG to a folder with gcloud's settings and without credentials. Programs written in Go read a file of credentials in gcloud's usual folder all the same, where there is one. The project is the caller's GOOGLE_CLOUD_PROJECT, else the source's.
The program takes this one's place: signals, terminal and exit code are its own; 126 where it cannot be executed, 127 where it is not there, 125 where it does not come to that because of us. Where a sign-in is needed while it runs, what it asks for fails and the tray asks.`,
  async run(parsed, request, reply, context) {
    if (!parsed.hasProgram) {
      throw new EvercredError("usage", "There is no program to run.", {
        remedy: "Name it behind two dashes: evercred exec -- COMMAND",
      });
    }
    const account = parsed.value("gcp-account");
    const hasAws =
      account === undefined || parsed.has("server") || parsed.value("profile") !== undefined;
    const parts = [
      ...(account === undefined
        ? []
        : [await googlePart(account, parsed, request, reply, context)]),
      ...(hasAws ? [await awsPart(parsed, request, reply, context)] : []),
    ];
    reply.run(
      Object.fromEntries(parts.flatMap(({ set }) => Object.entries(set))),
      parts.flatMap(({ unset }) => unset),
    );
    await goneOf(request.signal);
    return 0;
  },
};
