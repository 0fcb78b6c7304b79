import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

/**
 * Whether a host is to be reached without a proxy. Loopback always is. Entries are parted by commas or spaces:
 * `*`, or a name with all names under it (`example.com`, `.example.com` and `*.example.com` mean the same), or an
 * address; with `:PORT` for that port only.
 */
export const bypassesProxy = (host: string, port: number, entries: string): boolean => {
  const name = bare(host.toLowerCase());
  return (
    isLoopback(name) ||
    entries
      .toLowerCase()
      .split(/[\s,]+/u)
      .some((entry) => entry !== "" && matches(name, port, entry))
  );
};

const matches = (name: string, port: number, entry: string): boolean => {
  if (entry === "*") return true;
  const parted = /^(\[[^\]]+\]|[^:]+):(\d+)$/u.exec(entry);
  if (parted !== null && Number(parted[2]) !== port) return false;
  const wanted = bare(parted?.[1] ?? entry).replace(/^\*?\./u, "");
  return name === wanted || (isIP(name) === 0 && name.endsWith(`.${wanted}`));
};

/** Without the brackets of an IPv6 address or the dot that may end a name. */
const bare = (host: string): string => host.replace(/^\[|\]$|\.$/gu, "");

const isLoopback = (name: string): boolean => {
  const family = isIP(name);
  if (family === 0) return name === "localhost" || name.endsWith(".localhost");
  return loopback.check(name, family === 6 ? "ipv6" : "ipv4");
};
