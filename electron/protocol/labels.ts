import { en, type Texts } from "./texts/en.ts";
import type { SourceView } from "./view.ts";
import type { Words } from "./words.ts";

/** What a person is asked for where a source needs one, as the button that does it says. */
export const askLabel = ({ title, isEntered }: SourceView, { texts }: Words): string =>
  isEntered ? texts.labels.enterKeyOf({ title }) : texts.labels.signInTo({ title });

/** The same for several sources at a time. */
export const asksLabel = (sources: readonly SourceView[], { texts }: Words): string => {
  const { labels } = texts;
  const count = sources.length;
  const keys = sources.filter(({ isEntered }) => isEntered).length;
  if (keys === 0) return labels.signInToSome({ count });
  return keys === count ? labels.enterKeys({ count }) : labels.signInOrEnter;
};

/** How a person signs in to a source of which the title is there already. */
export const signInLabel = ({ standing, isEntered }: SourceView, { texts }: Words): string => {
  const { labels } = texts;
  const isOut = standing.kind === "signed-out";
  if (isEntered) return isOut ? labels.enterKey : labels.enterNewKey;
  return isOut ? labels.signIn : labels.signInAgain;
};

/** How a person ends that. */
export const signOutLabel = ({ isEntered }: SourceView, { texts }: Words): string =>
  isEntered ? texts.labels.forgetKey : texts.labels.signOut;

/** Whether what is handed out under this target is a key of the configuration: `api-key:NAME`. */
export const isKey = (target: string): boolean => target.startsWith("api-key:");

/** What is to be entered for a source, as the reader calls it; what has a name of its own keeps that. */
export const secretLine = (
  what: string | undefined,
  title: string,
  secrets: Texts["signIn"]["secrets"],
): string => {
  const known = en.signIn.secrets;
  if (what === undefined || what === known.key({ title })) return secrets.key({ title });
  if (what === known.secret({ title })) return secrets.secret({ title });
  return what === known.privateKey({ title }) ? secrets.privateKey({ title }) : what;
};
