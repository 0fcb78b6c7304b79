import { EvercredError } from "../core/errors.ts";
import { foundAt, nameOf, pathOf, shownValue, unknownSetting } from "./config-name.ts";
import { cellsOf, settingJson } from "./config-setter.ts";
import { columns, plain } from "./plain.ts";
import type { Context, Reply, Verb } from "./verb.ts";

/** The settings that there are. */
export const configList: Verb = {
  name: "config list",
  summary: "the settings of your configuration",
  words: "",
  most: 0,
  flags: {
    all: { summary: "those too that are built in, and those that could be set" },
    json: { summary: "as JSON" },
  },
  about:
    "Says of each setting that stands in the configuration or in a policy its name, its value and who has set it. With --all also what is built in, and what could be set. No secret is in it: those are in the keychain.",
  run(parsed, _request, reply, context) {
    const { configReader, daemon } = context;
    const settings = configReader
      .settings()
      .filter(({ setBy }) => setBy !== "built-in" || parsed.has("all"));
    if (parsed.has("json")) {
      const file = daemon.configFile;
      reply.print(JSON.stringify({ version: 1, file, settings: settings.map(settingJson) }));
    } else {
      const rows = settings.map((setting) => cellsOf(setting, context));
      for (const line of columns(rows)) reply.print(line);
      if (settings.length === 0) {
        reply.say("Nothing is set. See what could be: evercred config list --all");
      }
    }
    sayWhereBroken(reply, context);
    return Promise.resolve(0);
  },
};

/** What is in force is then not what stands there. */
const sayWhereBroken = (reply: Reply, { configReader, daemon }: Context): void => {
  const { configFile } = daemon;
  const isBroken = configReader.problemsOf(configFile).some(({ severity }) => severity === "error");
  if (!isBroken) return;
  reply.say(
    `${configFile} is broken: the settings before it are in force. See: evercred config check`,
  );
};

/** One setting. */
export const configGet: Verb = {
  name: "config get",
  summary: "one setting",
  words: "NAME",
  most: 1,
  flags: { json: { summary: "as JSON, a text too" } },
  about:
    "Prints what is in force for NAME, from the configuration or built in: a text as it is, anything else as JSON. NAME is written with dots: signIn.before, sources.corp.browser; a part that has dots itself in quotes. It may be a whole section: sources.corp. Exits 1 where nothing is set.",
  run(parsed, _request, reply, context) {
    const path = pathOf(parsed);
    const found = foundAt(path, context.configReader.settings());
    if (found.kind === "unknown") throw unknownSetting(path, context);
    if (found.kind === "unset") {
      throw new EvercredError("not-known", `${plain(nameOf(path))} is not set.`, {
        remedy: "Set it: evercred config set NAME VALUE",
      });
    }
    reply.print(parsed.has("json") ? JSON.stringify(found.value) : shownValue(found.value));
    return Promise.resolve(0);
  },
};
