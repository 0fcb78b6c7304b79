/** How a connection to a host is made. */
export interface NetworkWay {
  readonly kind: "direct" | "proxy";
  /** The proxy that leads there: `proxy.example.com:3128`. */
  readonly proxy: string | undefined;
  /**
   * Who says so: `network.proxy`, the name of a variable, `the system`, or the address of a PAC file. Undefined where
   * nobody says anything.
   */
  readonly saidBy: string | undefined;
}

/** What a request that says nothing of anybody has found out about the way to a host. */
export interface NetworkFacts {
  readonly way: NetworkWay;
  /** The name of whoever has issued the topmost certificate that the host shows. */
  readonly issuer: string | undefined;
  /** The HTTP status of its answer. That there is one is what counts. */
  readonly status: number;
  /** How far the host's clock is ahead of ours by its `Date` header, in milliseconds; undefined without one. */
  readonly offsetMs: number | undefined;
}

/** Looks at the network as everything of ours sees it. */
export interface NetworkProbe {
  /**
   * Asks an https address for its head, over a connection of its own. Nothing of the user's is sent. Rejects with what
   * is in the way, `unreachable`, `proxy-refused`, `tls-failed` or `config-invalid`; with `timed-out`; or with the
   * signal's reason.
   */
  probe(url: URL, signal: AbortSignal): Promise<NetworkFacts>;
}
