import { whenLine } from "../protocol/times.ts";
import type { SourceView, View } from "../protocol/view.ts";
import type { Words } from "../protocol/words.ts";

/**
 * Why a person is asked to sign in. `soon`: the end is near. `wanted`: something cannot go on
 * without it. `opened`: its page has waited for somebody, and is open now. `other`: somebody else has signed in, which has
 * to be accepted. */
export type Reason =
  "soon" | "ended" | "elsewhere" | "changed" | "lost" | "reauth" | "wanted" | "opened" | "other";

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
    const occasions = isAsked(source) ? openOccasions(source, before, at) : occasionsOf(source, at);
    if (occasions.length > 0) now.set(id, occasions);
    const isNew = ({ reason, since }: Occasion): boolean =>
      !before.some((known) => known.reason === reason && known.since === since);
    const latest = occasions.filter(isNew).at(-1);
    if (latest !== undefined) needs.push({ source, reason: latest.reason });
  }
  return { needs, told: now };
};

/**
 * Of what a person counts as told from `now` on. What nobody was told of while they were away is told at their return;
 * and after a quiet time they are told of everything anew: that is what they have asked for.
 */
export const toldAfter = (
  before: Told,
  now: Told,
  { mayAsk, isQuiet }: { readonly mayAsk: boolean; readonly isQuiet: boolean },
): Told => {
  if (isQuiet) return new Map();
  return mayAsk ? now : stillTold(before, now);
};

/** Of what a person stays told, where nobody may be told of anything new. */
export const stillTold = (before: Told, now: Told): Told =>
  new Map(
    [...before].flatMap(([id, known]): [string, readonly Occasion[]][] => {
      const left = known.filter(({ reason, since }) =>
        now.get(id)?.some((occasion) => occasion.reason === reason && occasion.since === since),
      );
      return left.length === 0 ? [] : [[id, left]];
    }),
  );

/** Whether a sign-in is open whose page has been opened, or is about to be. */
const isAsked = ({ signIn }: SourceView): boolean =>
  signIn !== undefined && signIn.other === undefined && !isHeldBack(signIn);

/** A page that is there but was not opened waits for a person to act: a program asked in vain. */
const isHeldBack = ({
  flow,
  url,
  opened,
  doubt,
  trusted,
}: NonNullable<SourceView["signIn"]>): boolean =>
  url !== undefined &&
  !opened &&
  (flow === "code" || flow === "program" || (doubt !== undefined && !trusted));

/** A page that comes up by itself, long after it was asked for, is no surprise where it is told of. */
const openOccasions = (
  source: SourceView,
  before: readonly Occasion[],
  now: number,
): readonly Occasion[] => {
  const { signIn } = source;
  if (signIn?.belated !== true) return before;
  return [...occasionsOf(source, now), { reason: "opened", since: signIn.startedAt }];
};

const occasionsOf = (source: SourceView, now: number): readonly Occasion[] => {
  const { standing, signIn, wantedAt, askAt } = source;
  if (signIn?.other !== undefined) return [{ reason: "other", since: signIn.endsAt }];
  if (standing.kind === "active" && askAt !== undefined && now >= askAt) {
    return [{ reason: "soon", since: askAt }];
  }
  if (standing.kind !== "signed-out") return [];
  const { reason } = standing;
  if (reason === "forbidden") return [];
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
  // Who has signed out, here or with another tool, has no use for a page, whatever programs go on to ask for; and a key has none.
  reason !== "elsewhere" && !isLeft(source) && !source.isEntered;

const isLeft = ({ standing }: SourceView): boolean =>
  standing.kind === "signed-out" && (standing.reason === "user" || standing.reason === "elsewhere");

interface Notice {
  readonly title: string;
  readonly body: string;
}

/** So many are named, where a person is needed for several. */
const mostNamed = 3;

/** What the notification of these says, which are one or more. */
export const noticeOf = (needs: readonly Need[], now: number, words: Words): Notice => {
  const [only, ...others] = needs;
  if (only !== undefined && others.length === 0) return noticeOfOne(only, now, words);
  const { notices } = words.texts;
  const titles = needs.slice(0, mostNamed).map(({ source }) => source.title);
  const more = needs.length - titles.length;
  const names = [...titles, ...(more === 0 ? [] : [notices.andMore({ count: more })])];
  const list = new Intl.ListFormat(words.language).format(names);
  return { title: notices.severalNeedYou({ list }), body: notices.oneAfterTheOther };
};

const noticeOfOne = ({ source, reason }: Need, now: number, words: Words): Notice => {
  const { notices } = words.texts;
  const { title, isEntered, neededAt } = source;
  if (!isEntered) return { title: notices.signInTo({ title }), body: notices[reason] };
  const when = neededAt === undefined ? notices.soonTime : whenLine(neededAt, now, words);
  return {
    title: notices.enterKeyOf({ title }),
    body: reason === "soon" ? notices.keySoon({ title, when }) : keyBody(reason, words),
  };
};

const keyBody = (reason: Reason, { texts }: Words): string => {
  const { notices } = texts;
  if (reason === "ended") return notices.keyEnded;
  return reason === "changed" ? notices.keyChanged : notices.keyWanted;
};
