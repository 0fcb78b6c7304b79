import { timingSafeEqual } from "node:crypto";
import type { Request } from "../commands/verb.ts";
import {
  type Frame,
  limits,
  requestVariablePrefixes,
  requestVariables,
  wireVersion,
} from "../protocol/wire.ts";

/** A request that breaks the protocol: the sentence is for whoever wrote the client, or has to update something. */
export class BadRequest extends Error {
  /** What the client ends with. */
  readonly exit: number;

  constructor(sentence: string, exit = 2) {
    super(sentence);
    this.name = "BadRequest";
    this.exit = exit;
  }
}

/** A version, and no more than one. */
const programVersion = /^[0-9A-Za-z.+-]{1,64}$/;

/** The way that requests come in by. */
export interface Way {
  /** What a caller has to show first. */
  readonly token: Buffer | undefined;
  /** Undefined: the user's own door. */
  readonly bridge: Request["bridge"];
}

/** Puts a request together from its frames. */
export class RequestReader {
  readonly #token: Buffer | undefined;
  readonly #bridge: Request["bridge"];
  readonly #args: string[] = [];
  readonly #env: Record<string, string> = {};
  #cwd = "/";
  #terminal: Request["terminal"] = { stdin: false, stdout: false, stderr: false, width: 0 };
  #version: number | undefined;
  #client: string | undefined;
  #admitted: boolean;
  #frames = 0;
  #bytes = 0;

  /**
   * With a token, nothing is heard before it (Windows, where a pipe's name is no secret, and bridges). Over a bridge
   * neither variables nor the directory are read: they are those of another machine.
   */
  constructor({ token, bridge }: Way) {
    this.#token = token;
    this.#bridge = bridge;
    this.#admitted = token === undefined;
  }

  /** Whether the client may be answered. */
  get admitted(): boolean {
    return this.#admitted;
  }

  /** The version of the protocol that both sides speak. */
  get version(): number {
    return Math.min(this.#version ?? wireVersion, wireVersion);
  }

  /** Takes one frame. The whole request at its end, else undefined. Throws BadRequest. */
  take({ type, payload }: Frame): Omit<Request, "signal" | "caller"> | undefined {
    this.#frames += 1;
    this.#bytes += payload.length;
    if (this.#frames > limits.frames || this.#bytes > limits.requestBytes) {
      throw new BadRequest("The request is too long.");
    }
    if (!this.#admitted) {
      this.#admit(type, payload);
      return undefined;
    }
    if (type === "V") {
      this.#version = Number(payload.toString("latin1"));
      if (!Number.isInteger(this.#version) || this.#version < 1) {
        throw new BadRequest("The client does not say which version it speaks.");
      }
      return undefined;
    }
    if (this.#version === undefined) throw new BadRequest("The client does not say its version.");
    switch (type) {
      case "A":
        this.#args.push(payload.toString());
        return undefined;
      case "E":
        if (this.#bridge === undefined) this.#takeVariable(payload.toString());
        return undefined;
      case "D":
        if (this.#bridge === undefined) this.#cwd = payload.toString();
        return undefined;
      case "T":
        this.#takeTerminal(payload.toString("latin1"));
        return undefined;
      case "v":
        if (this.#bridge === undefined) this.#takeProgramVersion(payload.toString("latin1"));
        return undefined;
      case "G":
        return {
          args: this.#args,
          env: this.#env,
          cwd: this.#cwd,
          terminal: this.#terminal,
          bridge: this.#bridge,
          client: this.#client,
        };
      default:
        // Lower-case frames are optional: a newer client may send what we do not know.
        if (/^[a-z]$/.test(type)) return undefined;
        throw unknownFrame(this.#version);
    }
  }

  #takeProgramVersion(text: string): void {
    if (programVersion.test(text)) this.#client = text;
  }

  #admit(type: string, payload: Buffer): void {
    const token = this.#token;
    if (type !== "K" || token?.length !== payload.length || !timingSafeEqual(token, payload)) {
      throw new BadRequest("The client does not know the token.");
    }
    this.#admitted = true;
  }

  #takeVariable(assignment: string): void {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, at);
    const known =
      requestVariables.includes(name) ||
      requestVariablePrefixes.some((prefix) => name.startsWith(prefix));
    if (at > 0 && known) this.#env[name] = assignment.slice(at + 1);
  }

  #takeTerminal(text: string): void {
    const [which = "", width = "0"] = text.split(" ");
    this.#terminal = {
      stdin: which.includes("i"),
      stdout: which.includes("o"),
      stderr: which.includes("e"),
      width: Number(width) || 0,
    };
  }
}

/** What a client of this version of the protocol is told of a frame that it must not skip, and that nobody here knows. */
const unknownFrame = (version: number): BadRequest => {
  const here = String(wireVersion);
  return version > wireVersion
    ? new BadRequest(
        `The daemon is older than this evercred (protocol ${here}, not ${String(version)}). Restart it with: evercred daemon restart; if that is all the same, update Evercred.`,
        4,
      )
    : new BadRequest(
        `The client speaks a protocol that Evercred does not know (version ${here} here).`,
      );
};
