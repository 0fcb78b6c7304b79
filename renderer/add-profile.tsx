import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { AccountView } from "../electron/protocol/ipc.ts";
import type { SourceView, Trouble } from "../electron/protocol/view.ts";
import { AddProfileSheet } from "./add-profile-sheet.tsx";
import { evercred } from "./bridge.ts";

/** Leads through the choice of an account and a role. What was chosen is forgotten when it goes. */
export const AddProfile = ({
  source,
  onDone,
}: {
  readonly source: SourceView;
  readonly onDone: () => void;
}): JSX.Element => {
  const [accounts, setAccounts] = useState<readonly AccountView[]>();
  const [filter, setFilter] = useState("");
  const [account, setAccount] = useState<AccountView>();
  const [roles, setRoles] = useState<readonly string[]>();
  const [role, setRole] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();

  useEffect(() => {
    void evercred.accounts(source.id).then((reply) => {
      if (reply.kind === "done") setAccounts(reply.value);
      else setTrouble(reply.trouble);
    });
  }, [source.id]);

  useEffect(() => {
    if (account === undefined) return undefined;
    let wanted = true;
    void evercred.roles(source.id, account.id).then((reply) => {
      // The reader may have gone on to another account.
      if (!wanted) return;
      if (reply.kind === "failed") {
        setTrouble(reply.trouble);
        return;
      }
      setRoles(reply.value);
      if (reply.value.length === 1) setRole(reply.value[0]);
    });
    return () => {
      wanted = false;
    };
  }, [source.id, account]);

  const add = async (name: string): Promise<void> => {
    if (account === undefined || role === undefined) return;
    setBusy(true);
    setTrouble(undefined);
    const reply = await evercred.addProfile(source.id, account.id, role, name);
    setBusy(false);
    if (reply.kind === "done") onDone();
    else setTrouble(reply.trouble);
  };

  return (
    <AddProfileSheet
      source={source}
      accounts={accounts}
      filter={filter}
      account={account}
      roles={roles}
      role={role}
      busy={busy}
      trouble={trouble}
      onFilter={setFilter}
      onAccount={(chosen) => {
        setAccount(chosen);
        setRoles(undefined);
        setRole(undefined);
        setTrouble(undefined);
      }}
      onRole={setRole}
      onAdd={(name) => void add(name)}
      onCancel={onDone}
    />
  );
};
