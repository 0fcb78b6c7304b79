import type { JSX } from "preact";
import type { OrganizationView } from "../../electron/protocol/picture.ts";
import { useWords } from "../words-context.ts";

export interface HelpAboutProps {
  readonly version: string;
  readonly organization: OrganizationView | undefined;
  readonly onLicences: () => void;
}

/** What this is, and who answers for it here. */
export const HelpAbout = ({ version, organization, onLicences }: HelpAboutProps): JSX.Element => {
  const { help } = useWords().texts;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [help.version, `Evercred ${version}`],
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
        <button type="button" class="quiet" onClick={onLicences}>
          {help.licences}
        </button>
      </div>
    </section>
  );
};
