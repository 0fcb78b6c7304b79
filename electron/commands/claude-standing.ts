import type { ClaudeStanding } from "../protocol/claude-view.ts";
import type { ClaudeFacts, ClaudeSettingsFile, VersionFacts } from "./doctor-ports.ts";
import { type Way, wayOf } from "./doctor/access-way.ts";
import { helperNames } from "./doctor/claude-files.ts";
import { isOurs } from "./doctor/claude-helpers.ts";
import { type Said, topOf } from "./doctor/claude-said.ts";
import { shellWords } from "./doctor/words.ts";

/** Whether Claude Code is there, and what its settings lead to. */
export const claudeStanding = (
  facts: ClaudeFacts,
  { claude: version, hasClaude }: Pick<VersionFacts, "claude" | "hasClaude">,
): ClaudeStanding => {
  const [helper] = helperNames.flatMap((name) => topOf(facts.files, name).filter(isOurs));
  if (helper === undefined) {
    const isThere = hasClaude || facts.files.some(isRead);
    return isThere ? { kind: "unconnected", version } : { kind: "absent" };
  }
  const way = wayOf(facts, undefined);
  const { scope, path } = helper.file;
  return {
    kind: "connected",
    version,
    provider: way?.provider,
    place: way && placeOf(way),
    identity: identityIn(way?.helper ?? helper),
    scope,
    file: path.path,
  };
};

/** An editor may have it where no terminal has. */
const isRead = ({ state, scope }: ClaudeSettingsFile): boolean =>
  state !== "missing" && scope === "user";

const placeOf = ({ provider, region, project, baseUrl }: Way): string | undefined => {
  if (provider === "gateway") return hostOf(baseUrl?.value);
  const place = [project, region?.value].filter((each) => each !== undefined).join(", ");
  return place === "" ? hostOf(baseUrl?.value) : place;
};

const hostOf = (url = ""): string | undefined => {
  try {
    return new URL(url).host;
  } catch {
    return undefined;
  }
};

/** Whose credentials a helper of ours hands out, by its words. */
const identityIn = ({ value }: Said): string | undefined => {
  const words = shellWords(value) ?? [];
  const at = ["--profile", "--account", "api-key"]
    .map((word) => words.indexOf(word))
    .find((index) => index > 0);
  return at === undefined ? undefined : words[at + 1];
};
