import type {
  ClaudeChangeView,
  ClaudeCheckView,
  ClaudeStanding,
  ClaudeView,
  ClaudeWish,
} from "../protocol/claude-view.ts";
import type { DiagnosisView, FindingView } from "../protocol/help-view.ts";
import type { Reply } from "../protocol/ipc.ts";
import type { Trouble } from "../protocol/view.ts";
import { replyOf } from "./actions.ts";

/** What a person can do about Claude Code in the window. None rejects. */
export interface ClaudeDesk {
  view(): ClaudeView;
  /** Looks whether Claude Code is there, and connected. */
  look(): void;
  /** Finds out whether it works, and shows what it came to. */
  check(): Promise<Reply<void>>;
  stopCheck(): void;
  /** What connecting it so would change, or has changed where it `writes`. */
  connect(wish: ClaudeWish, writes: boolean): Promise<Reply<ClaudeChangeView>>;
  /** The same of taking back what was set up. */
  disconnect(writes: boolean): Promise<Reply<ClaudeChangeView>>;
}

/** Runs verbs for the person at the window. */
export interface VerbRunner {
  run(
    args: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<{
    readonly code: number;
    readonly lines: readonly string[];
    readonly said: readonly string[];
  }>;
}

export interface ClaudeDeskPorts {
  readonly claude: { standing(): ClaudeStanding; look(): Promise<void> };
  readonly doctor: {
    examine(checks: readonly string[], signal: AbortSignal): Promise<DiagnosisView>;
  };
  readonly verbs: VerbRunner;
  /** Called after the view has changed. */
  readonly changed: () => void;
}

/** The parts of the examination that say whether Claude Code gets its models. */
const checks = ["claude", "access"];

export const claudeDeskOf = ({ claude, doctor, verbs, changed }: ClaudeDeskPorts): ClaudeDesk => {
  let last: { readonly check: ClaudeCheckView; readonly of: string } | undefined;
  let running: AbortController | undefined;
  const standingNow = (): string => JSON.stringify(claude.standing());

  const change = (args: readonly string[], writes: boolean): Promise<Reply<ClaudeChangeView>> =>
    replyOf(async () => {
      const how = writes ? "--yes" : "--dry-run";
      const { lines, said } = await verbs.run(["setup", "claude", ...args, how]);
      if (writes) await claude.look();
      const isDiff = lines[0]?.startsWith("--- ") === true;
      return { diff: isDiff ? lines : [], notes: isDiff ? said : [...lines, ...said] };
    });
  return {
    view: () => ({
      standing: claude.standing(),
      // What was found out is not known of other settings.
      check: last?.of === standingNow() ? last.check : undefined,
    }),
    look: () => void claude.look(),
    check: () =>
      replyOf(async () => {
        running?.abort();
        const own = new AbortController();
        running = own;
        const diagnosis = await doctor.examine(checks, own.signal);
        await claude.look();
        last = { check: checkOf(diagnosis), of: standingNow() };
        changed();
      }),
    stopCheck: () => running?.abort(),
    connect: (wish, writes) => change(["--no-verify", ...flagsOf(wish)], writes),
    disconnect: (writes) => change(["--undo"], writes),
  };
};

/** The flags of a wish; of what is left empty none. */
const flagsOf = (wish: ClaudeWish): readonly string[] => {
  const { provider, ...rest } = wish;
  const names: Readonly<Record<string, string>> = { baseUrl: "base-url" };
  const given = Object.entries(rest).filter(([, value]) => value !== "");
  return [
    `--provider=${provider}`,
    ...given.map(([name, value]) => `--${names[name] ?? name}=${value}`),
  ];
};

/** One verdict of all that was found. */
const checkOf = ({ at, findings }: DiagnosisView): ClaudeCheckView => {
  const worst = (...verdicts: readonly FindingView["verdict"][]): FindingView | undefined =>
    findings.find(({ verdict }) => verdicts.includes(verdict));
  const failure = worst("failure");
  if (failure !== undefined) return { at, works: false, trouble: troubleIn(failure) };
  const doubt = worst("warning", "not-checked", "note");
  if (doubt === undefined) return { at, works: true, trouble: undefined };
  const isLearnt = findings.some(({ id, verdict }) => id.startsWith("access.") && verdict === "ok");
  return { at, works: isLearnt ? "partly" : undefined, trouble: troubleIn(doubt) };
};

const troubleIn = ({ id, sentence, remedy = "" }: FindingView): Trouble => ({
  code: id,
  sentence,
  remedy,
});
