import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { goneOf } from "./gone.ts";
import { plain } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** Where the configuration is. */
export const configPath: Verb = {
  name: "config path",
  summary: "where your configuration is",
  words: "",
  most: 0,
  flags: {},
  about: "Prints the path of the configuration; the file need not be there.",
  run(_parsed, _request, reply, { daemon }) {
    reply.print(daemon.configFile);
    return Promise.resolve(0);
  },
};

/** The caller's editor, which may be several words, with the file; then what is wrong with it. */
const editing = 'eval "${VISUAL:-${EDITOR:-vi}} \\"\\$1\\"" && exec "$2" config check';

/** Opens the configuration in the caller's own editor. */
export const configEdit: Verb = {
  name: "config edit",
  summary: "edit your configuration",
  words: "",
  most: 0,
  flags: {},
  about:
    "Runs VISUAL, else EDITOR, else vi with the configuration, and says afterwards what is wrong with it, as config check does. A change is in force as soon as it is saved.",
  async run(_parsed, request, reply, { daemon }) {
    reply.runScript(editing, [daemon.configFile, daemon.shim]);
    await goneOf(request.signal);
    return 0;
  },
};

/** What is wrong with a configuration. */
export const configCheck: Verb = {
  name: "config check",
  summary: "what is wrong with your configuration",
  words: "[FILE]",
  most: 1,
  flags: { json: { summary: "as JSON" } },
  about:
    "Reads your configuration, or FILE as if it were, and says of each problem in which line it is and what to do. Exits 0 where there is none, else 2. Nothing is changed.",
  run(parsed, { cwd }, reply, { configReader, daemon }) {
    const [named] = parsed.words;
    const file = named === undefined ? daemon.configFile : resolve(cwd, named);
    if (named !== undefined && !existsSync(file)) {
      throw new EvercredError("usage", `${plain(file)} is not there.`, {
        remedy: "Name a file, or none for your configuration.",
      });
    }
    const problems = configReader.problemsOf(file);
    if (parsed.has("json")) {
      const shown = problems.map(({ severity, line, sentence, remedy }) => ({
        severity,
        line,
        sentence,
        remedy,
      }));
      reply.printJson({ version: 1, file, problems: shown });
    } else {
      for (const { severity, line, sentence, remedy } of problems) {
        const place = line === undefined ? file : `${file} line ${String(line)}`;
        reply.print(plain(`${place}: ${severity}: ${sentence} ${remedy}`));
      }
      if (problems.length === 0) reply.say(`${plain(file)}: nothing is wrong.`);
    }
    return Promise.resolve(problems.length === 0 ? 0 : 2);
  },
};

/** What may stand in a configuration. */
export const configSchema: Verb = {
  name: "config schema",
  summary: "what may stand in a configuration, as JSON Schema",
  words: "",
  most: 0,
  flags: {},
  about:
    "Prints the JSON Schema of the configuration. The same stands in config.schema.json beside it, for editors.",
  run(_parsed, _request, reply, { configReader }) {
    reply.print(JSON.stringify(configReader.schema, undefined, 2));
    return Promise.resolve(0);
  },
};
