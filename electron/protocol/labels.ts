import type { SourceView } from "./view.ts";

/** What a person is asked for where a source needs one, as the button that does it says. */
export const askLabel = ({ title, isEntered }: SourceView): string =>
  isEntered ? `Enter the key of ${title}…` : `Sign in to ${title}`;

/** The same for several sources at a time. */
export const asksLabel = (sources: readonly SourceView[]): string => {
  const count = String(sources.length);
  const keys = sources.filter(({ isEntered }) => isEntered).length;
  if (keys === 0) return `Sign in to ${count}…`;
  return keys === sources.length ? `Enter ${count} keys…` : "Sign in, or enter a key…";
};

/** How a person signs in to a source of which the title is there already. */
export const signInLabel = ({ standing, isEntered }: SourceView): string => {
  const isOut = standing.kind === "signed-out";
  if (isEntered) return isOut ? "Enter the key…" : "Enter a new key…";
  return isOut ? "Sign in" : "Sign in again";
};

/** How a person ends that. */
export const signOutLabel = ({ isEntered }: SourceView): string =>
  isEntered ? "Forget the key" : "Sign out";

/** Whether what is handed out under this target is a key of the configuration: `api-key:NAME`. */
export const isKey = (target: string): boolean => target.startsWith("api-key:");
