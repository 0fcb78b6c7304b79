import type { Clock } from "./clock.ts";
import { Fields } from "./fields.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { refuseOidc } from "./oidc-errors.ts";
import { opaque, spell } from "./opaque.ts";
import { plainStartUrl } from "./organisation.ts";
import type { Organisation } from "./organisation.ts";
import { partitionOf } from "./partition.ts";
import { grantTypes } from "./registrations.ts";
import type { Client, Registrations } from "./registrations.ts";
import type { SignIn } from "./tokens.ts";

type Decision =
  | { readonly kind: "open" }
  | { readonly kind: "denied" }
  | { readonly kind: "approved"; readonly signIn: SignIn }
  | { readonly kind: "redeemed" };

/** A request for a device to be signed in, as the verification page shows it. */
export interface DeviceRequest {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly client: Client;
  readonly organisation: Organisation;
  readonly expiresAt: number;
}

interface Pending extends DeviceRequest {
  decision: Decision;
  polledAt: number;
}

// Timers of clients may be a little early.
const pollToleranceMs = 50;

/** The device authorization grant of one region (RFC 8628). */
export class DeviceFlow {
  readonly #region: string;
  readonly #clock: Clock;
  readonly #lifetimes: Lifetimes;
  #requests: readonly Pending[] = [];

  constructor(region: string, clock: Clock, lifetimes: Lifetimes) {
    this.#region = region;
    this.#clock = clock;
    this.#lifetimes = lifetimes;
  }

  /** StartDeviceAuthorization. */
  start(
    body: string,
    registrations: Registrations,
    organisations: ReadonlyMap<string, Organisation>,
  ): unknown {
    const fields = new Fields(body);
    fields.allow(["clientId", "clientSecret", "startUrl"]);
    const client = registrations.authenticate(fields);
    if (!client.grantTypes.includes(grantTypes.device)) {
      throw refuseOidc("unauthorized_client", "The client may not use the device flow.");
    }
    const organisation = organisations.get(plainStartUrl(fields.text("startUrl")));
    if (organisation === undefined) throw refuseOidc("invalid_request", "Invalid start URL.");
    const letters = "BCDFGHJKLMNPQRSTVWXZ";
    const userCode = `${spell(letters, 4)}-${spell(letters, 4)}`;
    const deviceCode = opaque(86);
    const { deviceCodeMs, deviceIntervalMs } = this.#lifetimes;
    const request: Pending = {
      deviceCode,
      userCode,
      client,
      organisation,
      expiresAt: this.#clock.now() + deviceCodeMs,
      decision: { kind: "open" },
      polledAt: -Infinity,
    };
    this.#requests = [...this.#requests, request];
    const verificationUri = `https://device.sso.${this.#region}.${partitionOf(this.#region).suffix}/`;
    return {
      deviceCode,
      userCode,
      verificationUri,
      verificationUriComplete: `${verificationUri}?user_code=${userCode}`,
      expiresIn: Math.floor(deviceCodeMs / 1000),
      interval: Math.max(1, Math.ceil(deviceIntervalMs / 1000)),
    };
  }

  /** The undecided, unexpired request of this user code. */
  find(userCode: string): DeviceRequest | undefined {
    return this.#findOpen(userCode);
  }

  /** The person's answer; false when there is nothing (any more) to decide. */
  decide(userCode: string, user: string | undefined): boolean {
    const request = this.#findOpen(userCode);
    if (request === undefined) return false;
    const { organisation } = request;
    request.decision =
      user === undefined
        ? { kind: "denied" }
        : { kind: "approved", signIn: { organisation, session: organisation.signIn(user) } };
    return true;
  }

  /** Redeems a device code, once. Throws what a client that polls is told. */
  redeem(deviceCode: string, client: Client): SignIn {
    const request = this.#requests.find((other) => other.deviceCode === deviceCode);
    if (request?.client !== client || request.decision.kind === "redeemed") {
      throw refuseOidc("invalid_grant", "Invalid device code provided");
    }
    const now = this.#clock.now();
    if (now >= request.expiresAt) throw refuseOidc("expired_token", "Device code has expired.");
    if (request.decision.kind === "denied") {
      throw refuseOidc("access_denied", "The person denied the request.");
    }
    if (request.decision.kind === "open") {
      const nextAt = request.polledAt + this.#lifetimes.deviceIntervalMs - pollToleranceMs;
      request.polledAt = now;
      if (now < nextAt) throw refuseOidc("slow_down", "Polled too fast.");
      throw refuseOidc("authorization_pending", "Authorization is pending.");
    }
    const { signIn } = request.decision;
    request.decision = { kind: "redeemed" };
    return signIn;
  }

  #findOpen(userCode: string): Pending | undefined {
    return this.#requests.find(
      (request) =>
        request.userCode === userCode &&
        request.decision.kind === "open" &&
        this.#clock.now() < request.expiresAt,
    );
  }
}
