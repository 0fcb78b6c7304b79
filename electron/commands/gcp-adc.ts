import { EvercredError, errorOf } from "../core/errors.ts";
import { never } from "../core/time.ts";
import { accountFlag, googleSourceOf } from "./google-source.ts";
import { plain } from "./plain.ts";
import { agrees, canAsk } from "./question.ts";
import { personMs } from "./sign-in.ts";
import { noteRefused } from "./silent.ts";
import type { Context, Parsed, Reply, Verb } from "./verb.ts";

/** Writes a sign-in of ours as the file that every Google library reads. */
export const gcpAdc: Verb = {
  name: "gcp adc",
  summary: "write the file of credentials that Google's libraries read",
  words: "",
  most: 0,
  flags: {
    account: accountFlag,
    "quota-project": { value: "PROJECT", summary: "the project that requests are counted to" },
  },
  about:
    "Writes the sign-in as Application Default Credentials, for programs that can ask nobody, and prints the file's path. That puts its refresh token on disk in clear, for every program of yours. Another client's file is replaced only if you say so, or with --yes, and is kept beside it.",
  async run(parsed, request, reply, context) {
    const quotaProject = projectOf(parsed.value("quota-project"));
    const { name, session, target } = googleSourceOf(parsed.value("account"), request, context);
    const { kind } = session.source;
    if (kind === "google-adc") {
      reply.say(`${name} is such a file already: Google's libraries read it by themselves.`);
      return 0;
    }
    if (kind !== "google" && kind !== "google-workforce") {
      throw new EvercredError("usage", `${name} has nothing that could be written as a file.`, {
        remedy: "Name a source of kind google with --account.",
      });
    }
    const chooser = { parsed, reply, asks: canAsk(parsed, request) };
    const { caller, signal } = request;
    const writes = async (): ReturnType<typeof written> => {
      await context.gate.admit(caller, target, { ms: personMs, signal });
      return written(name, quotaProject, chooser, context);
    };
    const { kept } = await writes().catch((thrown: unknown) => {
      noteRefused("gcp adc", { target }, errorOf(thrown), request, context);
      throw thrown;
    });
    context.gate.served(caller, target, never, "gcp adc");
    const { adcFile } = context.google;
    reply.say(
      `The refresh token of ${plain(session.account ?? name)} now stands in clear in ${adcFile}, for every program of yours.`,
    );
    if (kept !== undefined) reply.say(`The file that was there is now ${kept}.`);
    reply.print(adcFile);
    return 0;
  },
};

const projectOf = (text: string | undefined): string | undefined => {
  if (text === undefined || /^[a-z0-9][a-z0-9.:-]{0,99}$/.test(text)) return text;
  throw new EvercredError("usage", `"${plain(text)}" is no project.`, {
    remedy: "Write its id, like example-project.",
  });
};

/** A caller, by its flags, and whether it can be asked. */
interface Chooser {
  readonly parsed: Parsed;
  readonly reply: Reply;
  readonly asks: boolean;
}

const written = async (
  name: string,
  quotaProject: string | undefined,
  { parsed, reply, asks }: Chooser,
  { google }: Context,
): ReturnType<Context["google"]["writeAdc"]> => {
  try {
    return await google.writeAdc(name, { quotaProject, replace: parsed.has("yes") });
  } catch (thrown) {
    const error = errorOf(thrown);
    if (!asks || parsed.has("yes") || error.code !== "usage") throw error;
    if (!(await agrees(`${error.message} Replace it?`, reply))) {
      throw new EvercredError("cancelled", "Nothing was written.");
    }
    return google.writeAdc(name, { quotaProject, replace: true });
  }
};
