import type { Session } from "../core/session.ts";
import type { OtherPerson, SignIn } from "../core/sign-in.ts";
import { plain } from "./plain.ts";
import { agrees } from "./question.ts";
import type { Reply } from "./verb.ts";

/** Who else than before has signed in, where a sign-in waits for a person's word on that. */
export const otherOf = ({ state }: Session): OtherPerson | undefined =>
  state.kind === "signing-in" ? state.other : undefined;

/** How a caller wants to be dealt with where somebody else has signed in. */
interface Manner {
  /** Whether the caller can read a question and answer it. */
  readonly asks: boolean;
  /** Whether the caller says yes to every question. */
  readonly yes: boolean;
}

/**
 * Resolves at the end of the sign-in, or once it has been put to the caller that somebody else signed in than
 * before: on a terminal as a question, else as a sentence that says where it can be answered.
 */
export const acceptedOrEnded = async (
  { source }: Session,
  signIn: SignIn,
  { asks, yes }: Manner,
  reply: Reply,
): Promise<void> => {
  const other = await signIn.question;
  if (other === undefined) return;
  const now = plain(other.now);
  const fact = `You signed in to ${source.id} as ${now}; before it was ${plain(other.before)}.`;
  if (yes) {
    reply.say(fact);
    signIn.accept();
    return;
  }
  if (!asks) {
    reply.say(
      `${fact} Accept that in the tray, or with: evercred login ${source.id} --yes. Waiting…`,
    );
    return;
  }
  const answered = agrees(`${fact} Go on as ${now}?`, reply).then((agreed) => {
    if (agreed) signIn.accept();
    else signIn.decline();
  });
  await Promise.race([answered, signIn.outcome]);
};
