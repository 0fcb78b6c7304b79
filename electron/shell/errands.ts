import { EvercredError } from "../core/errors.ts";
import { type Hint, hints } from "../protocol/hints.ts";
import type { Reply } from "../protocol/ipc.ts";
import type { View } from "../protocol/view.ts";
import { replyOf } from "./actions.ts";
import { commandOf } from "./menu-source.ts";

/** The small things that a person has done for them on Home. None rejects. */
export interface Errands {
  /** Puts the command that prints a target's credential on the clipboard; never what it prints. */
  copyCommand(target: string): Promise<Reply<void>>;
  /** Opens the AWS console with the role of a target. */
  openConsole(target: string): Promise<Reply<void>>;
  /** Asks a gateway whether it takes a key; resolves to its answer in words. */
  testKey(name: string, url: string): Promise<Reply<string>>;
  /** Cuts off what is under way for a target: it fails as `cancelled`. */
  stop(target: string): Promise<Reply<void>>;
  /** A person has understood what is said once. */
  dismissHint(hint: string): Promise<Reply<void>>;
  /** What has been understood. */
  readonly dismissed: readonly Hint[];
}

export interface ErrandPorts {
  readonly view: () => View;
  readonly verbs: {
    run(
      args: readonly string[],
      options: { readonly signal: AbortSignal },
    ): Promise<{ readonly lines: readonly string[] }>;
  };
  readonly memo: {
    get(name: string): string | undefined;
    set(name: string, fact: string): void;
  };
  readonly copyText: (text: string) => Promise<void>;
  /** What is drawn has changed. */
  readonly changed: () => void;
}

export const errandsOf = ({ view, verbs, memo, copyText, changed }: ErrandPorts): Errands => {
  /** The name behind a target of this kind; only of one that there is. */
  const nameIn = (kind: string, target: string): string => {
    const isThere = view().sources.some(({ offers }) =>
      offers.some((offer) => offer.target === target),
    );
    if (!isThere || !target.startsWith(`${kind}:`)) throw new EvercredError("unknown-name");
    return target.slice(kind.length + 1);
  };
  const underWay = new Map<string, AbortController>();
  /** Runs a verb for a target. Whoever asks for the same again wants only that one. */
  const run = async (target: string, args: readonly string[]): Promise<readonly string[]> => {
    underWay.get(target)?.abort();
    const own = new AbortController();
    underWay.set(target, own);
    try {
      return (await verbs.run(args, { signal: own.signal })).lines;
    } catch (thrown) {
      throw own.signal.aborted ? new EvercredError("cancelled") : thrown;
    } finally {
      if (underWay.get(target) === own) underWay.delete(target);
    }
  };
  return {
    copyCommand: (target) =>
      replyOf(async () => {
        nameIn(target.slice(0, target.indexOf(":")), target);
        await copyText(commandOf(target));
      }),
    openConsole: (target) =>
      replyOf(async () => {
        await run(target, ["aws", "console", "--profile", nameIn("aws", target)]);
      }),
    testKey: (name, url) =>
      replyOf(async () => {
        const target = `api-key:${name}`;
        const key = nameIn("api-key", target);
        return (await run(target, ["api-key", "test", key, "--url", url])).join("\n");
      }),
    stop: (target) => replyOf(() => underWay.get(target)?.abort()),
    dismissHint: (hint) =>
      replyOf(() => {
        const known = hints.find((each) => each === hint);
        if (known === undefined) throw new EvercredError("unknown-name");
        memo.set(factOf(known), "understood");
        changed();
      }),
    get dismissed() {
      return hints.filter((hint) => memo.get(factOf(hint)) !== undefined);
    },
  };
};

const factOf = (hint: Hint): string => `hint:${hint}`;
