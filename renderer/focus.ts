/** The `ref` of what Enter should do: when it comes up it takes the focus, if nothing else has it. */
export const focusIfFree = (element: HTMLElement | null): void => {
  if (element === null) return;
  const { activeElement, body } = element.ownerDocument;
  if (activeElement === null || activeElement === body) element.focus();
};
