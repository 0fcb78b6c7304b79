import type { JSX } from "preact";
import { useWords } from "./words-context.ts";

/** The name under which something is added, as the configuration takes it. */
export const AddName = ({ usual }: { readonly usual: string }): JSX.Element => {
  const { add } = useWords().texts;
  return (
    <>
      <label for="add-name">{add.name}</label>
      <input
        id="add-name"
        name="name"
        required
        value={usual}
        pattern="[a-z0-9\-]{1,32}"
        title={add.nameHint}
        spellcheck={false}
        autocomplete="off"
      />
    </>
  );
};
