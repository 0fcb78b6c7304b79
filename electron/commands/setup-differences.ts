import { EvercredError } from "../core/errors.ts";
import { callerEnvironment, differencesOf, waysOf } from "./environment.ts";
import type { Difference, Environment, SettingChange } from "./environment-ways.ts";
import { agrees } from "./question.ts";
import type { Setter } from "./setup-choice.ts";
import { secretVariables } from "./setup-rivals.ts";
import { newKeyName, saveKey } from "./setup-save.ts";
import type { Context, Request } from "./verb.ts";

/**
 * Says where the caller's shell, and the settings of Claude Code and of editors, work otherwise than the daemon, and
 * saves what the caller agrees to, one by one. Nothing is saved unasked, and nothing with --yes: whoever starts us could
 * lead sign-ins elsewhere.
 */
export const offerDifferences = async (setter: Setter, context: Context): Promise<void> => {
  const { parsed, request, reply, asks } = setter;
  const shell = await callerEnvironment(reply);
  const files = context.setupFiles.environments(request.cwd).map(withoutSecrets);
  const said = new Set<string>();
  for (const environment of shell === undefined ? files : [shell, ...files]) {
    for (const difference of differencesOf(environment, waysOf(context))) {
      // What one of them has said is not said of the next.
      const what = JSON.stringify([difference.changes, difference.variable]);
      if (said.has(what)) continue;
      said.add(what);
      reply.say(difference.sentence);
      const mayAsk = asks && !parsed.has("yes") && !parsed.has("dry-run");
      if (mayAsk && difference.changes.length > 0 && (await agrees("Save it?", reply))) {
        await save(difference, setter, context);
      } else reply.say(difference.remedy);
    }
  }
};

/** Those in files have been told of before. */
const withoutSecrets = (environment: Environment): Environment => ({
  ...environment,
  variables: Object.fromEntries(
    Object.entries(environment.variables).filter(([name]) => !secretVariables.has(name)),
  ),
});

const save = async (difference: Difference, setter: Setter, context: Context): Promise<void> => {
  const { request, reply } = setter;
  const nameOf = (usual: string): Promise<string> => newKeyName(usual, setter, context);
  try {
    await saveDifference(difference, nameOf, request, context);
    reply.say("Saved.");
  } catch (thrown) {
    if (!(thrown instanceof EvercredError) || thrown.code === "cancelled") throw thrown;
    reply.say(`It is not saved. ${thrown.message} ${thrown.remedy}`);
  }
};

/**
 * Has the daemon work as the difference says. The password comes first, under the name that `nameOf` gives its key:
 * settings that name a key that is not there would let nobody through. Throws why it cannot be saved.
 */
export const saveDifference = async (
  { changes, password }: Difference,
  nameOf: (usual: string) => Promise<string>,
  request: Request,
  context: Context,
): Promise<void> => {
  const named: SettingChange[] = [];
  if (password !== undefined) {
    const key = await nameOf(password.key);
    await saveKey(key, password.secret, request, context);
    named.push({ path: password.path, value: key });
  }
  for (const { path, value } of [...changes, ...named]) await context.config.set(path, value);
};
