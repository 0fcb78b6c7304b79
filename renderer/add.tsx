import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AddChoice, type AddWhat } from "./add-choice.tsx";
import { AddCompanySheet } from "./add-company-sheet.tsx";
import { AddGoogleSheet } from "./add-google-sheet.tsx";
import { AddKeySheet } from "./add-key-sheet.tsx";
import { AddOrganisation } from "./add-organisation.tsx";
import { evercred } from "./bridge.ts";
import { useCall } from "./use-call.ts";

export interface AddProps {
  /** What is to be added; undefined: the reader chooses. */
  readonly what?: AddWhat | undefined;
  /** What is added is signed in to at once. */
  readonly onSignIn: (source: string) => void;
  readonly onDone: () => void;
}

/** The sheets that add what to sign in to, and keys. */
export const Add = ({ what, onSignIn, onDone }: AddProps): JSX.Element => {
  const [chosen, setChosen] = useState(what);
  const [file, setFile] = useState("");
  const { busy, trouble, run } = useCall();
  const added = (source: string): void => {
    onDone();
    onSignIn(source);
  };
  const ending = { busy, trouble, onCancel: onDone };
  switch (chosen) {
    case undefined:
      return <AddChoice onChoose={setChosen} onCancel={onDone} />;
    case "organisation":
      return (
        <AddOrganisation
          onDone={(source) => {
            if (source === undefined) onDone();
            else added(source);
          }}
        />
      );
    case "google":
      return (
        <AddGoogleSheet
          {...ending}
          file={file}
          onChooseFile={() => run(evercred.chooseFile(), (path) => setFile(path ?? file))}
          onAdd={(name) => {
            run(evercred.addSource({ kind: "google", name, clientFile: file }), added);
          }}
        />
      );
    case "company":
      return (
        <AddCompanySheet
          {...ending}
          onAdd={(name, issuer, clientId) => {
            run(evercred.addSource({ kind: "oidc", name, issuer, clientId }), added);
          }}
        />
      );
    case "key":
      return (
        <AddKeySheet
          {...ending}
          onAdd={(name, expiresAt) => run(evercred.addKey(name, expiresAt), () => added(name))}
        />
      );
  }
};
