import { escaped, execOf } from "./desktop-entry.ts";

/** What the entry says, in one language. */
export interface LauncherTexts {
  readonly comment: string;
  readonly signIn: string;
  readonly settings: string;
  readonly quit: string;
}

/** What the entry is of. */
export interface Launcher {
  /** The app and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The path of the command-line client. */
  readonly shim: string;
  /** A file, or a name that the desktop's icon theme knows. */
  readonly icon: string;
  /** By the language's code; the first one is that of all others. */
  readonly texts: readonly (readonly [code: string, texts: LauncherTexts])[];
}

/**
 * The text of the entry that stands for Evercred among the desktop's apps, by the Desktop Entry Specification 1.5: it
 * opens the window, and where a desktop shows no tray its actions do what the tray's menu does.
 */
export const launcherText = ({ command, shim, icon, texts }: Launcher): string => {
  const localized = (key: string, valueOf: (of: LauncherTexts) => string): readonly string[] =>
    texts.map(
      ([code, of], index) => `${key}${index === 0 ? "" : `[${code}]`}=${escaped(valueOf(of))}`,
    );
  const action = (
    id: string,
    nameOf: (of: LauncherTexts) => string,
    ...words: readonly string[]
  ): readonly string[] => [
    "",
    `[Desktop Action ${id}]`,
    ...localized("Name", nameOf),
    `Exec=${execOf([shim, ...words])}`,
  ];
  return [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Evercred",
    ...localized("Comment", ({ comment }) => comment),
    `Exec=${execOf(command)}`,
    `Icon=${escaped(icon)}`,
    "Terminal=false",
    "Categories=Utility;",
    "StartupWMClass=Evercred",
    "X-GNOME-SingleWindow=true",
    "Actions=sign-in;settings;quit;",
    ...action("sign-in", ({ signIn }) => signIn, "login", "--all"),
    ...action("settings", ({ settings }) => settings, "window", "settings"),
    ...action("quit", ({ quit }) => quit, "daemon", "stop"),
    "",
  ].join("\n");
};
