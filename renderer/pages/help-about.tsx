import type { JSX } from "preact";
import type { OrganizationView } from "../../electron/protocol/picture.ts";
import type { UpdateView } from "../../electron/protocol/update-view.ts";
import { updateWords } from "../update-words.ts";
import { useWords } from "../words-context.ts";

export interface HelpAboutProps {
  readonly version: string;
  readonly organization: OrganizationView | undefined;
  readonly update: UpdateView;
  readonly now: number;
  readonly onLicences: () => void;
  readonly onCheck: () => void;
}

/** What this is, and who answers for it here. */
export const HelpAbout = ({
  version,
  organization,
  update,
  now,
  onLicences,
  onCheck,
}: HelpAboutProps): JSX.Element => {
  const words = useWords();
  const { help, updates } = words.texts;
  const { sentence, remedy } = updateWords(update, now, words);
  const facts: readonly (readonly [string, string | undefined])[] = [
    [help.version, `Evercred ${version}`],
    [updates.title, `${sentence} ${remedy}`.trim()],
    [help.licence, "Apache-2.0"],
    [help.organisation, organization?.name],
    [help.contact, organization?.contact],
  ];
  return (
    <section aria-labelledby="about">
      <h2 id="about">{help.about}</h2>
      <dl class="facts">
        {facts.map(
          ([term, text]) =>
            text !== undefined && (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
      </dl>
      <div class="buttons">
        {mayCheck(update) && (
          <button type="button" class="quiet" onClick={onCheck}>
            {updates.check}
          </button>
        )}
        <button type="button" class="quiet" onClick={onLicences}>
          {help.licences}
        </button>
      </div>
    </section>
  );
};

const mayCheck = ({ kind }: UpdateView): boolean =>
  kind === "current" || kind === "found" || kind === "failed";
