/** The candidate that was most likely meant by `word`; undefined where none is close. */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.ceil(word.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
};

const editDistance = (a: string, b: string): number => {
  const letters = Array.from(b);
  let ofNothing = 0;
  let row = letters.map((_, j) => j + 1);
  for (const letter of a) {
    let diagonal = ofNothing;
    ofNothing += 1;
    let left = ofNothing;
    row = row.map((above, j) => {
      const replaced = diagonal + (letter === letters[j] ? 0 : 1);
      diagonal = above;
      left = Math.min(replaced, above + 1, left + 1);
      return left;
    });
  }
  return row.at(-1) ?? ofNothing;
};
