import { isAbsolute } from "node:path";
import { EvercredError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { withoutEndSlashes } from "../core/urls.ts";
import { isLoopback } from "./gateway-address.ts";
import type { Provider } from "./setup-provider.ts";
import { secretVariables } from "./setup-rivals.ts";
import type { Flag, Parsed, Request } from "./verb.ts";

/** The flags by which a provider is chosen, and what goes with it. */
export const providerFlags: Readonly<Record<string, Flag>> = {
  provider: { value: "PROVIDER", summary: "bedrock, vertex, or a gateway of your company's" },
  "base-url": {
    value: "URL",
    summary: "the gateway; for bedrock and vertex one that passes through",
  },
  "skip-auth": { summary: "with --base-url: the gateway signs in to bedrock or vertex by itself" },
  key: { value: "NAME", summary: "the key that the gateway wants; else the only one" },
  profile: { value: "PROFILE", summary: "of bedrock; else AWS_PROFILE, else the only one" },
  account: { value: "ACCOUNT", summary: "of vertex; else the only one" },
  region: { value: "REGION", summary: "of the models; for bedrock else the profile's" },
  project: { value: "ID", summary: "of vertex; else the account's" },
  model: { value: "MODEL", summary: "the model; else Claude Code's own choice" },
  "small-model": { value: "MODEL", summary: "the model for small things, likewise" },
  env: { value: "NAME=VALUE", summary: "a further variable for Claude Code; may be given again" },
};

/** The flags of what is looked at besides. */
export const checkingFlags: Readonly<Record<string, Flag>> = {
  "move-secrets": { summary: "move secrets that are found in clear into the keychain, unasked" },
  "no-verify": { summary: "do not find out whether Claude may be used there" },
};

export const undoFlag: Flag = { summary: "take out what was set up there, and nothing else" };

/** The flags of every change to a file. */
export const changeFlags: Readonly<Record<string, Flag>> = {
  "dry-run": { summary: "show what would change, and change nothing" },
  undo: undoFlag,
};

/** The flags of `setup claude`. */
export const setupFlags: Readonly<Record<string, Flag>> = {
  ...providerFlags,
  ...checkingFlags,
  headers: { value: "NAME", summary: "the headers that its telemetry is sent with" },
  "proxy-auth": { summary: "tell the proxy who asks, as the configuration says" },
  scope: { value: "SCOPE", summary: "user, project, local, or managed with --print; else user" },
  print: { summary: "print managed settings for administrators, and write nothing" },
  format: { value: "FORMAT", summary: "of --print: json, plist, reg; else json" },
  ...changeFlags,
};

/** Flags that say where, and how: what else there is says what, and that an undo knows. */
const goWithUndo = new Set(["undo", "scope", "editor", "name", "dry-run", "no-verify"]);

/** Throws `usage` for flags of a verb that do not go with --undo. */
export const checkUndoFlags = (parsed: Parsed, flags: Readonly<Record<string, Flag>>): void => {
  const useless = Object.keys(flags).find((flag) => !goWithUndo.has(flag) && parsed.has(flag));
  if (parsed.has("undo") && useless !== undefined) {
    throw refused(`--${useless} does not go with --undo.`, "Leave it out.");
  }
};

/** By provider, the flags that only some have. */
const own: Readonly<Record<Provider["kind"], readonly string[]>> = {
  bedrock: ["base-url", "skip-auth", "key", "profile", "region"],
  vertex: ["base-url", "skip-auth", "key", "account", "region", "project"],
  gateway: ["base-url", "key"],
};

/** The providers, in the order in which they are offered. */
export const providerKinds = Object.keys(own) as readonly Provider["kind"][];

/** Where settings are for. */
export const scopes = ["user", "project", "local", "managed"] as const;

/** What is said of flags that cannot be meant. */
export const refused = (
  sentence: string,
  remedy = "See: evercred help setup claude",
): EvercredError => new EvercredError("usage", sentence, { remedy });

/** The one of `all` that a flag names. Throws `usage` for another word. */
export const oneOf = <Word extends string>(
  flag: string,
  word: string,
  all: readonly Word[],
): Word => {
  const found = all.find((each) => each === word);
  if (found !== undefined) return found;
  const near = nearest(word, all);
  throw refused(
    `--${flag} cannot be "${word}".`,
    near === undefined ? `There are ${all.join(", ")}.` : `Did you mean ${near}?`,
  );
};

/** The folder where the caller is. Throws `usage` where a scope is of that folder, and it is not there any more. */
export const folderFor = (
  scope: (typeof scopes)[number],
  { cwd }: Pick<Request, "cwd">,
): string => {
  if (scope === "user" || scope === "managed" || isAbsolute(cwd)) return cwd;
  throw refused(
    "The folder where you are is not there any more.",
    "Go to the project's folder first.",
  );
};

/** Throws `usage` for flags that do not go together, whatever the provider. */
export const checkFlags = (parsed: Parsed): void => {
  checkUndoFlags(parsed, setupFlags);
  const isManaged = parsed.value("scope") === "managed";
  if (isManaged && !parsed.has("print")) {
    throw refused(
      "Managed settings are an administrator's to write.",
      parsed.has("undo") ? "Take out there what was put there." : "Add --print, and put it there.",
    );
  }
  if (parsed.has("print") && parsed.has("move-secrets")) {
    throw refused("With --print nothing is moved.", "Leave --move-secrets out.");
  }
  if (parsed.has("print") && parsed.has("scope") && !isManaged) {
    throw refused("--print is of managed settings only.", "To see what would change: --dry-run");
  }
  if (parsed.has("format") && !parsed.has("print")) {
    throw refused("--format goes with --print.");
  }
};

/** Throws `usage` for flags that this provider does not have. */
export const checkProviderFlags = (kind: Provider["kind"], parsed: Parsed): void => {
  const all = new Set(Object.values(own).flat());
  const foreign = [...all].find((flag) => parsed.has(flag) && !own[kind].includes(flag));
  if (foreign !== undefined) {
    const owners = providerKinds.filter((each) => own[each].includes(foreign));
    throw refused(`--${foreign} does not go with ${kind}.`, `It is for ${owners.join(" and ")}.`);
  }
  if (kind === "gateway") return;
  const skips = parsed.has("skip-auth");
  if (skips && !parsed.has("base-url")) {
    throw refused("--skip-auth needs a gateway that signs in.", "Name it with --base-url URL.");
  }
  if (parsed.has("key") && !skips) {
    throw refused(
      `With ${kind} a key is for a gateway that signs in by itself.`,
      "Add --skip-auth and --base-url, or leave --key out.",
    );
  }
  const useless = ["profile", "account"].find((flag) => skips && parsed.has(flag));
  if (useless !== undefined) {
    throw refused(`With --skip-auth nobody asks for --${useless}.`, "Leave one of them out.");
  }
};

/** The variables that `--env` names. Throws `usage` for what is none, and for secrets, which it never repeats. */
export const variablesOf = (parsed: Parsed): Readonly<Record<string, string>> => {
  const variables = parsed.values("env").map((text): [string, string] => {
    const [, name = "", value = ""] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
    if (name === "") throw refused("--env takes NAME=VALUE.");
    if (isSecret(name, value)) {
      throw refused(
        `${name} is a secret, and would stand in the file in clear.`,
        "If it was a real one, have it replaced. Make it a key: evercred help api-key add",
      );
    }
    return [name, value];
  });
  return Object.fromEntries(variables);
};

/** Whether a variable would hold a secret: by its name, or as a proxy with a password, or headers that sign in. */
const isSecret = (name: string, value: string): boolean =>
  secretVariables.has(name) ||
  /(?:TOKEN|SECRET|PASSWORD|PASSPHRASE|PASSWD|(?:API|ACCESS|PRIVATE)_?KEY)$/i.test(name) ||
  (/HEADERS$/i.test(name) && /authorization|key|token|cookie|secret/i.test(value)) ||
  (/_PROXY$/i.test(name) && /^(?:[a-z0-9]+:\/\/)?[^/@]*:[^/]*@/i.test(value));

/** An address as Claude Code takes it. Throws `usage` for what is none; never repeats it. */
export const baseUrlOf = (text: string): string => {
  const url = parsedUrl(text);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw refused("--base-url is no address.", "Write it like https://gateway.example.com");
  }
  if (url.username !== "" || url.password !== "") {
    throw refused("A user or a password is not taken from an address.", "Leave it out.");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw refused(
      `Over http anybody on the way to ${url.hostname} could read what is sent there.`,
      "Write it with https.",
    );
  }
  return withoutEndSlashes(text);
};

const parsedUrl = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};
