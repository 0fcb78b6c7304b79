/** Chance that is the same at each run: numbers from 0 up to, but not including, 1 (mulberry32). */
export const chanceOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A bell around `mean`, cut off at three times its width. */
export const around = (chance: () => number, mean: number, width: number): number => {
  const bell = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
  return mean + width * Math.max(-3, Math.min(3, bell));
};

/** Evenly between the two. */
export const between = (chance: () => number, from: number, to: number): number =>
  from + (to - from) * chance();

/** How long until the next of something that comes by chance, every `mean` on the average. */
export const gap = (chance: () => number, mean: number): number => -mean * Math.log(1 - chance());
