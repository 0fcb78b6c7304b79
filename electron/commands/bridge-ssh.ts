import { randomBytes } from "node:crypto";
import { EvercredError, hasCode } from "../core/errors.ts";
import type { Target } from "../core/source.ts";
import { targetsOf } from "./allowed.ts";
import { bridgeFlags, lengthOf } from "./bridge.ts";
import { goneOf } from "./gone.ts";
import { profileOf } from "./profile.ts";
import { sshScript } from "./ssh-script.ts";
import type { Context, Parsed, Request, Verb } from "./verb.ts";

/** A bridge to another computer, for as long as one is there with ssh. */
export const bridgeSsh: Verb = {
  name: "bridge ssh",
  summary: "let a host have what you name, while you are there with ssh",
  words: "HOST [-- COMMAND…]",
  most: 1,
  flags: bridgeFlags,
  takesProgram: true,
  about:
    "Runs your own ssh, with your own settings, forwards a bridge to the host, and runs your shell or COMMAND there with EVERCRED_BRIDGE set, so that evercred there asks here. Without --allow it serves the profile that is meant without --profile. Afterwards the bridge and what was made for it there are gone. The exit code is the command's.",
  async run(parsed, request, reply, context) {
    const host = hostOf(parsed);
    const allow = allowed(parsed, request, context);
    const name = nameFor(host);
    const bridge = await context.bridges.add({
      name,
      allow,
      lastsMs: lengthOf(parsed),
      tcp: false,
      madeFor: undefined,
    });
    try {
      reply.runScript(sshScript, [host, bridge.directory]);
      await goneOf(request.signal);
    } finally {
      await removed(name, context);
    }
    return 0;
  },
};

/** The host as ssh is to get it. Throws `usage` for what ssh would take for a flag, or a shell for more than a word. */
const hostOf = ({ words: [host] }: Parsed): string => {
  if (host === undefined) {
    throw new EvercredError("usage", "Which host?", {
      remedy: "Name it as you do for ssh: evercred bridge ssh HOST",
    });
  }
  if (/^[\w.@:%/[][\w.@:%/[\]+~-]*$/.test(host)) return host;
  throw new EvercredError("usage", `"${host}" is no host for ssh.`, {
    remedy: "Give it a name in ~/.ssh/config.",
  });
};

const allowed = (parsed: Parsed, request: Request, context: Context): readonly Target[] => {
  const words = parsed.values("allow");
  if (words.length > 0) return targetsOf(words, context);
  return [profileOf(undefined, request, context).target];
};

/** One host may have several: `ssh-build-3f9c`. */
const nameFor = (host: string): string => {
  const words = host.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const plain = words.join("-").slice(0, 22);
  return `ssh-${plain}-${randomBytes(2).toString("hex")}`;
};

/** It may have lapsed, or been taken away, before. */
const removed = async (name: string, { bridges }: Context): Promise<void> => {
  try {
    await bridges.remove(name);
  } catch (thrown) {
    if (!hasCode(thrown, "unknown-name")) throw thrown;
  }
};
