/** A version of Evercred as https://semver.org/ orders them, taken apart. */
interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  /** Empty for a release. */
  readonly before: readonly string[];
}

const pattern =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?$/;

const parsed = (text: string): Version | undefined => {
  const [, major, minor, patch, before] = pattern.exec(text) ?? [];
  if (major === undefined) return undefined;
  const numbers = [Number(major), Number(minor), Number(patch)] as const;
  return { numbers, before: before?.split(".") ?? [] };
};

/** Whether a text is a version, without anything that does not count for the order. */
export const isVersion = (text: string): boolean => parsed(text) !== undefined;

/** Whether a version comes before the release of its number. */
export const isPreRelease = (text: string): boolean => (parsed(text)?.before.length ?? 0) > 0;

/** Below 0 where `a` comes before `b`, above 0 where it comes after. What is no version comes before all. */
export const compareVersions = (a: string, b: string): number => {
  const [first, second] = [parsed(a), parsed(b)];
  if (first === undefined || second === undefined) {
    return Number(first !== undefined) - Number(second !== undefined);
  }
  const places = [0, 1, 2] as const;
  const differences = places.map((place) => first.numbers[place] - second.numbers[place]);
  const difference = differences.find((each) => each !== 0);
  return difference ?? compareBefore(first.before, second.before);
};

/** Numbers come before words, fewer parts before more, and all of them before a release. */
const compareBefore = (a: readonly string[], b: readonly string[]): number => {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (const [place, part] of a.entries()) {
    const other = b[place];
    if (other === undefined) return 1;
    if (part === other) continue;
    const [isNumber, otherIsNumber] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (isNumber && otherIsNumber) return Number(part) - Number(other);
    if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
};
