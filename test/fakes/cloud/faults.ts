import { fits, selects } from "./selection.ts";
import type { Selectable, Selection } from "./selection.ts";

/** What goes wrong with a request that reached its host. */
export type RequestFault =
  /** Answered so; the request has no effect. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A captive portal's page instead of an answer; the request has no effect. */
  | { readonly kind: "html"; readonly status?: number }
  /** 200 and a body that is no JSON; the request has no effect. */
  | { readonly kind: "not-json" }
  /** The connection ends before an answer; the request has no effect. */
  | { readonly kind: "reset" }
  /** The request takes effect, then the connection ends without an answer. */
  | { readonly kind: "lose-reply" }
  /** The request takes effect, then the connection ends in the middle of the answer. */
  | { readonly kind: "truncate" }
  /** Held until the fault is removed; then it takes effect and is answered. */
  | { readonly kind: "hang" }
  /** Held for `delayMs` of real time; then it takes effect and is answered. */
  | { readonly kind: "delay"; readonly delayMs: number };

/** What goes wrong at the proxy. Adding one also cuts the open tunnels to the hosts it selects. */
export type TunnelFault =
  /** CONNECT is answered 502. */
  | { readonly kind: "unreachable" }
  /** CONNECT is answered 407 unless it brings these basic credentials. */
  | { readonly kind: "proxy-authentication"; readonly user: string; readonly password: string };

/** A fault, the requests it strikes, and how often (`times`; left out: always). A tunnel fault looks at `host` only. */
export type Fault = Selection & { readonly times?: number } & (RequestFault | TunnelFault);

/** Takes the fault away again; `hits` says how often it struck. */
export interface FaultHandle {
  readonly hits: number;
  remove(): void;
}

/** A request fault that strikes now; `removed` resolves when the fault is taken away. */
export interface Strike {
  readonly effect: RequestFault;
  readonly removed: Promise<void>;
}

/** How the proxy answers CONNECT. */
export type TunnelVerdict = "open" | "unreachable" | "authenticate";

class ActiveFault implements FaultHandle {
  hits = 0;
  readonly fault: Fault;
  readonly removed: Promise<void>;
  readonly #forget: () => void;
  #release: () => void = () => undefined;

  constructor(fault: Fault, forget: (fault: ActiveFault) => void) {
    this.fault = fault;
    this.removed = new Promise((resolve) => {
      this.#release = resolve;
    });
    this.#forget = () => {
      forget(this);
    };
  }

  get isSpent(): boolean {
    return this.hits >= (this.fault.times ?? Infinity);
  }

  remove(): void {
    this.#forget();
    this.#release();
  }
}

/** The faults in force. The first one added that fits a request strikes it, alone. */
export class Faults {
  #active: readonly ActiveFault[] = [];
  #cut: (isMeant: (host: string) => boolean) => void = () => undefined;

  /** Puts a fault in force. */
  add(fault: Fault): FaultHandle {
    const active = new ActiveFault(fault, (gone) => {
      this.#active = this.#active.filter((other) => other !== gone);
    });
    this.#active = [...this.#active, active];
    if (fault.kind === "unreachable" || fault.kind === "proxy-authentication") {
      this.#cut((host) => fits(fault.host, host));
    }
    return active;
  }

  /** Sets what cuts open tunnels when a tunnel fault is added. */
  onCut(cut: (isMeant: (host: string) => boolean) => void): void {
    this.#cut = cut;
  }

  /** The fault that strikes this request, if any; counts it. */
  strike(request: Selectable): Strike | undefined {
    for (const active of this.#active) {
      const { fault } = active;
      if (fault.kind === "unreachable" || fault.kind === "proxy-authentication") continue;
      if (active.isSpent || !selects(fault, request)) continue;
      active.hits += 1;
      return { effect: fault, removed: active.removed };
    }
    return undefined;
  }

  /** Judges a CONNECT to `host` that came with this Proxy-Authorization header. */
  judgeTunnel(host: string, authorization: string | undefined): TunnelVerdict {
    for (const active of this.#active) {
      const { fault } = active;
      if (active.isSpent || !fits(fault.host, host)) continue;
      if (fault.kind === "unreachable") {
        active.hits += 1;
        return "unreachable";
      }
      if (fault.kind !== "proxy-authentication") continue;
      const wanted = Buffer.from(`${fault.user}:${fault.password}`).toString("base64");
      if (authorization === `Basic ${wanted}`) continue;
      active.hits += 1;
      return "authenticate";
    }
    return "open";
  }
}
