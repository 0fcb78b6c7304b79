import type { JSX } from "preact";
import type { AccountView } from "../electron/protocol/ipc.ts";
import { shown } from "../electron/protocol/shown.ts";
import type { SourceView, Trouble } from "../electron/protocol/view.ts";
import { AddEnding } from "./add-ending.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { accountLine, fitting, profileNameOf } from "./words.ts";
import { useWords } from "./words-context.ts";

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
  const { addProfile } = useWords().texts;
  const ready = account !== undefined && role !== undefined;
  return (
    <Sheet title={addProfile.title({ title: source.title })} onCancel={onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onAdd(textOf(event.currentTarget.elements, "name"));
        }}
      >
        {accounts === undefined ? (
          <p role="status">{trouble === undefined ? addProfile.askingForAccounts : ""}</p>
        ) : (
          <Accounts {...props} accounts={accounts} />
        )}
        {account !== undefined && <Roles {...props} roles={roles} />}
        {ready && (
          <>
            <label for="name">{addProfile.name}</label>
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
  const { addProfile } = useWords().texts;
  const found = fitting(accounts, filter);
  return (
    <>
      <label for="filter">{addProfile.account}</label>
      {accounts.length > rows && (
        <input
          id="filter"
          type="search"
          autofocus
          placeholder={addProfile.find({ count: accounts.length })}
          value={filter}
          onInput={(event) => onFilter(event.currentTarget.value)}
        />
      )}
      <select
        aria-label={addProfile.account}
        size={Math.max(2, Math.min(rows, found.length))}
        value={account?.id ?? ""}
        onChange={(event) => {
          const chosen = found.find(({ id }) => id === event.currentTarget.value);
          if (chosen !== undefined) onAccount(chosen);
        }}
      >
        {found.map((each) => (
          <option key={each.id} value={each.id}>
            {accountLine(each)}
          </option>
        ))}
      </select>
    </>
  );
};

const Roles = ({ roles, role, trouble, onRole }: AddProfileSheetProps): JSX.Element => {
  const { addProfile } = useWords().texts;
  if (roles === undefined) {
    return <p role="status">{trouble === undefined ? addProfile.askingForRoles : ""}</p>;
  }
  if (roles.length === 0) return <p>{addProfile.noRole}</p>;
  return (
    <>
      <label for="role">{addProfile.role}</label>
      <select
        id="role"
        size={Math.max(2, Math.min(rows, roles.length))}
        value={role ?? ""}
        onChange={(event) => onRole(event.currentTarget.value)}
      >
        {roles.map((each) => (
          <option key={each} value={each}>
            {shown(each)}
          </option>
        ))}
      </select>
    </>
  );
};
