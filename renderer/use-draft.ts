import type { TargetedEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { evercred } from "./bridge.ts";

/** How many sheets hold something that is typed. */
let held = 0;

/** For a sheet's `onInput`: as long as it holds something that is typed, and is there, the app does not start itself anew. */
export const useDraft = (): ((event: TargetedEvent<HTMLElement>) => void) => {
  const isHeld = useRef(false);
  const note = (isTyped: boolean): void => {
    if (isTyped === isHeld.current) return;
    isHeld.current = isTyped;
    held += isTyped ? 1 : -1;
    void evercred.noteDraft(held > 0);
  };
  useEffect(
    () => () => {
      note(false);
    },
    [],
  );
  return ({ currentTarget }) => {
    note(typedIn(currentTarget));
  };
};

/** Boxes and buttons are put back with a click; what was typed is not. */
const typedIn = (sheet: HTMLElement): boolean =>
  [...sheet.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")].some(
    ({ type, value }) => !["checkbox", "radio"].includes(type) && value !== "",
  );
