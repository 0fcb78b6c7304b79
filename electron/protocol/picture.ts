import type { ClaudeView } from "./claude-view.ts";
import type { DeskView } from "./desk-view.ts";
import type { FirstRunView } from "./first-run-view.ts";
import type { SettingsView } from "./settings-view.ts";
import type { TimelineView } from "./timeline-view.ts";
import type { Hint } from "./hints.ts";
import type { UpdateView } from "./update-view.ts";
import type { Language } from "./words.ts";
import type { View } from "./view.ts";

/** All that the window and the tray show: what the daemon is at, and what a person has chosen for its face. */
export interface Picture extends View {
  readonly language: Language;
  /** How times and numbers are written, as BCP 47. */
  readonly locale: string;
  /** Who has set rules for this computer; undefined where nobody has. */
  readonly organization: OrganizationView | undefined;
  /** The day behind and ahead; without its rows while no window is open. */
  readonly timeline: TimelineView;
  readonly claude: ClaudeView;
  /** What the first start asks; undefined once it is finished. */
  readonly firstRun: FirstRunView | undefined;
  readonly settings: SettingsView;
  readonly desk: DeskView;
  /** Until when the person does not want to be asked. */
  readonly quietUntil: number | undefined;
  /** What is said once and has been understood. */
  readonly dismissed: readonly Hint[];
  /** Of Evercred. */
  readonly appVersion: string;
  /** Where the app's own update stands. */
  readonly update: UpdateView;
}

/** Who wrote the policy that is in force. */
export interface OrganizationView {
  /** As it calls itself; undefined where it does not say. */
  readonly name: string | undefined;
  /** Where people get help: an address, or words. */
  readonly contact: string | undefined;
}
