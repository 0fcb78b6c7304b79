/** A profile in the AWS CLI's configuration. */
export interface AwsSection {
  readonly name: string;
  /** Of its header, from 1. */
  readonly line: number;
  /** Where it begins in the text, and where its last line that says something ends. */
  readonly from: number;
  readonly to: number;
  readonly settings: ReadonlyMap<string, string>;
}

/** The profiles of a text, in its order. Of several of one name each is there. */
export const awsSectionsIn = (text: string): readonly AwsSection[] => {
  const sections: (AwsSection & { to: number; settings: Map<string, string> })[] = [];
  let from = 0;
  let isProfile = false;
  for (const [index, line] of text.split(/(?<=\n)/).entries()) {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim();
    const to = from + line.length;
    if (header !== undefined) {
      const [, type, named] =
        /^(?:(profile|sso-session|services)\s+)?(?:"|')?(.*?)(?:"|')?$/.exec(header) ?? [];
      isProfile = type === undefined || type === "profile";
      if (isProfile) {
        sections.push({ name: named ?? "", line: index + 1, from, to, settings: new Map() });
      }
    }
    const current = isProfile ? sections.at(-1) : undefined;
    const [, key, value] = /^([^\s#;=[][^=]*)=([^]*)$/.exec(line) ?? [];
    if (current !== undefined && key !== undefined && value !== undefined) {
      current.settings.set(key.trimEnd().toLowerCase(), value.trim());
    }
    if (current !== undefined && line.trim() !== "" && !/^\s*[#;]/.test(line)) current.to = to;
    from = to;
  }
  return sections;
};

/** The names by which a profile would come to ask for itself; undefined where it does not. */
export const loopFrom = (
  profile: { readonly name: string; readonly command: string },
  sections: readonly AwsSection[],
): readonly string[] | undefined => {
  const path = [profile.name];
  let next = askedBy(profile.command);
  while (next !== undefined) {
    path.push(next);
    if (next === profile.name) return path;
    if (path.indexOf(next) < path.length - 1) return undefined;
    const settings = sections.find(({ name }) => name === next)?.settings;
    next = settings?.get("source_profile") ?? askedBy(settings?.get("credential_process") ?? "");
  }
  return undefined;
};

/** The profile that a command line asks Evercred for. */
const askedBy = (command: string): string | undefined =>
  /evercred(?:\.exe)?["']? aws (?:process|export) --profile[ =](["']?)(.+?)\1(?:\s|$)/.exec(
    command,
  )?.[2];
