/**
 * The schemes in a `WWW-Authenticate` or `Proxy-Authenticate` header: a list of challenges, each a scheme with its
 * parameters, which are parted by commas too (RFC 9110, 11.3 and 11.6.1).
 */
export const schemesIn = (header: string): readonly string[] => {
  const parts = header.match(/(?:"(?:[^"\\]|\\.)*"|[^",\r\n])+/g) ?? [];
  const schemes = parts.flatMap((part) => {
    const [, word, next] = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*(=?)/.exec(part) ?? [];
    return word === undefined || next === "=" ? [] : [word];
  });
  return [...new Set(schemes)];
};
