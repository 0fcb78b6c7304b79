import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Trouble } from "../electron/protocol/view.ts";
import { AddOrganisationSheet } from "./add-organisation-sheet.tsx";
import { evercred } from "./bridge.ts";

/** Writes an organisation into the AWS configuration, and goes on to the sign-in. */
export const AddOrganisation = ({
  onDone,
}: {
  /** With the id of the source that there is now; undefined where nothing was added. */
  readonly onDone: (source: string | undefined) => void;
}): JSX.Element => {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const add = async (startUrl: string, region: string): Promise<void> => {
    setBusy(true);
    setTrouble(undefined);
    const reply = await evercred.addOrganisation(startUrl, region);
    setBusy(false);
    if (reply.kind === "done") onDone(reply.value);
    else setTrouble(reply.trouble);
  };
  return (
    <AddOrganisationSheet
      busy={busy}
      trouble={trouble}
      onAdd={(startUrl, region) => void add(startUrl, region)}
      onCancel={() => onDone(undefined)}
    />
  );
};
