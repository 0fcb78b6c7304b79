import type { SourceView, View } from "../protocol/view.ts";

/** Why a person is asked to sign in. `wanted`: something cannot go on without it. */
export type Reason = "ended" | "elsewhere" | "changed" | "wanted";

/** A person is needed for a source, and has not been told yet. */
export interface Need {
  readonly source: string;
  readonly title: string;
  readonly reason: Reason;
}

/** Of what a person has been told: each reason once for as long as it lasts. Source id -> reasons. */
export type Told = ReadonlyMap<string, readonly Reason[]>;

/** What a person has to be told now, and of what they will then have been told. */
export const needsOf = (
  { sources }: View,
  told: Told,
): { readonly needs: readonly Need[]; readonly told: Told } => {
  const needs: Need[] = [];
  const now = new Map<string, readonly Reason[]>();
  for (const source of sources) {
    const { id, title } = source;
    const before = told.get(id) ?? [];
    // An open sign-in settles nothing: if it comes to nothing, that is no new occasion.
    const reasons = isAsked(source) ? before : reasonsOf(source);
    if (reasons.length > 0) now.set(id, reasons);
    const reason = reasons.filter((each) => !before.includes(each)).at(-1);
    if (reason !== undefined) needs.push({ source: id, title, reason });
  }
  return { needs, told: now };
};

/** Whether a sign-in is open whose page has been opened, or is about to be. */
const isAsked = ({ signIn }: SourceView): boolean => signIn !== undefined && !isHeldBack(signIn);

/** A page that is there but was not opened waits for a person to act: a program asked in vain. */
const isHeldBack = ({ flow, url, opened }: NonNullable<SourceView["signIn"]>): boolean =>
  flow === "code" && url !== undefined && !opened;

const reasonsOf = ({ standing, signIn, wanted }: SourceView): readonly Reason[] => {
  if (standing.kind !== "signed-out") return [];
  const { reason } = standing;
  const over = reason === "ended" || reason === "elsewhere" || reason === "changed";
  return [
    ...(over ? [reason] : []),
    ...(wanted || signIn !== undefined ? ["wanted" as const] : []),
  ];
};

/** What the notification says. */
export const noticeOf = ({
  title,
  reason,
}: Need): { readonly title: string; readonly body: string } => ({
  title: `Sign in to ${title}`,
  body: bodies[reason],
});

const bodies: Readonly<Record<Reason, string>> = {
  ended: "The session has ended. Click to sign in.",
  elsewhere: "You signed out with another tool. Click to sign in.",
  changed: "The configuration now names another place to sign in to. Click to sign in.",
  wanted: "The sign-in is needed now. Click to sign in.",
};
