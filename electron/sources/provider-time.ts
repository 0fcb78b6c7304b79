import type { Instant } from "../core/time.ts";

/** A `Date` header is cut to whole seconds: half of one is the best guess at what is missing. */
const headerCutMs = 500;

/** Less is no clock that is wrong, but the network and the cut of the header. */
const negligibleMs = 2_000;

/**
 * How far a host's clock is ahead of ours by the `Date` header of its reply, in milliseconds; 0 where that is nothing.
 * Undefined where the header is missing or no date.
 */
export const offsetMsOf = (
  date: string | undefined,
  sentAt: Instant,
  receivedAt: Instant,
): number | undefined => {
  const said = Date.parse(date ?? "");
  if (Number.isNaN(said)) return undefined;
  const offsetMs = Math.round(said + headerCutMs - (sentAt + receivedAt) / 2);
  return Math.abs(offsetMs) < negligibleMs ? 0 : offsetMs;
};

/** How far the clocks of hosts are ahead of ours, learnt from the `Date` headers of their replies. */
export class ProviderTime {
  readonly #offsets = new Map<string, number>();

  /** Notes what a reply says. A header that is missing or no date says nothing. */
  note(host: string, date: string | undefined, sentAt: Instant, receivedAt: Instant): void {
    const offsetMs = offsetMsOf(date, sentAt, receivedAt);
    if (offsetMs === undefined) return;
    // Taken out first, so that the host heard last stands last.
    this.#offsets.delete(host);
    this.#offsets.set(host, offsetMs);
  }

  /** The offset of the region's host that was heard last, in milliseconds; 0 where none was. */
  offsetMs(region: string): number {
    let last = 0;
    for (const [host, offsetMs] of this.#offsets) {
      if (host.split(".").includes(region)) last = offsetMs;
    }
    return last;
  }
}
