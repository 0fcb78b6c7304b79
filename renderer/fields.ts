/** What stands in the field of this name. */
export const textOf = (elements: HTMLFormControlsCollection, name: string): string => {
  const field = elements.namedItem(name);
  return field instanceof HTMLInputElement || field instanceof HTMLSelectElement
    ? field.value.trim()
    : "";
};
