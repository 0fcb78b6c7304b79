import { useEffect, useState } from "preact/hooks";

/** So many of a long list are drawn at first, and so many more with each frame. */
const portion = 20;

/** How many of so many things are to be drawn by now: the first are there at once, however many there are. */
export const useGrowing = (length: number): number => {
  const [count, setCount] = useState(portion);
  useEffect(() => {
    if (count >= length) return undefined;
    const frame = requestAnimationFrame(() => {
      setCount(count + portion);
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [count, length]);
  return Math.min(count, length);
};
