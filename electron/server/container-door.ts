import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { CredentialDoor, Doors } from "../commands/ports.ts";
import { EvercredError, errorOf } from "../core/errors.ts";
import { judgeDoor, mayStand, throwWhere } from "../core/judging.ts";
import type { Rule } from "../core/limits.ts";
import type { Gate } from "../core/gate.ts";
import type { Log } from "../core/log.ts";
import { Secret } from "../core/secret.ts";
import { SingleFlight } from "../core/single-flight.ts";
import type { Target } from "../core/source.ts";
import type { SecretStore } from "../core/store.ts";
import type { Clock, Instant } from "../core/time.ts";
import type { Trouble } from "../protocol/view.ts";
import type { Callers } from "./callers.ts";
import { Connections } from "./connections.ts";
import { type Answer, credentialAnswer, type Issuer, refusal } from "./credential-answer.ts";
import { credentialServer } from "./credential-http.ts";
import {
  type DoorRecord,
  doorRecordSchema,
  type DoorToken,
  DoorTokens,
  isOver,
} from "./door-tokens.ts";
import { Kept } from "./kept.ts";
import { hostsAt, listenOnLoopback, PortTaken } from "./loopback-port.ts";
import { isOurs } from "./peer-owner.ts";

/** What the container-credentials door needs of the world. */
export interface ContainerDoorPorts {
  readonly store: SecretStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly issuer: Issuer;
  readonly gate: Gate;
  readonly callers: Pick<Callers, "ofLoopback">;
  /** The rule that binds doors. */
  rule(): Rule;
  /** Whether the configuration has standing doors. */
  standingAllowed(): boolean;
  /** Called after each change of `troubles`. */
  changed(): void;
}

const path = "/credentials";

/** An SDK sends its request in one piece, at once. */
const limits = { most: 256, patienceMs: 2_000 };

/** How old the time of a token's last use may get in the keychain, in milliseconds. */
const useIsSavedMs = 60 * 60_000;

/**
 * The loopback port where SDKs fetch credentials by themselves: one for all, with a token for each run and each
 * standing target. It is open only while there are tokens, or the configuration has standing doors. Port and tokens
 * outlive a restart of the daemon, in the keychain.
 */
export class ContainerDoor implements Doors {
  readonly #ports: ContainerDoorPorts;
  readonly #kept: Kept<DoorRecord>;
  readonly #work = new SingleFlight();
  #tokens = new DoorTokens();
  #connections = new Connections(limits);
  #server: Server | undefined;
  /** The port that the tokens were given out with. */
  #port: number | undefined;
  #known = false;
  #savedAt: Instant;
  #isSaved = true;
  #trouble: Trouble | undefined;
  #closed = false;

  constructor(ports: ContainerDoorPorts) {
    this.#ports = ports;
    this.#kept = new Kept(ports.store, "door/container", doorRecordSchema, ports.log);
    this.#savedAt = ports.clock.now();
  }

  /** What is wrong with the door, for people. */
  get troubles(): readonly Trouble[] {
    return this.#trouble === undefined ? [] : [this.#trouble];
  }

  /** Opens the door at its port of before, where there is a need. Never rejects: the sweep tries again. */
  open(): Promise<void> {
    return this.sweep();
  }

  /**
   * A minute has passed, or the configuration may have changed: closes what is over, saves what is not saved.
   * Never rejects.
   */
  async sweep(): Promise<void> {
    try {
      await this.#tidy();
    } catch (thrown) {
      this.#ports.log.warn("server: the credentials port waits", { code: errorOf(thrown).code });
    }
  }

  async forRun(target: Target, until: AbortSignal): Promise<CredentialDoor> {
    until.throwIfAborted();
    const door = await this.#grant({ target, kind: "run", until });
    const end = (): void => void this.sweep();
    until.addEventListener("abort", end, { once: true });
    if (until.aborted) end();
    return door;
  }

  async standing(target: Target): Promise<CredentialDoor> {
    if (!this.#ports.standingAllowed()) {
      throw new EvercredError("config-invalid", "The configuration has no standing doors.", {
        remedy: "Set doors.containerCredentials to true, or use: evercred exec --server",
      });
    }
    return this.#grant({ target, kind: "standing", until: undefined });
  }

  /** Closes the door; what is in the keychain stays there for the next daemon. To be called before runs are cut off. */
  close(): void {
    this.#closed = true;
    this.#shut();
  }

