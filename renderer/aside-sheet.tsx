import type { JSX } from "preact";
import type { ClaudeView } from "../electron/protocol/claude-view.ts";
import type { Picture } from "../electron/protocol/picture.ts";
import type { SourceView } from "../electron/protocol/view.ts";
import { Add } from "./add.tsx";
import { AddProfile } from "./add-profile.tsx";
import type { Aside } from "./aside.ts";
import { BrowserSheet } from "./browser-sheet.tsx";
import { DetailsSheet } from "./details-sheet.tsx";
import { ForgetSheet } from "./forget-sheet.tsx";
import { TestKeySheet } from "./test-key-sheet.tsx";
import type { Deeds } from "./use-deeds.ts";

export interface AsideSheetProps {
  readonly picture: Picture;
  readonly now: number;
  readonly deeds: Deeds;
  readonly aside: Aside;
  readonly onClose: () => void;
}

/** What the reader has opened over the page, as a sheet; nothing where what it is about is gone. */
export const AsideSheet = (props: AsideSheetProps): JSX.Element | null => {
  const { picture, deeds, aside, onClose } = props;
  if (aside.kind === "add") {
    return (
      <Add
        {...(aside.what !== undefined && { what: aside.what })}
        onSignIn={deeds.signIn}
        onDone={onClose}
      />
    );
  }
  const source = picture.sources.find(({ id }) => id === aside.source);
  return source === undefined ? null : (
    <SourceSheet key={source.id} {...props} kind={aside.kind} source={source} />
  );
};

interface SourceSheetProps extends Omit<AsideSheetProps, "aside"> {
  readonly kind: Exclude<Aside["kind"], "add">;
  readonly source: SourceView;
}

const SourceSheet = (props: SourceSheetProps): JSX.Element => {
  const { kind, source, picture, now, deeds, onClose } = props;
  switch (kind) {
    case "browser":
      return <BrowserSheet source={source} picture={picture} onClose={onClose} />;
    case "details":
      return <DetailsSheet source={source} now={now} deeds={deeds} onClose={onClose} />;
    case "forget":
      return (
        <ForgetSheet
          source={source}
          onForget={() => {
            deeds.signOut(source.id);
            onClose();
          }}
          onClose={onClose}
        />
      );
    case "profile":
      return <AddProfile source={source} onDone={onClose} />;
    case "test-key":
      return <TestKeySheet name={source.id} url={gatewayOf(picture.claude)} onClose={onClose} />;
  }
};

/** The gateway that Claude Code uses; empty where that is not known. */
const gatewayOf = ({ standing }: ClaudeView): string =>
  standing.kind === "connected" && standing.provider === "gateway" && standing.place !== undefined
    ? `https://${standing.place}`
    : "";
