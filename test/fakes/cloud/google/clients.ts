import { randomInt } from "node:crypto";
import { opaque, spell } from "../opaque.ts";

/** How an OAuth client is set up. */
export interface GoogleClientOptions {
  readonly id?: string;
  readonly secret?: string;
  readonly name?: string;
  /** A desktop client is led back to any port of this machine; a web client to its own addresses only. */
  readonly type?: "desktop" | "web";
  readonly redirectUris?: readonly string[];
  /** The only domain whose people may use it; left out: everybody. */
  readonly internalTo?: string;
  /** True: an administrator of the people's organisation does not trust it. */
  readonly isBlocked?: boolean;
}

/** An OAuth client of somebody's project. */
export interface GoogleClient {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly projectId: string;
  readonly type: "desktop" | "web";
  readonly redirectUris: readonly string[];
  readonly internalTo: string | undefined;
  readonly isBlocked: boolean;
}

/** What became of a client. */
export type ClientState = "active" | "deleted" | "disabled";

const lowerCase = "abcdefghijklmnopqrstuvwxyz0123456789";
const loopbackHosts = ["127.0.0.1", "localhost", "[::1]"];

function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const url = new URL(uri);
  return (
    url.protocol === "http:" &&
    loopbackHosts.includes(url.hostname) &&
    url.username === "" &&
    url.password === "" &&
    !uri.includes("#")
  );
}

/** Whether a sign-in may lead back there. */
export function mayLeadBackTo(client: GoogleClient, uri: string): boolean {
  return client.redirectUris.includes(uri) || (client.type === "desktop" && isLoopback(uri));
}

/** All OAuth clients. */
export class Clients {
  readonly #clients = new Map<string, GoogleClient>();
  readonly #states = new Map<string, ClientState>();

  /** Registers a client. */
  add(options: GoogleClientOptions): GoogleClient {
    const project = String(randomInt(100_000_000_000, 999_999_999_999));
    const client: GoogleClient = {
      id: options.id ?? `${project}-${spell(lowerCase, 32)}.apps.googleusercontent.com`,
      secret: options.secret ?? `GOCSPX-${opaque(28)}`,
      name: options.name ?? "Example client",
      projectId: "example-project",
      type: options.type ?? "desktop",
      redirectUris: options.redirectUris ?? [],
      internalTo: options.internalTo,
      isBlocked: options.isBlocked ?? false,
    };
    this.#clients.set(client.id, client);
    this.#states.set(client.id, "active");
    return client;
  }

  /** Deletes, disables or restores a client. */
  setState(id: string, state: ClientState): void {
    if (!this.#clients.has(id)) throw new Error(`No client: ${id}`);
    this.#states.set(id, state);
  }

  /** The client of this id, whatever became of it. */
  find(id: string): GoogleClient | undefined {
    return this.#clients.get(id);
  }

  /** What became of a client. */
  state(client: GoogleClient): ClientState {
    return this.#states.get(client.id) ?? "deleted";
  }
}
