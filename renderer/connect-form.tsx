import type { JSX } from "preact";
import type { ClaudeProviderView, ClaudeWish } from "../electron/protocol/claude-view.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import { namesOf } from "./claude-words.ts";
import { textOf } from "./fields.ts";
import { useWords } from "./words-context.ts";

const providers: readonly ClaudeProviderView[] = ["bedrock", "vertex", "gateway"];

export interface ConnectFormProps {
  readonly sources: readonly SourceView[];
  readonly provider: ClaudeProviderView;
  readonly busy: boolean;
  readonly onProvider: (provider: ClaudeProviderView) => void;
  readonly onShow: (wish: ClaudeWish) => void;
  readonly onCancel: () => void;
}

/** Where Claude Code's models come from, and with whose credentials: of what there is. */
export const ConnectForm = (props: ConnectFormProps): JSX.Element => {
  const { sources, provider, busy, onProvider, onShow, onCancel } = props;
  const { claude, labels } = useWords().texts;
  const names = namesOf(kindOf[provider], sources);
  const none = { bedrock: claude.noProfile, vertex: claude.noAccount, gateway: claude.noKey };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        onShow(wishIn(provider, event.currentTarget.elements));
      }}
    >
      <fieldset>
        <legend>{claude.provider}</legend>
        {providers.map((each) => (
          <label key={each} class="choice">
            <input
              type="radio"
              name="provider"
              value={each}
              checked={each === provider}
              onChange={() => onProvider(each)}
            />
            {claude.providers[each]}
          </label>
        ))}
      </fieldset>
      {names.length === 0 ? (
        <p class="muted">{none[provider]}</p>
      ) : (
        <Fields key={provider} provider={provider} names={names} />
      )}
      <div class="buttons stacked">
        <button type="submit" class="primary" disabled={busy || names.length === 0}>
          {busy ? labels.oneMoment : claude.show}
        </button>
        <button type="button" class="quiet" onClick={onCancel}>
          {labels.cancel}
        </button>
      </div>
    </form>
  );
};

const kindOf = { bedrock: "aws", vertex: "gcp", gateway: "api-key" } as const;

const Fields = ({
  provider,
  names,
}: {
  readonly provider: ClaudeProviderView;
  readonly names: readonly string[];
}): JSX.Element => {
  const { claude } = useWords().texts;
  switch (provider) {
    case "bedrock":
      return (
        <>
          <Choice name="identity" label={claude.profile} names={names} />
          <Text name="region" label={claude.region} placeholder={claude.profileRegion} />
        </>
      );
    case "vertex":
      return (
        <>
          <Choice name="identity" label={claude.account} names={names} />
          <Text name="region" label={claude.region} value="global" />
          <Text name="project" label={claude.project} placeholder={claude.accountProject} />
        </>
      );
    case "gateway":
      return (
        <>
          <Text name="base-url" label={claude.baseUrl} placeholder="https://gateway.example.com" />
          <Choice name="identity" label={claude.key} names={names} />
        </>
      );
  }
};

const Choice = ({
  name,
  label,
  names,
}: {
  readonly name: string;
  readonly label: string;
  readonly names: readonly string[];
}): JSX.Element => (
  <>
    <label for={`connect-${name}`}>{label}</label>
    <select id={`connect-${name}`} name={name}>
      {names.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  </>
);

const Text = ({
  name,
  label,
  ...field
}: {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly value?: string;
}): JSX.Element => (
  <>
    <label for={`connect-${name}`}>{label}</label>
    <input id={`connect-${name}`} name={name} spellcheck={false} autocomplete="off" {...field} />
  </>
);

const wishIn = (provider: ClaudeProviderView, elements: HTMLFormControlsCollection): ClaudeWish => {
  const field = (name: string): string => textOf(elements, name);
  const identity = field("identity");
  switch (provider) {
    case "bedrock":
      return { provider, profile: identity, region: field("region") };
    case "vertex":
      return { provider, account: identity, region: field("region"), project: field("project") };
    case "gateway":
      return { provider, baseUrl: field("base-url"), key: identity };
  }
};
