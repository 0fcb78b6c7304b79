import type { JSX } from "preact";
import {
  type CertificateChoice,
  type PacChoice,
  type SettingName,
  settingTable,
  type SettingValue,
} from "../../electron/protocol/settings-view.ts";
import { languages, type Words } from "../../electron/protocol/words.ts";
import { useWords } from "../words-context.ts";
import { Certificate } from "./setting-certificate.tsx";
import { Choice, type ControlProps, Line, List, Switch } from "./setting-controls.tsx";
import { Proxy } from "./setting-proxy.tsx";

export interface SettingControlProps extends ControlProps<SettingValue> {
  readonly name: SettingName;
}

/** The control of a setting, by its kind. */
export const SettingControl = ({ name, value, ...rest }: SettingControlProps): JSX.Element => {
  const words = useWords();
  const table = settingTable[name];
  switch (table.kind) {
    case "choice": {
      const options = table.options.map((each) => [each, optionOf(name, each, words)] as const);
      return <Choice {...rest} value={textIn(value)} options={options} />;
    }
    case "switch":
      return <Switch {...rest} value={typeof value === "boolean" ? value : undefined} />;
    case "duration":
    case "text":
      return <Line {...rest} value={textIn(value)} />;
    case "list":
      return <List {...rest} value={isList(value) ? value : undefined} />;
    case "proxy":
      return (
        <Proxy {...rest} value={typeof value === "string" || isPac(value) ? value : undefined} />
      );
    case "certificate":
      return <Certificate {...rest} value={isCertificate(value) ? value : undefined} />;
  }
};

/** What a choice is called; a language by its own name. */
const optionOf = (name: SettingName, option: string, { texts }: Words): string => {
  const own = languages.find(([code]) => name === "app.language" && code === option);
  const options: Readonly<Record<string, Readonly<Record<string, string>>>> =
    texts.settings.options;
  return own?.[1] ?? options[name]?.[option] ?? option;
};

const textIn = (value: SettingValue | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

const isList = (value: SettingValue | undefined): value is readonly string[] =>
  Array.isArray(value);

const isPac = (value: SettingValue | undefined): value is PacChoice =>
  typeof value === "object" && "pac" in value;

const isCertificate = (value: SettingValue | undefined): value is CertificateChoice =>
  typeof value === "object" && "certFile" in value;
