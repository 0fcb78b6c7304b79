import { EvercredError } from "../core/errors.ts";
import { type Form, forms } from "./shell-quoting.ts";
import type { Flag, Parsed } from "./verb.ts";

/** The flag of every verb that prints variables. */
export const formatFlag: Flag = {
  value: "FORMAT",
  summary: `${Object.keys(forms).join(", ")}; bash is the usual one`,
};

/** The form that `--format` names. Throws `usage` where there is none of that name. */
export const formOf = (parsed: Parsed): Form => {
  const name = parsed.value("format") ?? "bash";
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
  if (form !== undefined) return form;
  throw new EvercredError("usage", `There is no format ${name}.`, {
    remedy: `There are ${Object.keys(forms).join(", ")}.`,
  });
};
