import { BlockList, isIP } from "node:net";

/**
 * Whether a host is to be reached without a proxy. Loopback always is. Entries are parted by commas, semicolons or
 * spaces, in small or capital letters: `*`; a name with all names under it (`example.com`, `.example.com` and
 * `*.example.com` mean the same); an address, or a network of them (`10.0.0.0/8`); `<local>` for names without a dot.
 * With `:PORT` for that port only. A scheme before it says nothing.
 */
export const bypassesProxy = (host: string, port: number, entries: string): boolean => {
  const name = bare(host.toLowerCase());
  return (
    isLoopback(name) ||
    entries
      .toLowerCase()
      .split(/[\s,;]+/u)
      .map((entry) => entry.replace(/^https?:\/\/|\/$/gu, ""))
      .some((entry) => entry !== "" && matches(name, port, entry))
  );
};

const matches = (name: string, port: number, entry: string): boolean => {
  if (entry === "*") return true;
  if (entry === "<local>") return isIP(name) === 0 && !name.includes(".");
  const parted = /^(\[[^\]]+\]|[^:]+):(\d+)$/u.exec(entry);
  if (parted !== null && Number(parted[2]) !== port) return false;
  const wanted = bare(parted?.[1] ?? entry).replace(/^\*?\./u, "");
  if (isIP(name) !== 0) return isWithin(name, wanted);
  return name === wanted || name.endsWith(`.${wanted}`);
};

/** Whether an address is this one, however that is written, or within this network (RFC 4632, 4291). */
const isWithin = (address: string, wanted: string): boolean => {
  const [, base = "", length] = /^\[?([^\]/]+)\]?(?:\/(\d+))?$/u.exec(wanted) ?? [];
  // Else an IPv4 address would count as the IPv6 one that stands for it.
  if (isIP(base) === 0 || isIP(base) !== isIP(address)) return false;
  const [family, bits] = isIP(base) === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  const prefix = Number(length ?? bits);
  if (prefix > bits) return false;
  const network = new BlockList();
  network.addSubnet(base, prefix, family);
  return network.check(address, family);
};

/** Without the brackets of an IPv6 address or the dot that may end a name. */
const bare = (host: string): string => host.replace(/^\[|\]$|\.$/gu, "");

const isLoopback = (name: string): boolean =>
  isIP(name) === 0
    ? name === "localhost" || name.endsWith(".localhost")
    : isWithin(name, "127.0.0.0/8") || isWithin(name, "::1");
