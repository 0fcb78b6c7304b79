import type { ComponentChildren, JSX } from "preact";
import { useDraft } from "./use-draft.ts";

export interface SheetProps {
  readonly title: string;
  /** Names it where another one may be open below it. */
  readonly id?: string;
  readonly onCancel: () => void;
  readonly children: ComponentChildren;
}

/** A dialog over everything else. Escape cancels it; it goes when its owner takes it away, not before. */
export const Sheet = ({ title, id = "sheet", onCancel, children }: SheetProps): JSX.Element => (
  <dialog
    ref={showModal}
    aria-labelledby={`${id}-title`}
    onInput={useDraft()}
    onCancel={(event) => {
      event.preventDefault();
      onCancel();
    }}
  >
    <h2 id={`${id}-title`}>{title}</h2>
    {children}
  </dialog>
);

/** What comes up later than its sheet has the focus all the same: the `ref` of its first element. */
export const focus = (element: HTMLElement | null): void => element?.focus();

/** Closes it before it goes, so that the focus returns to where it was. */
const showModal = (dialog: HTMLDialogElement | null): (() => void) => {
  dialog?.showModal();
  return () => dialog?.close();
};
