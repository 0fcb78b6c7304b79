/** The address of an HTTP proxy, with or without its scheme; undefined where it is none. */
export const parseProxy = (text: string): URL | undefined => {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    return /^https?:$/u.test(url.protocol) && url.hostname !== "" ? url : undefined;
  } catch {
    return undefined;
  }
};

/** Whether an address is that of a SOCKS proxy, as curl and others write it: `socks5h://host:1080`. */
export const isSocks = (text: string): boolean => /^socks[45]?[ah]?:\/\//iu.test(text);
