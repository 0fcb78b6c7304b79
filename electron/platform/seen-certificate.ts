import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { printable } from "./printable.ts";

/** A certificate that a host has shown, as far as people can use it. Whatever stands in it is anybody's word. */
export interface SeenCertificate {
  /** The names that it is for. */
  readonly hosts: readonly string[];
  /** Whoever has issued the topmost of those that were shown. */
  readonly issuer: string;
  /** Whether the first one is issued by itself. */
  readonly isOwn: boolean;
  /** The first and the last moment at which all of them are good, in ms since the epoch. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** The certificate at the other end of a connection; undefined where none was shown. */
export const certificateOn = (socket: TLSSocket): SeenCertificate | undefined => {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [first] = chain;
  const last = chain.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return {
    hosts: hostsOf(first),
    issuer: nameOf(last.issuer) ?? "nobody",
    isOwn:
      first.fingerprint256 === last.fingerprint256 && nameOf(last.issuer) === nameOf(last.subject),
    startsAt: Math.max(...chain.map(({ valid_from }) => Date.parse(valid_from))),
    endsAt: Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to))),
  };
};

/** One that is its own issuer leads to itself; one whose issuer was not shown may lead nowhere. */
const chainOf = (first: DetailedPeerCertificate): readonly DetailedPeerCertificate[] => {
  const chain: DetailedPeerCertificate[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = first;
  while (isWhole(next) && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
};

/** Node gives an empty object for a certificate that there is not. */
const isWhole = (
  each: Partial<DetailedPeerCertificate> | undefined,
): each is DetailedPeerCertificate => each?.issuer !== undefined;

const nameOf = ({ CN, O }: Partial<DetailedPeerCertificate["issuer"]>): string | undefined => {
  const name = [CN, O].flat().find((each) => each !== undefined && each !== "");
  return name === undefined ? undefined : printable(name);
};

const hostsOf = ({ subjectaltname = "" }: DetailedPeerCertificate): readonly string[] =>
  subjectaltname.split(/, ?/u).flatMap((each) => {
    const [, host] = /^(?:DNS|IP Address):(.+)$/u.exec(each) ?? [];
    return host === undefined ? [] : [printable(host)];
  });
