const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a duration looks like in the configuration: `90s`, `15m`, `8h`, `30d`. */
export const durationPattern = /^\d{1,6}[smhd]$/u;

/** The milliseconds of a text that matches `durationPattern`. */
export const durationMs = (text: string): number => {
  const unit = text.slice(-1);
  const factor = unit === "s" || unit === "m" || unit === "h" ? unitMs[unit] : unitMs.d;
  return Number(text.slice(0, -1)) * factor;
};

/** Milliseconds as the configuration would have them, in the longest unit that is exact; whole seconds at the least. */
export const durationText = (ms: number): string => {
  const units = ["d", "h", "m"] as const;
  const unit = units.find((each) => ms % unitMs[each] === 0) ?? "s";
  return `${ms / unitMs[unit]}${unit}`;
};

/** The epoch milliseconds of an instant, or of the last one of a day here. */
export const instantMs = (text: string): number => {
  const isDay = /^\d{4}-\d{2}-\d{2}$/u.test(text);
  // Without a zone it is local time (ECMA-262, 21.4.1.32).
  return Date.parse(isDay ? `${text}T23:59:59.999` : text);
};

/** `~/` at the beginning and `${HOME}` anywhere stand for the home directory. */
export const expandHome = (text: string, home: string): string =>
  text.replace(/^~(?=[/\\])/u, () => home).replaceAll("${HOME}", () => home);
