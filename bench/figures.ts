/** A promise of this project about its own speed, as it stands in this run. */
export interface Budget {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  /** Undefined: not measured in this run; `measured` says how it can be. */
  readonly holds: boolean | undefined;
  /** By how much it fails, and what takes it. */
  readonly why?: string;
}

/** Figures that belong together. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How they were got, and what is to be known of them. */
  readonly note: string;
}

/** What one part of the bench has found. */
export interface Findings {
  readonly budgets: readonly Budget[];
  readonly tables: readonly Table[];
}

/** How thorough a run is. */
export interface Effort {
  readonly quick: boolean;
}

const sorted = (numbers: readonly number[]): readonly number[] =>
  [...numbers].sort((a, b) => a - b);

/** The smallest of the numbers that this share of them does not exceed. */
export const percentile = (numbers: readonly number[], share: number): number =>
  sorted(numbers)[Math.max(0, Math.ceil(share * numbers.length) - 1)] ?? Number.NaN;

export const median = (numbers: readonly number[]): number => {
  const all = sorted(numbers);
  const [low, high] = [all[(all.length - 1) >> 1], all[all.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
};

/** How far the parts of a run lie apart, measured by their median. */
export const spread = (parts: readonly number[]): string =>
  percent((Math.max(...parts) - Math.min(...parts)) / median(parts));

export const percent = (share: number): string =>
  `${(share * 100).toFixed(share < 0.01 ? 2 : 0)} %`;

/** A number with three digits that count. */
export const short = (value: number): string => {
  if (!Number.isFinite(value)) return "–";
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 3))).toLocaleString("en-US", {
    maximumFractionDigits: 3,
  });
};

export const ms = (value: number): string => `${short(value)} ms`;
export const times = (value: number): string => `${short(value)} ×`;
export const mib = (bytes: number): string => `${short(bytes / (1 << 20))} MiB`;

/** A budget that is kept while the number is no larger. */
export const atMost = (
  what: string,
  { value, most, show, because }: Limit & { readonly most: number },
): Budget => ({
  what,
  measured: show(value),
  budget: `≤ ${show(most)}`,
  holds: value <= most,
  ...(value <= most ? {} : { why: `fails by ${percent(value / most - 1)}: ${because}` }),
});

/** A budget that is kept while the number is no smaller. */
export const atLeast = (
  what: string,
  { value, least, show, because }: Limit & { readonly least: number },
): Budget => ({
  what,
  measured: show(value),
  budget: `≥ ${show(least)}`,
  holds: value >= least,
  ...(value >= least ? {} : { why: `fails by ${percent(1 - value / least)}: ${because}` }),
});

interface Limit {
  readonly value: number;
  readonly show: (value: number) => string;
  /** What takes the time or room, for whoever reads that it fails. */
  readonly because: string;
}
