import type { JSX } from "preact";

/** What changes in a file: what goes and what comes is told apart without colour, by the signs before the lines. */
export const Diff = ({
  lines,
  label,
}: {
  readonly lines: readonly string[];
  readonly label: string;
}): JSX.Element => (
  <pre class="diff" tabIndex={0} role="region" aria-label={label}>
    {lines.filter(isShown).map((line, index) => (
      <span key={index} class={kindOf(line)}>
        {`${line}\n`}
      </span>
    ))}
  </pre>
);

/** The file is named beside it, and places in it help nobody here. */
const isShown = (line: string): boolean => !/^(?:---|\+\+\+|@@) /.test(line);

const kindOf = (line: string): string => {
  if (line.startsWith("+")) return "comes";
  return line.startsWith("-") ? "goes" : "stays";
};

/** The file that a diff is of. */
export const fileOf = (lines: readonly string[]): string =>
  lines
    .slice(0, 2)
    .map((line) => line.slice(4))
    .find((name) => name !== "/dev/null") ?? "";
