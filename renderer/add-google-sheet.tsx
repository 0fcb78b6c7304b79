import type { JSX } from "preact";
import { AddEnding, type AddEndingProps } from "./add-ending.tsx";
import { AddName } from "./add-name.tsx";
import { textOf } from "./fields.ts";
import { Sheet } from "./sheet.tsx";
import { useWords } from "./words-context.ts";

export interface AddGoogleSheetProps extends Omit<AddEndingProps, "ready"> {
  /** The path of the client's file; empty before one is chosen. */
  readonly file: string;
  readonly onChooseFile: () => void;
  readonly onAdd: (name: string) => void;
}

/** Asks for the client with which people of an organisation sign in to Google, and says where it comes from. */
export const AddGoogleSheet = (props: AddGoogleSheetProps): JSX.Element => {
  const { file, onChooseFile, onAdd, ...ending } = props;
  const { add } = useWords().texts;
  return (
    <Sheet title={add.google} onCancel={ending.onCancel}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          onAdd(textOf(event.currentTarget.elements, "name"));
        }}
      >
        <p id="client-file">{add.clientFile}</p>
        <div class="file">
          <button
            type="button"
            autofocus
            disabled={ending.busy}
            aria-describedby="client-file client-file-path"
            onClick={onChooseFile}
          >
            {add.choose}
          </button>
          <span id="client-file-path" class="path" role="status">
            {file}
          </span>
        </div>
        <p class="muted">{add.clientFileHint}</p>
        <AddName usual="google" />
        <AddEnding {...ending} ready={file !== ""} />
      </form>
    </Sheet>
  );
};
