import { EvercredError } from "../core/errors.ts";
import { type AwsSection, awsSectionsIn, loopFrom } from "./aws-setup-sections.ts";
import { textChange } from "./tool-change.ts";
import { readToolFile } from "./tool-file.ts";
import type { ToolChange } from "./tool-settings.ts";

export interface AwsSetupOptions {
  readonly configFile: string;
  readonly credentialsFile: string;
}

/** A profile whose keys a program of ours prints. */
export interface ProcessProfile {
  readonly name: string;
  /** The command line, as the AWS tools take it. */
  readonly command: string;
  readonly region: string | undefined;
}

/** The AWS CLI's configuration, as far as such profiles stand in it. All else in it stays as it is. */
export interface AwsSetup {
  /** Throws `usage` where the name is taken, or would ask for itself; `config-invalid` where the file cannot be edited. */
  set(profile: ProcessProfile): ToolChange;
  /** Undefined where no such profile stands there in our words. */
  undo(name: string): ToolChange | undefined;
  /** The profiles that stand there in our words. Throws `config-invalid` where the file cannot be read. */
  names(): readonly string[];
}

export const openAwsSetup = ({ configFile, credentialsFile }: AwsSetupOptions): AwsSetup => ({
  set: (profile) => {
    const file = readToolFile(configFile);
    const text = file.text ?? "";
    const sections = awsSectionsIn(text);
    checkKeys(profile.name, credentialsFile);
    const loop = loopFrom(profile, sections);
    if (loop !== undefined) {
      throw refused(`Profile ${profile.name} would ask for itself: ${loop.join(" -> ")}.`);
    }
    const there = sections.find(({ name }) => name === profile.name);
    if (there === undefined) {
      return textChange(file, text + addition(text, profile), "added", valuesOf(profile));
    }
    checkOurs(there);
    const next = text.slice(0, there.from) + written(text, profile) + text.slice(there.to);
    return textChange(file, next, "added", [...valuesOf(profile), ...there.settings.values()]);
  },
  undo: (name) => {
    const file = readToolFile(configFile);
    const text = file.text ?? "";
    const there = awsSectionsIn(text).find((each) => each.name === name);
    if (there === undefined || !isOurs(there)) return undefined;
    const before = text.slice(0, there.from).replace(/(\r?\n)\r?\n$/, "$1");
    const next = before + text.slice(there.to);
    return textChange(file, next, "taken-out", [...there.settings.values()]);
  },
  names: () => {
    const { text = "" } = readToolFile(configFile);
    return awsSectionsIn(text)
      .filter(isOurs)
      .map(({ name }) => name);
  },
});

/** Keys of its own win over a program, in every AWS tool. */
const checkKeys = (name: string, credentialsFile: string): void => {
  const { text = "" } = readToolFile(credentialsFile);
  const found = awsSectionsIn(text).find((each) => each.name === name);
  if (found?.settings.has("aws_access_key_id") !== true) return;
  throw refused(`Profile ${name} has keys of its own in ${credentialsFile}, and they would win.`);
};

const isOurs = ({ settings }: AwsSection): boolean =>
  /evercred(?:\.exe)?["']? aws process --profile /.test(settings.get("credential_process") ?? "") &&
  [...settings.keys()].every((key) => key === "credential_process" || key === "region");

const checkOurs = (section: AwsSection): void => {
  if (isOurs(section)) return;
  const { name, settings } = section;
  const sso = [...settings.keys()].find((key) => key.startsWith("sso_"));
  throw refused(
    sso === undefined
      ? `Profile ${name} is something else already, on line ${section.line}.`
      : `Profile ${name} has ${sso} on line ${section.line}: beside a credential_process each AWS tool takes another one.`,
  );
};

const refused = (sentence: string): EvercredError =>
  new EvercredError("usage", sentence, {
    remedy: "Choose another --name: nothing has been changed.",
  });

const valuesOf = ({ command, region }: ProcessProfile): readonly string[] =>
  region === undefined ? [command] : [command, region];

/** The section as it stands in the file, with the line ends of the text. */
const written = (text: string, { name, command, region }: ProcessProfile): string => {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const header = name === "default" ? "default" : `profile ${name}`;
  const lines = [
    `[${header}]`,
    `credential_process = ${command}`,
    ...(region === undefined ? [] : [`region = ${region}`]),
  ];
  return lines.map((line) => line + lineEnd).join("");
};

/** An empty line parts it from what stands before it. */
const addition = (text: string, profile: ProcessProfile): string => {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text === "" ? "" : text.endsWith("\n") ? lineEnd : lineEnd + lineEnd;
  return gap + written(text, profile);
};
