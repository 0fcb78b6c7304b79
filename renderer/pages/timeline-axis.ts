/** A full hour of the day, and whether it is named. */
export interface Tick {
  readonly at: number;
  readonly isNamed: boolean;
}

/** Every time zone is a whole number of these away from UTC, in milliseconds. */
const stepMs = 15 * 60_000;

/** So many hours of the wall clock are between two lines, and between two that are named. */
const everyHours = 3;
const namedHours = 6;

/** The hours of the wall clock within this time: a day may have 23 of them, or 25. */
export const ticksOf = (from: number, to: number): readonly Tick[] => {
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) {
    const date = new Date(at);
    const hour = date.getHours();
    if (date.getMinutes() !== 0 || hour % everyHours !== 0) continue;
    ticks.push({ at, isNamed: hour % namedHours === 0 });
  }
  return ticks;
};

/** Where an instant stands between two others, from 0 to 100; what is outside stands at the edge. */
export const placeOf = (
  at: number,
  { from, to }: { readonly from: number; readonly to: number },
): number => (Math.min(Math.max(at, from), to) - from) / ((to - from) / 100);

/** A place as SVG takes it. */
export const percent = (place: number): string => `${place.toFixed(2)}%`;
