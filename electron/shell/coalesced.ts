/** Changes that come so close together are drawn once, in milliseconds. */
const togetherMs = 40;

/** A function that runs `work` once, shortly after the first of any number of calls. */
export const coalesced = (work: () => void): (() => void) => {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      work();
    }, togetherMs).unref();
  };
};
