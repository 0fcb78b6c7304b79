import type { JSX } from "preact";
import type { SettingValue } from "../../electron/protocol/settings-view.ts";
import { useTyped } from "./use-typed.ts";

/** What every control of a setting is given. */
export interface ControlProps<Value> {
  /** That of the element that the label names. */
  readonly id: string;
  readonly value: Value | undefined;
  readonly isLocked: boolean;
  /** The ids of what is said about it. */
  readonly describedBy: string;
  /** A person has decided; undefined: for nothing of their own. */
  readonly onSet: (value: SettingValue | undefined) => void;
}

export interface ChoiceProps extends ControlProps<string> {
  /** What there is, and what it is called. */
  readonly options: readonly (readonly [string, string])[];
}

/** One of several. */
export const Choice = (props: ChoiceProps): JSX.Element => (
  <select
    id={props.id}
    value={props.value}
    disabled={props.isLocked}
    aria-describedby={props.describedBy}
    onChange={(event) => {
      props.onSet(event.currentTarget.value);
    }}
  >
    {props.options.map(([value, label]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
);

/** On or off. */
export const Switch = (props: ControlProps<boolean>): JSX.Element => (
  <input
    type="checkbox"
    role="switch"
    id={props.id}
    checked={props.value ?? false}
    disabled={props.isLocked}
    aria-describedby={props.describedBy}
    onChange={(event) => {
      props.onSet(event.currentTarget.checked);
    }}
  />
);

export interface LineProps extends ControlProps<string> {
  /** What stands there where nothing does. */
  readonly placeholder?: string;
}

/** A text of one line. It counts when it is left, or with Enter. */
export const Line = (props: LineProps): JSX.Element => {
  const [text, type] = useTyped(props.value ?? "");
  return (
    <input
      type="text"
      id={props.id}
      value={text}
      placeholder={props.placeholder}
      disabled={props.isLocked}
      autocomplete="off"
      spellcheck={false}
      aria-describedby={props.describedBy}
      onInput={(event) => {
        type(event.currentTarget.value);
      }}
      onChange={(event) => {
        const typed = event.currentTarget.value.trim();
        props.onSet(typed === "" ? undefined : typed);
      }}
    />
  );
};

/** Several texts, one a line. */
export const List = (props: ControlProps<readonly string[]>): JSX.Element => {
  const lines = props.value ?? [];
  const [text, type] = useTyped(lines.join("\n"));
  return (
    <textarea
      id={props.id}
      value={text}
      rows={Math.min(6, Math.max(2, text.split("\n").length))}
      disabled={props.isLocked}
      autocomplete="off"
      spellcheck={false}
      aria-describedby={props.describedBy}
      onInput={(event) => {
        type(event.currentTarget.value);
      }}
      onChange={(event) => {
        const typed = linesOf(event.currentTarget.value);
        props.onSet(typed.length === 0 ? undefined : typed);
      }}
    />
  );
};

/** The lines in which there is something. */
export const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
