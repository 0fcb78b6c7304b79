import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** So many of a long list are drawn at first: more than a screen holds, and at once. */
const firstOnes = 100;

/** So many more each time that the reader comes near the end of what is drawn. */
const furtherOnes = 200;

/** How near that is. */
const nearEnd = "800px";

/** How many of a list of this length are to be drawn, and where what stands behind them puts itself. */
export const useGrowing = (length: number): readonly [number, Ref<HTMLDivElement>] => {
  const [most, setMost] = useState(firstOnes);
  const end = useRef<HTMLDivElement>(null);
  const hasMore = length > most;
  useEffect(() => {
    if (!hasMore || end.current === null) return undefined;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) setMost(most + furtherOnes);
      },
      { rootMargin: nearEnd },
    );
    observer.observe(end.current);
    return () => {
      observer.disconnect();
    };
  }, [most, hasMore]);
  return [Math.min(most, length), end];
};
