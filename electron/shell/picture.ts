import type { Rule } from "../core/limits.ts";
import type { ClaudeView } from "../protocol/claude-view.ts";
import type { DeskView } from "../protocol/desk-view.ts";
import type { FirstRunView } from "../protocol/first-run-view.ts";
import type { Hint } from "../protocol/hints.ts";
import type { OrganizationView, Picture } from "../protocol/picture.ts";
import type { SettingsView } from "../protocol/settings-view.ts";
import type { TimelineView } from "../protocol/timeline-view.ts";
import type { UpdateView } from "../protocol/update-view.ts";
import type { View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";

/** What a picture is put together from: each part is asked at the moment that it is drawn. */
export interface PictureParts {
  readonly view: () => View;
  /** Words and times as the person at the window reads them. */
  readonly words: () => Words;
  readonly claude: () => ClaudeView;
  readonly firstRun: () => FirstRunView | undefined;
  readonly settings: () => SettingsView;
  readonly timeline: (view: View) => TimelineView;
  readonly desk: () => DeskView;
  readonly quietUntil: () => number | undefined;
  readonly dismissed: () => readonly Hint[];
  readonly appVersion: string;
  readonly update: () => UpdateView;
  readonly rule: () => Pick<Rule, "organization" | "contact">;
}

/** All that the window and the tray show, as things stand now. */
export const pictureOf = (parts: PictureParts): Picture => {
  const { language, locale } = parts.words();
  const view = parts.view();
  return {
    ...view,
    language,
    locale: locale ?? language,
    organization: organizationOf(parts.rule()),
    claude: parts.claude(),
    firstRun: parts.firstRun(),
    settings: parts.settings(),
    timeline: parts.timeline(view),
    desk: parts.desk(),
    quietUntil: parts.quietUntil(),
    dismissed: parts.dismissed(),
    appVersion: parts.appVersion,
    update: parts.update(),
  };
};

/** A policy that names neither itself nor its help has nobody to show. */
const organizationOf = ({
  organization,
  contact,
}: Pick<Rule, "organization" | "contact">): OrganizationView | undefined =>
  organization === undefined && contact === undefined ? undefined : { name: organization, contact };
