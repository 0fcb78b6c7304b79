import type { SettingView } from "./settings-view.ts";
import type { SourceView } from "./view.ts";

/** Which program opens the sign-in pages of one source. */
export interface BrowserView extends Pick<SettingView, "setBy" | "isLocked"> {
  /** The program and its arguments; undefined where it has none of its own. */
  readonly command: readonly string[] | undefined;
}

/** Those that the configuration knows as sources. */
const kinds: ReadonlySet<SourceView["kind"]> = new Set([
  "aws-sso",
  "google",
  "google-adc",
  "google-workforce",
  "oidc",
  "command",
]);

/** Whether a person may choose what opens the sign-in pages of a source. */
export const mayHaveBrowser = ({ kind, unattended }: SourceView): boolean =>
  !unattended && kinds.has(kind);
