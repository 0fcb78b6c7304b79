import { basename } from "node:path";
import { type Target, targetOf } from "../core/source.ts";
import { clockTime } from "../protocol/times.ts";
import { english } from "../protocol/words.ts";
import { targetsOf } from "./allowed.ts";
import { bridgeFlags, lengthOf } from "./bridge.ts";
import { containerOf, shimPoint } from "./devcontainer.ts";
import { plain } from "./plain.ts";
import type { BridgeFacts } from "./ports.ts";
import { canAsk } from "./question.ts";
import { type Changer, made, undone } from "./setup-change.ts";
import { chosenExtras, chosenProvider, type Setter } from "./setup-choice.ts";
import { commandLineFor } from "./setup-command.ts";
import { checkUndoFlags, folderFor, providerFlags, refused, undoFlag } from "./setup-flags.ts";
import type { ContainerWishes } from "./setup-ports.ts";
import { type Provider, wishesFor } from "./setup-provider.ts";
import type { Context, Flag, Parsed, Verb } from "./verb.ts";

const flags: Readonly<Record<string, Flag>> = {
  ...providerFlags,
  name: { value: "NAME", summary: "the bridge; else the folder's name" },
  ...bridgeFlags,
  tcp: { summary: "also a loopback port: for Docker Desktop and WSL, which share no sockets" },
  write: { summary: "write it into the project's devcontainer.json, instead of printing it" },
  undo: undoFlag,
};

/** Where the file with Claude Code's helpers is in the project, and in the container: there it needs no trust. */
const claudeFile = ".devcontainer/evercred-claude.json";
const claudePoint = "/etc/claude-code/managed-settings.d/evercred.json";

/** Connects Claude Code in a development container, by a bridge. */
export const setupDevcontainer: Verb = {
  name: "setup devcontainer",
  summary: "have Claude Code in a container take its credentials from Evercred",
  words: "",
  most: 0,
  flags,
  about:
    "Makes a bridge that serves just what the provider needs, and prints the lines for devcontainer.json: the bridge and the client are mounted, the variables set, and the helpers are managed settings in the container. With --write they go into the project's devcontainer.json, whose other lines stay as they are; --undo takes them out, and the bridge away. The bridge goes by itself after 12 hours, or when --for says: the same command makes it anew.",
  async run(parsed, request, reply, context) {
    checkUndoFlags(parsed, flags);
    const changer: Changer = { parsed, request, reply };
    const folder = folderFor("project", request);
    if (parsed.has("undo")) {
      await undone(context.containers.undo(folder, claudeFile), changer);
      const made = context.bridges.list().filter(({ madeFor }) => madeFor === folder);
      for (const { name } of made) {
        await context.bridges.remove(name);
        reply.say(`The bridge ${name} that was made for it is gone.`);
      }
      return 0;
    }
    const setter: Setter = { ...changer, asks: canAsk(parsed, request) };
    const extras = chosenExtras(setter, context);
    const provider = await chosenProvider(setter, context);
    const allow = [...targetsFor(provider), ...targetsOf(parsed.values("allow"), context)];
    const { bridge, isNew } = await bridgeFor(allow, folder, parsed, context);
    const line = commandLineFor("linux");
    const { helpers, env } = wishesFor(provider, extras, (...words) => line([shimPoint, ...words]));
    const { settings, notes } = containerOf(bridge, context.daemon.containerShim);
    const wished: ContainerWishes = {
      mounts: [
        ...settings.mounts,
        `type=bind,source=\${localWorkspaceFolder}/${claudeFile},target=${claudePoint},readonly`,
      ],
      containerEnv: { ...settings.containerEnv, ...env },
      claude: { file: claudeFile, text: `${JSON.stringify(helpers, undefined, 2)}\n` },
    };
    const until = clockTime(bridge.endsAt, context.clock.now(), english);
    if (parsed.has("write")) {
      try {
        const change = context.containers.set(folder, wished);
        await made(change, changer);
        reply.print(`Set up: ${plain(change.file)}`);
      } catch (thrown) {
        if (isNew) await context.bridges.remove(bridge.name);
        throw thrown;
      }
      reply.say("Build the container anew. To take it back: evercred setup devcontainer --undo");
    } else {
      const { mounts, containerEnv } = wished;
      reply.print("For devcontainer.json:");
      reply.print(JSON.stringify({ mounts, containerEnv }, undefined, 2));
      reply.print(`For ${claudeFile}:`);
      reply.print(wished.claude.text.trimEnd());
    }
    reply.say(`Bridge ${bridge.name} serves ${bridge.allow.join(", ")} until ${until}.`);
    for (const note of notes) reply.say(note);
    return 0;
  },
};

/** What a provider's helpers ask for. */
const targetsFor = (provider: Provider): readonly Target[] => {
  if (provider.kind === "gateway") return [targetOf("api-key", provider.key.name)];
  const { kind, shown } = provider;
  if (shown.by === "caller") return [targetOf(kind === "bedrock" ? "aws" : "gcp", shown.name)];
  return shown.key === undefined ? [] : [targetOf("api-key", shown.key.name)];
};

/** The bridge of that name where there is one that serves just this, else a new one. */
const bridgeFor = async (
  allow: readonly Target[],
  folder: string,
  parsed: Parsed,
  { bridges }: Context,
): Promise<{ readonly bridge: BridgeFacts; readonly isNew: boolean }> => {
  const name = parsed.value("name") ?? nameFrom(folder);
  const tcp = parsed.has("tcp");
  const there = bridges.list().find((each) => each.name === name);
  if (there === undefined) {
    if (allow.length === 0) {
      throw refused("There is nothing to be served.", "Name it with --allow.");
    }
    const wanted = { name, allow: [...new Set(allow)], lastsMs: lengthOf(parsed), tcp };
    return { bridge: await bridges.add({ ...wanted, madeFor: folder }), isNew: true };
  }
  const isSame =
    allow.every((target) => there.allow.includes(target)) &&
    there.allow.every((target) => allow.includes(target));
  if (isSame && (!tcp || there.port !== undefined)) return { bridge: there, isNew: false };
  throw refused(
    `There is a bridge ${name} that serves something else.`,
    `Take it away with evercred bridge rm ${name}, or give another --name.`,
  );
};

/** A name for a bridge that is made of the folder's. */
const nameFrom = (cwd: string): string => {
  const name = basename(cwd)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 32);
  return name === "" ? "container" : name;
};
