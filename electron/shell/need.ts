import { whenLine } from "../protocol/headline.ts";
import type { SourceView, View } from "../protocol/view.ts";

/**
 * Why a person is asked to sign in. `soon`: the end is near. `wanted`: something cannot go on
 * without it. `other`: somebody else has signed in, which has to be accepted. */
export type Reason =
  "soon" | "ended" | "elsewhere" | "changed" | "lost" | "reauth" | "wanted" | "other";

/** A person is needed for a source, and has not been told yet. */
export interface Need {
  readonly source: SourceView;
  readonly reason: Reason;
}

/** A reason, as the occasion that it is: a new wish is a new one. */
interface Occasion {
  readonly reason: Reason;
  readonly since: number | undefined;
}

/** Of what a person has been told: each occasion once for as long as it lasts. Source id -> occasions. */
export type Told = ReadonlyMap<string, readonly Occasion[]>;

/** What a person has to be told now, and of what they will then have been told. */
export const needsOf = (
  { sources, at }: View,
  told: Told,
): { readonly needs: readonly Need[]; readonly told: Told } => {
  const needs: Need[] = [];
  const now = new Map<string, readonly Occasion[]>();
  for (const source of sources) {
    const { id } = source;
    const before = told.get(id) ?? [];
    // An open sign-in settles nothing: if it comes to nothing, that is no new occasion.
    const occasions = isAsked(source) ? before : occasionsOf(source, at);
    if (occasions.length > 0) now.set(id, occasions);
    const isNew = ({ reason, since }: Occasion): boolean =>
      !before.some((known) => known.reason === reason && known.since === since);
    const latest = occasions.filter(isNew).at(-1);
    if (latest !== undefined) needs.push({ source, reason: latest.reason });
  }
  return { needs, told: now };
};

/** Whether a sign-in is open whose page has been opened, or is about to be. */
const isAsked = ({ signIn }: SourceView): boolean =>
  signIn !== undefined && signIn.other === undefined && !isHeldBack(signIn);

/** A page that is there but was not opened waits for a person to act: a program asked in vain. */
const isHeldBack = ({ flow, url, opened }: NonNullable<SourceView["signIn"]>): boolean =>
  (flow === "code" || flow === "program") && url !== undefined && !opened;

const occasionsOf = (source: SourceView, now: number): readonly Occasion[] => {
  const { standing, signIn, wantedAt, askAt } = source;
  if (signIn?.other !== undefined) return [{ reason: "other", since: signIn.endsAt }];
  if (standing.kind === "active" && askAt !== undefined && now >= askAt) {
    return [{ reason: "soon", since: askAt }];
  }
  if (standing.kind !== "signed-out") return [];
  const { reason } = standing;
  const over = reason !== "never" && reason !== "user";
  return [
    ...(over ? [{ reason, since: undefined }] : []),
    ...(wantedAt !== undefined || signIn !== undefined
      ? [{ reason: "wanted" as const, since: wantedAt }]
      : []),
  ];
};

/** Whether a page may be opened for it by itself, where the person has chosen so. */
export const mayOpen = ({ source, reason }: Need): boolean =>
  // Who has just signed out with another tool has no use for a page, and a key has none.
  reason !== "elsewhere" && !source.isEntered;

/** What the notification says. */
export const noticeOf = (
  { source, reason }: Need,
  now: number,
): { readonly title: string; readonly body: string } => {
  const { title, isEntered, neededAt } = source;
  if (!isEntered) return { title: `Sign in to ${title}`, body: bodies[reason] };
  const when = neededAt === undefined ? "soon" : whenLine(neededAt, now);
  return {
    title: `Enter the key of ${title}`,
    body:
      reason === "soon"
        ? `The key of ${title} ends ${when}. Click to enter the new one.`
        : (keyBodies[reason] ?? "It is needed now. Click to enter it."),
  };
};

const bodies: Readonly<Record<Reason, string>> = {
  soon: "The session ends soon. Click to sign in now, at a good moment.",
  ended: "The session has ended. Click to sign in.",
  elsewhere: "You signed out with another tool. Click to sign in.",
  reauth: "Your organisation asks for a new sign-in. Click to sign in.",
  lost: "The last renewal was cut off in the middle. Click to sign in.",
  changed: "The configuration now names another place to sign in to. Click to sign in.",
  wanted: "The sign-in is needed now. Click to sign in.",
  other: "Somebody else has signed in than before. Click to see who, and to accept it or not.",
};

/** Of a key that a person enters, where there is more to say than that it is needed. */
const keyBodies: Readonly<Partial<Record<Reason, string>>> = {
  ended: "It has ended. Click to enter the new one.",
  changed: "The configuration now names another kind of key. Click to enter it.",
};
