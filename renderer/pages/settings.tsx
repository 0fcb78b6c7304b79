import type { ComponentChildren, JSX } from "preact";
import type { Reply } from "../../electron/protocol/ipc.ts";
import type { Picture } from "../../electron/protocol/picture.ts";
import { settingGroups } from "../../electron/protocol/settings-view.ts";
import { evercred } from "../bridge.ts";
import { TroubleNote } from "../trouble.tsx";
import { useCall } from "../use-call.ts";
import { useWords } from "../words-context.ts";
import type { PageProps } from "./page.ts";
import { Bridges } from "./setting-bridges.tsx";
import { NetworkTester } from "./setting-network-test.tsx";
import { SettingRow } from "./setting-row.tsx";

/** What a person would change of the configuration. Each change counts at once. */
export const SettingsPage = ({ picture, now, onGo }: PageProps): JSX.Element => {
  const { settings } = useWords().texts;
  return (
    <>
      <h1>{settings.title}</h1>
      <p class="muted">{settings.intro}</p>
      <Rules picture={picture} />
      <Group id="settings-sign-in" title={settings.groups.signIn}>
        <Rows picture={picture} group="signIn" />
      </Group>
      <Group id="settings-network" title={settings.groups.network}>
        <Rows picture={picture} group="network" />
        <NetworkTester onTest={() => evercred.testNetwork()} />
      </Group>
      <Group id="settings-claude" title={settings.groups.claude}>
        <p class="muted">{settings.claudeIs}</p>
        <button
          type="button"
          onClick={() => {
            onGo("home");
          }}
        >
          {settings.toClaude}
        </button>
      </Group>
      <Group id="settings-security" title={settings.groups.security}>
        <Rows picture={picture} group="security" />
        <Bridges
          bridges={picture.settings.bridges}
          now={now}
          onEnd={(name) => evercred.endBridge(name)}
        />
      </Group>
      <Group id="settings-app" title={settings.groups.app}>
        <Rows picture={picture} group="app" />
      </Group>
      <Group id="settings-more" title={settings.groups.more}>
        <p class="muted">{settings.fileHas}</p>
        <Deed label={settings.openConfig} onDo={() => evercred.openConfig()} />
      </Group>
    </>
  );
};

const Group = ({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <section class="settings" aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    <div class="card">{children}</div>
  </section>
);

const Rows = ({
  picture: { settings, organization },
  group,
}: {
  readonly picture: Picture;
  readonly group: keyof typeof settingGroups;
}): JSX.Element => {
  const { texts } = useWords();
  return (
    <ul>
      {settingGroups[group].map((name) => (
        <SettingRow
          key={name}
          name={name}
          setting={
            name === "app.startAtLogin" && settings.settings[name].value === undefined
              ? { ...settings.settings[name], value: settings.startsAtLogin }
              : settings.settings[name]
          }
          who={organization?.name ?? texts.settings.yourOrganisation}
          onSet={(value) => evercred.setSetting(name, value)}
          onUnset={() => evercred.unsetSetting(name)}
        />
      ))}
    </ul>
  );
};

/** Who has set rules for this computer, and where they give help. */
const Rules = ({ picture }: { readonly picture: Picture }): JSX.Element | null => {
  const { texts } = useWords();
  const { organization, settings } = picture;
  if (organization === undefined) return null;
  const { name = texts.settings.yourOrganisation, contact } = organization;
  return (
    <section class="rules" aria-label={texts.settings.rulesBy({ who: name })}>
      <p>{texts.settings.rulesBy({ who: name })}</p>
      {settings.contactUrl !== undefined && (
        <Deed label={texts.settings.help} onDo={() => evercred.openContact()} />
      )}
      {contact !== undefined && <p class="muted host">{texts.settings.helpAt({ contact })}</p>}
    </section>
  );
};

/** A button whose failure stands under it. */
const Deed = ({
  label,
  onDo,
}: {
  readonly label: string;
  readonly onDo: () => Promise<Reply<void>>;
}): JSX.Element => {
  const { trouble, run } = useCall();
  return (
    <div>
      <button
        type="button"
        onClick={() => {
          run(onDo());
        }}
      >
        {label}
      </button>
      <div role="alert" class="wrong">
        {trouble !== undefined && <TroubleNote {...trouble} />}
      </div>
    </div>
  );
};
