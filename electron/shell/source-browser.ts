import { EvercredError } from "../core/errors.ts";
import { type BrowserView, mayHaveBrowser } from "../protocol/browser-view.ts";
import type { Reply } from "../protocol/ipc.ts";
import type { SourceView, View } from "../protocol/view.ts";
import { replyOf } from "./actions.ts";
import { isTexts, type ReadSetting } from "./settings-view.ts";

/** What opens the sign-in pages of one source. None rejects; what has come from the window is looked at here. */
export interface SourceBrowser {
  browserOf(source: unknown): Promise<Reply<BrowserView>>;
  /** Sets the command, as `evercred config set` does; an empty one is taken out. The reply comes when it is in force. */
  setBrowser(source: unknown, command: unknown): Promise<Reply<void>>;
}

export interface SourceBrowserPorts {
  readonly view: () => Pick<View, "sources">;
  /** Runs a verb for the person at the window. */
  readonly run: (args: readonly string[]) => Promise<unknown>;
  /** Everything that may be set, with what is in force. */
  readonly values: () => readonly ReadSetting[];
  /** Whether a policy keeps people from setting what stands at a path. */
  readonly isLocked: (path: readonly string[]) => boolean;
}

export const sourceBrowserOf = ({
  view,
  run,
  values,
  isLocked,
}: SourceBrowserPorts): SourceBrowser => {
  const known = (id: unknown): SourceView => {
    const source = view().sources.find((each) => each.id === id);
    if (source === undefined || !mayHaveBrowser(source)) throw new EvercredError("unknown-name");
    return source;
  };
  const settingsOf = (id: string): readonly ReadSetting[] =>
    values().filter(({ path }) => path[0] === "sources" && path[1] === id);
  return {
    browserOf: (source) =>
      replyOf(() => {
        const { id } = known(source);
        const setting = settingsOf(id).find(({ path }) => path[2] === "browser");
        return {
          command: isTexts(setting?.value) ? setting.value : undefined,
          setBy: setting?.setBy ?? "built-in",
          isLocked: isLocked(["sources", id, "browser"]),
        };
      }),
    setBrowser: (source, command) =>
      replyOf(async () => {
        const { id, kind } = known(source);
        if (!isTexts(command)) throw new EvercredError("usage");
        const isConfigured = settingsOf(id).length > 0;
        if (command.length > 0) {
          await run(
            isConfigured
              ? ["config", "set", `sources.${id}.browser`, JSON.stringify(command)]
              : // What was found by itself stands in no file of ours yet.
                ["config", "set", `sources.${id}`, JSON.stringify({ kind, browser: command })],
          );
        } else if (isConfigured) {
          await run(["config", "unset", `sources.${id}.browser`]);
        }
      }),
  };
};
