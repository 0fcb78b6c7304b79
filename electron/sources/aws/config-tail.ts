/** A section to be written: `profile dev`, and settings in their order. */
export interface NewSection {
  readonly header: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
}

/** Names of sections that every AWS tool takes, without quotes (AWS SDK for JavaScript, `parseIni`). */
const nameForm = /^[\w.@+%:/][\w.@+%:/-]{0,127}$/;

/** Whether every AWS tool takes a profile or an sso-session of this name. */
export const isSectionName = (name: string): boolean => nameForm.test(name) && name !== "__proto__";

/** What has to follow `text` so that these sections stand at the end of it; its own line ends are kept. */
export const tailOf = (text: string, sections: readonly NewSection[]): string => {
  const end = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
  const blocks = sections.map(({ header, settings }) =>
    [`[${header}]`, ...settings.map(([name, value]) => `${name} = ${value}`), ""].join(end),
  );
  return blocks.length === 0 ? "" : gapAfter(text, end) + blocks.join(end);
};

/** What is missing at the end of `text` for an empty line to be there. */
const gapAfter = (text: string, end: string): string => {
  const [last = "", before = ""] = text.split(/\r\n|\n|\r/).reverse();
  const isEmpty = (line: string): boolean => line.trim() === "";
  if (last !== "") return isEmpty(last) ? end : end + end;
  return isEmpty(before) ? "" : end;
};
