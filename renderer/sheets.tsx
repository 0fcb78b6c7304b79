import type { JSX } from "preact";
import type { Picture } from "../electron/protocol/picture.ts";
import type { SignInView, SourceView } from "../electron/protocol/view.ts";
import type { Aside } from "./aside.ts";
import { AsideSheet } from "./aside-sheet.tsx";
import { evercred } from "./bridge.ts";
import { Question } from "./question.tsx";
import { SignIn } from "./sign-in.tsx";
import type { Deeds } from "./use-deeds.ts";
import { useSignIns } from "./use-sign-ins.ts";

export interface SheetsProps {
  readonly picture: Picture;
  readonly now: number;
  readonly deeds: Deeds;
  readonly aside: Aside | undefined;
  readonly onClose: () => void;
}

/** What lies over the page: an open sign-in, else what the reader has opened; and above all what a program wants. */
export const Sheets = ({ picture, now, deeds, aside, onClose }: SheetsProps): JSX.Element => {
  const { shown, close } = useSignIns(picture.sources);
  const [question] = picture.questions;
  return (
    <>
      {shown === undefined && aside !== undefined && (
        <AsideSheet picture={picture} now={now} deeds={deeds} aside={aside} onClose={onClose} />
      )}
      {shown !== undefined && (
        <SignIn
          key={shown.source.id}
          {...shown}
          of={openSignIns(picture).length}
          now={now}
          deeds={deeds}
          onClose={close}
        />
      )}
      {question !== undefined && (
        <Question
          key={question.id}
          question={question}
          of={picture.questions.length}
          onAnswer={(answer) => {
            void evercred.answer(question.id, answer);
          }}
        />
      )}
    </>
  );
};

interface OpenSignIn {
  readonly source: SourceView;
  readonly signIn: SignInView;
}

/** The sign-ins that are open, as they come. */
export const openSignIns = ({ sources }: Picture): readonly OpenSignIn[] =>
  sources.flatMap((source) =>
    source.signIn === undefined ? [] : [{ source, signIn: source.signIn }],
  );
