import { EvercredError } from "../core/errors.ts";
import { plain } from "./plain.ts";
import { canAsk } from "./question.ts";
import { type Changer, made, undone } from "./setup-change.ts";
import { chosenExtras, chosenProvider, type Setter } from "./setup-choice.ts";
import { wishesOn } from "./setup-claude.ts";
import { offerDifferences } from "./setup-differences.ts";
import {
  changeFlags,
  checkingFlags,
  checkUndoFlags,
  folderFor,
  oneOf,
  providerFlags,
  refused,
} from "./setup-flags.ts";
import type { EditorPlace } from "./setup-ports.ts";
import { moveSecrets } from "./setup-secrets.ts";
import { verifyAccess } from "./setup-verify.ts";
import type { Context, Flag, Parsed, Request, Verb } from "./verb.ts";

const flags: Readonly<Record<string, Flag>> = {
  ...providerFlags,
  ...checkingFlags,
  editor: {
    value: "EDITOR",
    summary:
      "code, insiders, codium, cursor or windsurf; may be given again; else all that are used",
  },
  scope: { value: "SCOPE", summary: "user, or project for the folder where you are; else user" },
  ...changeFlags,
};

/** Connects the extension of Claude Code in VS Code and its kin. */
export const setupVscode: Verb = {
  name: "setup vscode",
  summary: "have Claude Code in VS Code and its kin take its credentials from Evercred",
  words: "",
  most: 0,
  flags,
  about:
    "Writes the variables of one provider into the settings of VS Code, Insiders, VSCodium, Cursor and Windsurf, those that are used here (claudeCode.environmentVariables), and has the extension never ask for a sign-in (claudeCode.disableLoginPrompt). The helpers are Claude Code's own, for the extension as well: evercred setup claude writes them. Otherwise it is as that.",
  async run(parsed, request, reply, context) {
    checkUndoFlags(parsed, flags);
    const changer: Changer = { parsed, request, reply };
    const places = placesOf(parsed, request, context);
    if (parsed.has("undo")) {
      for (const place of places) await undone(context.editors.undo(place), changer);
      return 0;
    }
    const caller: Setter = { ...changer, asks: canAsk(parsed, request) };
    const extras = chosenExtras(caller, context);
    const setter = { ...caller, moved: await moveSecrets(caller, context) };
    const provider = await chosenProvider(setter, context);
    const wished = wishesOn(process.platform, provider, extras, context);
    for (const place of places) {
      const change = context.editors.set(place, wished.env);
      if (!(await made(change, setter))) continue;
      const isNew = change.before !== change.after;
      reply.print(`${isNew ? "Set up" : "Nothing to change"}: ${plain(change.file)}`);
    }
    const helpers = context.claude.set("user", request.cwd, wished);
    if (helpers.before !== helpers.after) {
      reply.say(
        `Its helpers do not stand in ${plain(helpers.file)} so. Run evercred setup claude with the same flags.`,
      );
    }
    await offerDifferences(setter, context);
    await verifyAccess(provider, wished, { ...setter, verb: "setup vscode" }, context);
    return 0;
  },
};

const placesOf = (
  parsed: Parsed,
  { cwd }: Request,
  { editors }: Context,
): readonly EditorPlace[] => {
  const scope = oneOf("scope", parsed.value("scope") ?? "user", ["user", "project"]);
  const named = parsed.values("editor");
  if (scope === "project") {
    if (named.length > 0) {
      throw refused(
        "--editor does not go with a project.",
        "All editors read the same file there.",
      );
    }
    return [{ kind: "project", cwd: folderFor(scope, { cwd }) }];
  }
  const chosen = named.map((name) => oneOf("editor", name, editors.known));
  const all = chosen.length > 0 ? [...new Set(chosen)] : editors.present();
  if (all.length > 0) return all.map((editor) => ({ kind: "user", editor }));
  throw new EvercredError("usage", "No editor of the family has been used here.", {
    remedy: `Name one with --editor: ${editors.known.join(", ")}.`,
  });
};
