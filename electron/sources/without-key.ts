/** A part of a key that is shorter gives nothing away. */
const leastPart = 6;

/**
 * A text without the key, and without any longer part of it that a gateway may quote, in whatever case: names of hosts
 * are in small letters, and some programs quote headers in capitals.
 */
export const withoutKey = (text: string, key: string): string => {
  const sought = key.toLowerCase();
  const least = Math.min(leastPart, key.length);
  let masked = "";
  for (let at = 0; at < text.length;) {
    let end = at;
    while (end < text.length && sought.includes(text.slice(at, end + 1).toLowerCase())) end += 1;
    const isPart = end - at >= least;
    masked += isPart ? "…" : text.charAt(at);
    at = isPart ? end : at + 1;
  }
  return masked;
};
