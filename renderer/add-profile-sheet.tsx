import type { JSX } from "preact";
import type { AccountView } from "../electron/protocol/ipc.ts";
import type { SourceView, Trouble } from "../electron/protocol/view.ts";
import { AddEnding } from "./add-ending.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { accountLine, fitting, profileNameOf } from "./words.ts";

/** So many accounts are seen at once; the rest is found by typing. */
const rows = 6;

export interface AddProfileSheetProps {
  readonly source: SourceView;
  /** Undefined while they are being asked for. */
  readonly accounts: readonly AccountView[] | undefined;
  readonly filter: string;
  readonly account: AccountView | undefined;
  readonly roles: readonly string[] | undefined;
  readonly role: string | undefined;
  readonly busy: boolean;
  readonly trouble: Trouble | undefined;
  readonly onFilter: (text: string) => void;
  readonly onAccount: (account: AccountView) => void;
  readonly onRole: (role: string) => void;
  readonly onAdd: (name: string) => void;
  readonly onCancel: () => void;
}

/** One account, one role in it, and the name under which it is written into the AWS configuration. */
export const AddProfileSheet = (props: AddProfileSheetProps): JSX.Element => {
  const { source, accounts, account, roles, role, busy, trouble, onAdd, onCancel } = props;
  const ready = account !== undefined && role !== undefined;
  return (
    <Sheet title={`Add a profile of ${source.title}`} onCancel={onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onAdd(textOf(event.currentTarget.elements, "name"));
        }}
      >
        {accounts === undefined ? (
          <p role="status">{trouble === undefined ? "Asking for your accounts…" : ""}</p>
        ) : (
          <Accounts {...props} accounts={accounts} />
        )}
        {account !== undefined && <Roles {...props} roles={roles} />}
        {ready && (
          <>
            <label for="name">The profile’s name</label>
            <input
              id="name"
              name="name"
              key={`${account.id}/${role}`}
              required
              pattern="[A-Za-z0-9_.@+%:\/\-]+"
              defaultValue={profileNameOf(account, role)}
            />
          </>
        )}
        <AddEnding ready={ready} busy={busy} trouble={trouble} onCancel={onCancel} />
      </form>
    </Sheet>
  );
};

const Accounts = (
  props: AddProfileSheetProps & { readonly accounts: readonly AccountView[] },
): JSX.Element => {
  const { accounts, filter, account, onFilter, onAccount } = props;
  const shown = fitting(accounts, filter);
  return (
    <>
      <label for="filter">Account</label>
      {accounts.length > rows && (
        <input
          id="filter"
          type="search"
          autofocus
          placeholder={`Find among ${String(accounts.length)}`}
          value={filter}
          onInput={(event) => onFilter(event.currentTarget.value)}
        />
      )}
      <select
        aria-label="Account"
        size={Math.max(2, Math.min(rows, shown.length))}
        value={account?.id ?? ""}
        onChange={(event) => {
          const chosen = shown.find(({ id }) => id === event.currentTarget.value);
          if (chosen !== undefined) onAccount(chosen);
        }}
      >
        {shown.map((each) => (
          <option key={each.id} value={each.id}>
            {accountLine(each)}
          </option>
        ))}
      </select>
    </>
  );
};

const Roles = ({ roles, role, trouble, onRole }: AddProfileSheetProps): JSX.Element => {
  if (roles === undefined) {
    return <p role="status">{trouble === undefined ? "Asking for its roles…" : ""}</p>;
  }
  if (roles.length === 0) return <p>You have no role in this account.</p>;
  return (
    <>
      <label for="role">Role</label>
      <select
        id="role"
        size={Math.max(2, Math.min(rows, roles.length))}
        value={role ?? ""}
        onChange={(event) => onRole(event.currentTarget.value)}
      >
        {roles.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </>
  );
};