  #grant(wanted: Pick<DoorToken, "target" | "kind" | "until">): Promise<CredentialDoor> {
    const { issuer, clock } = this.#ports;
    return this.#work.after("door", async () => {
      throwWhere(judgeDoor("container-credentials", this.#ports.rule()));
      issuer.route(wanted.target);
      await this.#learn();
      this.#blame(undefined);
      await this.#reopen();
      this.#port = await this.#listen(this.#port);
      const known = wanted.kind === "standing" ? this.#tokens.standing(wanted.target) : undefined;
      const entry = known ?? this.#tokens.add({ ...wanted, usedAt: clock.now() });
      if (known === undefined) await this.#save();
      return {
        url: `http://127.0.0.1:${String(this.#port)}${path}`,
        token: new Secret(entry.token),
      };
    });
  }

  /** Brings everything in line with what is needed now. */
  #tidy(): Promise<void> {
    const { clock } = this.#ports;
    return this.#work.after("door", async () => {
      if (this.#closed) return;
      await this.#learn();
      const isAllowed = mayStand("container-credentials", this.#ports.rule());
      const standing = isAllowed && this.#ports.standingAllowed();
      const now = clock.now();
      const dropped = this.#tokens.drop(
        (token) => !isAllowed || isOver(token, now) || (token.kind === "standing" && !standing),
      );
      if (this.#tokens.all.length > 0 || (standing && this.#trouble === undefined)) {
        await this.#reopen();
      } else {
        this.#shut();
        if (this.#port !== undefined) this.#isSaved = false;
        this.#port = undefined;
      }
      const isLate = this.#tokens.all.some(({ usedAt }) => usedAt - this.#savedAt >= useIsSavedMs);
      if (dropped || isLate || !this.#isSaved) await this.#save();
    });
  }

  /** What the daemon before this one has left. */
  async #learn(): Promise<void> {
    if (this.#known) return;
    const record = await this.#kept.load();
    this.#known = true;
    this.#port = record?.port;
    for (const token of record?.tokens ?? []) this.#tokens.restore({ ...token, until: undefined });
  }

  /** Listens where the tokens lead to. Where somebody else does, that one may have got them: they are void. */
  async #reopen(): Promise<void> {
    const port = this.#port;
    try {
      this.#port = await this.#listen(port);
      if (this.#port !== port) this.#isSaved = false;
    } catch (thrown) {
      if (!(thrown instanceof PortTaken)) throw thrown;
      this.#ports.log.error("server: the credentials port is taken", { port });
      this.#tokens = new DoorTokens();
      this.#port = undefined;
      this.#isSaved = false;
      this.#blame({
        code: "door-shut",
        sentence: `Another program holds port ${String(port)}, where programs fetched their AWS credentials: their tokens are void.`,
        remedy: "Start those programs and shells again.",
      });
    }
  }

  async #listen(port: number | undefined): Promise<number> {
    if (this.#server !== undefined && port !== undefined) return port;
    const { log } = this.#ports;
    const connections = new Connections(limits);
    const server = credentialServer({
      hosts: () => hosts,
      serves: isOurs,
      knows: (asked) => asked === path,
      answer: (_path, authorization, peer) => this.#answer(authorization, peer),
      connections,
      log,
    });
    server.on("connection", (socket) => connections.admit(socket));
    const opened = await listenOnLoopback(server, port);
    if (this.#closed) {
      server.close();
      throw new EvercredError("cancelled");
    }
    const hosts = hostsAt(opened);
    this.#server = server;
    this.#connections = connections;
    log.info("server: credentials port open", { port: opened });
    return opened;
  }

  async #answer(authorization: string, peer: Socket): Promise<Answer> {
    const { clock, callers } = this.#ports;
    const token = this.#tokens.find(authorization);
    const now = clock.now();
    if (token === undefined || isOver(token, now)) {
      return refusal(403, "WrongToken", "This token is not, or no longer, good here.");
    }
    token.usedAt = now;
    const wanted = { caller: await callers.ofLoopback(peer), target: token.target };
    return credentialAnswer(wanted, this.#ports, () => undefined);
  }

  async #save(): Promise<void> {
    const port = this.#port;
    this.#savedAt = this.#ports.clock.now();
    const tokens = this.#tokens.all.map(({ token, target, kind, usedAt }) => ({
      token,
      target,
      kind,
      usedAt,
    }));
    this.#isSaved = await this.#kept.save(port === undefined ? undefined : { port, tokens });
  }

  #shut(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#connections.cut();
  }

  #blame(trouble: Trouble | undefined): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#ports.changed();
  }
}
