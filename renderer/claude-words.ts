import type { ClaudeView, ClaudeWish } from "../electron/protocol/claude-view.ts";
import { clockTime } from "../electron/protocol/times.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import type { Words } from "../electron/protocol/words.ts";

/** `Bedrock · us-east-1 · works (checked 09:02)` */
export const claudeLine = (
  { standing, check }: ClaudeView,
  checking: boolean,
  now: number,
  words: Words,
): string => {
  const { claude } = words.texts;
  switch (standing.kind) {
    case "unknown":
      return claude.looking;
    case "absent":
      return claude.absent;
    case "unconnected": {
      const { version } = standing;
      return claude.unconnected({
        found: version === undefined ? claude.foundSome : claude.found({ version }),
      });
    }
    case "connected": {
      const { provider, place } = standing;
      const parts = [
        provider === undefined ? claude.connected : claude.providers[provider],
        place,
        checkLine(check, checking, now, words),
      ];
      return parts.filter((part) => part !== undefined).join(" · ");
    }
  }
};

/** `works (checked 09:02)`; undefined where nobody has looked. */
export const checkLine = (
  check: ClaudeView["check"],
  checking: boolean,
  now: number,
  words: Words,
): string | undefined => {
  const { claude } = words.texts;
  if (checking) return claude.checking;
  if (check === undefined) return undefined;
  const time = clockTime(check.at, now, words);
  switch (check.works) {
    case true:
      return claude.works({ time });
    case false:
      return claude.worksNot({ time });
    case "partly":
      return claude.worksPartly({ time });
    case undefined:
      return claude.worksPerhaps({ time });
  }
};

/** The names under which one kind of credential is handed out: `aws` gives profiles. Those in use come first. */
export const namesOf = (
  kind: "aws" | "gcp" | "api-key",
  sources: readonly SourceView[],
): readonly string[] =>
  sources
    .flatMap(({ offers }) => offers)
    .filter(({ target }) => target.startsWith(`${kind}:`))
    .sort((a, b) => (b.askedAt ?? 0) - (a.askedAt ?? 0))
    .map(({ target }) => target.slice(kind.length + 1));

/** How Claude Code is connected where nobody says otherwise; undefined where there is nothing to connect it with. */
export const usualWish = (sources: readonly SourceView[]): ClaudeWish | undefined => {
  const [profile] = namesOf("aws", sources);
  if (profile !== undefined) return { provider: "bedrock", profile, region: "" };
  const [account] = namesOf("gcp", sources);
  if (account !== undefined) return { provider: "vertex", account, region: "global", project: "" };
  return undefined;
};
