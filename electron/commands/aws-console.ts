import { EvercredError } from "../core/errors.ts";
import { patiently } from "./patience.ts";
import { issue, silentFlags } from "./silent.ts";
import type { Verb } from "./verb.ts";

/** The AWS console in a browser, signed in with a profile's role. */
export const awsConsole: Verb = {
  name: "aws console",
  summary: "open the AWS console with a profile's role",
  words: "",
  most: 0,
  flags: {
    ...silentFlags,
    print: { summary: "print the address, which is a secret, and open nothing" },
    destination: { value: "URL", summary: "a page of the console; else its home" },
  },
  about:
    "Opens an address that signs whoever opens it in to the AWS console, with the role of the profile and for as long as its keys are good. The address itself is good for 15 minutes.",
  async run(parsed, request, reply, context) {
    const isPrinted = parsed.has("print");
    if (!isPrinted && (request.env["SSH_CONNECTION"] ?? "") !== "") {
      throw new EvercredError("browser-unavailable", "Your browser is not on this computer.", {
        remedy: "Print the address with --print, and open it where the browser is.",
      });
    }
    const { credential, profile, region } = await issue(
      "aws console",
      parsed,
      request,
      reply,
      context,
    );
    const where = { region, destination: parsed.value("destination") };
    const work = context.aws.consoleUrl(credential, where, request.signal);
    const url = await patiently("AWS to make the address", work, request, reply, context.clock);
    if (isPrinted) {
      reply.printForm({ url }, ({ url: clear = "" }) => `${clear}\n`);
      return 0;
    }
    if (!(await context.openSecret(url))) {
      throw new EvercredError("browser-unavailable", "No browser could be opened.", {
        remedy: "Print the address with --print, and open it yourself.",
      });
    }
    reply.say(`The console of ${profile} is open in your browser.`);
    return 0;
  },
};
