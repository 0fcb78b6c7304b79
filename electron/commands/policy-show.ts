import type { Limits } from "../core/limits.ts";
import { shownValue } from "./config-name.ts";
import { cellsOf, setterWords, settingJson } from "./config-setter.ts";
import { columns, plain } from "./plain.ts";
import type { Policies } from "./policy-ports.ts";
import type { ConfigValue } from "./ports.ts";
import type { Context, Verb } from "./verb.ts";

/** What an organisation has set and allows here. */
export const policyShow: Verb = {
  name: "policy show",
  summary: "what your organisation has set and allows",
  words: "",
  most: 0,
  flags: {
    all: { summary: "those settings too that are built in, and those that could be set" },
    json: { summary: "as JSON" },
  },
  about:
    "Says whether there is a policy, whose it is and where help is; then each setting with its value and who has set it, and what is allowed: what is not named there is not limited.",
  run(parsed, _request, reply, context) {
    const { policy, configReader } = context;
    const settings = configReader
      .settings()
      .filter(({ setBy }) => setBy !== "built-in" || parsed.has("all"));
    const limits = limitsOf(policy.rule.limits);
    if (parsed.has("json")) {
      const { state, file, rule, problems } = policy;
      reply.print(
        JSON.stringify({
          version: 1,
          state,
          file,
          why: whyOf(context),
          organization: rule.organization,
          contact: rule.contact,
          allow: Object.fromEntries(limits),
          settings: settings.map(settingJson),
          problems: problems.map(({ severity, line, sentence, remedy }) => ({
            severity,
            line,
            sentence,
            remedy,
          })),
        }),
      );
      return Promise.resolve(0);
    }
    for (const line of columns(factsOf(context))) reply.print(line);
    for (const { sentence, remedy } of policy.problems) reply.say(plain(`${sentence} ${remedy}`));
    const rows = [
      ...settings.map((setting) => cellsOf(setting, context)),
      ...limits.map(([name, value]) => [
        `allow.${name}`,
        shownValue(value),
        setterWords("policy", policy),
      ]),
    ];
    if (rows.length > 0) reply.print("");
    for (const line of columns(rows)) reply.print(line);
    return Promise.resolve(0);
  },
};

const factsOf = (context: Context): readonly (readonly string[])[] => {
  const { state, file, rule } = context.policy;
  const why = whyOf(context);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Policy", stateWords[state]],
    ["File", file],
    ["Why", why],
    ["Organisation", rule.organization],
    ["Help", rule.contact],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
};

const stateWords: Readonly<Record<Policies["state"], string>> = {
  none: "none",
  "in-force": "in force",
  ignored: "ignored",
  closed: "closed: nothing is handed out",
};

/** Why it does not count, or why it lets nothing through. */
const whyOf = ({ policy }: Context): string | undefined =>
  policy.rule.closed?.message ??
  (policy.state === "ignored" ? policy.problems[0]?.sentence : undefined);

const limitsOf = (limits: Limits): readonly (readonly [string, ConfigValue])[] =>
  Object.entries(limits) as [string, ConfigValue][];
