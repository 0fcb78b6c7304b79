/** Which requests are meant. A string is equal, a RegExp is found; what is left out matches all. */
export interface Selection {
  readonly host?: string | RegExp;
  readonly path?: string | RegExp;
  readonly method?: string;
  readonly grantType?: string;
}

/** What a selection looks at. */
export interface Selectable {
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly grantType: string | undefined;
}

/** Whether a host or path is the wanted one. */
export function fits(wanted: string | RegExp | undefined, actual: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === "string" ? wanted === actual : actual.search(wanted) >= 0;
}

/** Whether a request is among the selected. */
export function selects(selection: Selection, request: Selectable): boolean {
  return (
    fits(selection.host, request.host) &&
    fits(selection.path, request.path) &&
    (selection.method === undefined || selection.method === request.method) &&
    (selection.grantType === undefined || selection.grantType === request.grantType)
  );
}
