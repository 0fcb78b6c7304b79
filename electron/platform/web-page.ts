/** The address as the URL standard writes it, of what may be opened: a page on the web or on this computer. */
export const webPageOf = (text: string): string | undefined => {
  let url;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const local = url.protocol === "http:" && loopback.has(url.hostname);
  return url.protocol === "https:" || local ? url.href : undefined;
};

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
