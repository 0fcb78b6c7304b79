import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import type { Verb } from "./verb.ts";

/** What is wrong with a file that is to be a policy. */
export const policyCheck: Verb = {
  name: "policy check",
  summary: "what is wrong with a policy",
  words: "FILE",
  most: 1,
  flags: { json: { summary: "as JSON" } },
  about:
    "Reads FILE as if it were this computer's policy, and says of each problem in which line and column it is and what to do: an error would close, so that nothing is handed out; a warning leaves the rest in force. Exits 0 where there is none, else 2. Nothing is changed.",
  run(parsed, { cwd }, reply, { policy }) {
    const [named] = parsed.words;
    if (named === undefined) {
      throw new EvercredError("usage", "Which file?", {
        remedy: "Write: evercred policy check FILE",
      });
    }
    const file = resolve(cwd, named);
    if (!existsSync(file)) {
      throw new EvercredError("usage", `${plain(file)} is not there.`, {
        remedy: "Name a file that is.",
      });
    }
    const problems = policy.problemsOf(file);
    if (parsed.has("json")) {
      const shown = problems.map(({ severity, line, column, sentence, remedy }) => ({
        severity,
        line,
        column,
        sentence,
        remedy,
      }));
      reply.printJson({ version: 1, file, problems: shown });
    } else {
      for (const { severity, line, column, sentence, remedy } of problems) {
        const place = [file, line, column].filter((part) => part !== undefined).join(":");
        reply.print(plain(`${place}: ${severity}: ${sentence} ${remedy}`));
      }
      if (problems.length === 0) reply.say(`${plain(file)}: nothing is wrong.`);
    }
    return Promise.resolve(problems.length === 0 ? 0 : 2);
  },
};

/** What may stand in a policy. */
export const policySchema: Verb = {
  name: "policy schema",
  summary: "what may stand in a policy, as JSON Schema",
  words: "",
  most: 0,
  flags: {},
  about: "Prints the JSON Schema of the policy file, for editors.",
  run(_parsed, _request, reply, { policy }) {
    reply.print(JSON.stringify(policy.schema, undefined, 2));
    return Promise.resolve(0);
  },
};
