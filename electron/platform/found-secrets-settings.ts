import { type FoundSecret, movable } from "./found-secret.ts";
import { foundText } from "./found-secrets-lines.ts";
import { isProxyVariable, passwordIn } from "./found-secrets-proxy.ts";
import { checkToolText } from "./tool-file.ts";
import { insideOf, type ToolForm, toolLineAt } from "./tool-form.ts";
import { replaceInTool, type ToolSettingsOptions } from "./tool-settings.ts";

/** A file of settings in which variables stand, all under one name. */
export interface VariableFile extends ToolSettingsOptions {
  /** The setting that holds them. */
  readonly holder: string;
  /** Whether it is an administrator's, whoever may write it. */
  readonly isManaged: boolean;
}

/** The variables that a file of settings sets; none where it cannot be read. */
export const variablesIn = ({
  file,
  form,
  holder,
}: Pick<VariableFile, "file" | "form" | "holder">): Readonly<Record<string, string>> => {
  const text = validText(file, form)?.text;
  return text === undefined ? {} : insideOf(text, holder, form);
};

/** The secrets among them: variables of these names, and proxies with a password. */
export const secretsInSettings = (
  tool: VariableFile,
  secretNames: ReadonlySet<string>,
): readonly FoundSecret[] => {
  const { file, form, holder } = tool;
  const found = validText(file, form);
  if (found === undefined) return [];
  const isOurs = found.isOurs && !tool.isManaged;
  return Object.entries(insideOf(found.text, holder, form)).flatMap(
    ([name, value]): readonly FoundSecret[] => {
      const path = [holder, name];
      // Editors fill in `${env:NAME}`.
      const isComputed = value.includes("${");
      const line = toolLineAt(found.text, path, form);
      const base = { file, line, name, profile: undefined, isComputed };
      if (secretNames.has(name) && value !== "") {
        if (isComputed || !isOurs) return [{ ...base, movable: undefined }];
        const take = (): void => replaceInTool(tool, path, undefined);
        return [{ ...base, movable: movable(value, undefined, take) }];
      }
      const proxy = isProxyVariable(name) && !isComputed ? passwordIn(value) : undefined;
      if (proxy === undefined) return [];
      if (!isOurs) return [{ ...base, movable: undefined }];
      const { password, user, url } = proxy;
      const take = (): void => replaceInTool(tool, path, url);
      return [{ ...base, movable: movable(password, { url, user }, take) }];
    },
  );
};

/** A text whose settings can be told, without its byte order mark. */
const validText = (file: string, form: ToolForm): ReturnType<typeof foundText> => {
  const found = foundText(file);
  if (found === undefined) return undefined;
  const text = found.text.replace(/^\ufeff/, "");
  try {
    checkToolText(file, text, form);
    return { ...found, text };
  } catch {
    return undefined;
  }
};
