import { claudeStanding } from "../commands/claude-standing.ts";
import type { Inspector } from "../commands/doctor-ports.ts";
import { Watches } from "../platform/watch.ts";
import type { ClaudeStanding } from "../protocol/claude-view.ts";

/** Claude Code on this machine, as its settings have it. */
export interface OwnClaude {
  standing(): ClaudeStanding;
  /** Looks anew, and from then on by itself after each change of the settings. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

export interface OwnClaudeParts {
  readonly inspector: Pick<Inspector, "claude" | "versions">;
  readonly home: string;
  /** The search path of the user's terminals. */
  readonly searchPath: () => Promise<string | undefined>;
  /** Called after the standing has changed. */
  readonly changed: () => void;
}

/** Puts together what knows whether Claude Code is connected. It looks at nothing before it is told to. */
export const openOwnClaude = ({
  inspector,
  home,
  searchPath,
  changed,
}: OwnClaudeParts): OwnClaude => {
  let standing: ClaudeStanding = { kind: "unknown" };
  let looking: Promise<void> | undefined;
  /** How often somebody has wanted to know. */
  let wanted = 0;
  let isClosed = false;

  const lookOnce = async (): Promise<void> => {
    const facts = await inspector.claude(home);
    const versions = await inspector.versions(await searchPath());
    if (isClosed) return;
    watches.use(facts.files.map(({ path }) => path.path));
    const found = claudeStanding(facts, versions);
    const isSame = JSON.stringify(found) === JSON.stringify(standing);
    standing = found;
    if (!isSame) changed();
  };
  /** What changes while it looks is looked at again. */
  const lookUntilSettled = async (): Promise<void> => {
    for (let seen = 0; seen !== wanted;) {
      seen = wanted;
      await lookOnce().catch(() => undefined);
    }
    looking = undefined;
  };
  const look = (): Promise<void> => {
    wanted += 1;
    looking ??= lookUntilSettled();
    return looking;
  };
  const watches = new Watches(() => void look());
  return {
    standing: () => standing,
    look,
    close: () => {
      isClosed = true;
      watches.close();
    },
  };
};
