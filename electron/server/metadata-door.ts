import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { GoogleDoor, GoogleDoors } from "../commands/ports.ts";
import type { Broker } from "../core/broker.ts";
import { EvercredError, errorOf } from "../core/errors.ts";
import type { Gate } from "../core/gate.ts";
import { googleAskOf } from "../core/google.ts";
import { judgeDoor, mayStand, throwWhere } from "../core/judging.ts";
import type { Rule } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { patienceMs, type Random } from "../core/policy.ts";
import { SingleFlight } from "../core/single-flight.ts";
import type { Target } from "../core/source.ts";
import type { SecretStore } from "../core/store.ts";
import { type Clock, type Instant, within } from "../core/time.ts";
import type { Trouble } from "../protocol/view.ts";
import type { Callers } from "./callers.ts";
import { isOver } from "./door-tokens.ts";
import { Kept } from "./kept.ts";
import { PortTaken } from "./loopback-port.ts";
import { type MetadataPort, openMetadataPort } from "./metadata-port.ts";
import {
  type KeptMetadataDoor,
  type MetadataRecord,
  metadataRecordSchema,
} from "./metadata-record.ts";
import { tellsOwners } from "./peer-owner.ts";
import { clearTokenFiles, TokenFile } from "./token-file.ts";

/** What the metadata doors need of the world. */
export interface MetadataDoorPorts {
  readonly store: SecretStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly issuer: Pick<Broker, "route" | "subscribe">;
  readonly gate: Gate;
  readonly callers: Pick<Callers, "ofLoopback">;
  /** Where token files stand: a folder that is nobody else's. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  /** The rule that binds doors. */
  rule(): Rule;
  /** Whether the configuration has standing doors. */
  standingAllowed(): boolean;
  /** Whether there may be token files: not where people are asked whom to let have tokens. */
  filesAllowed(): boolean;
  /** Called after each change of `troubles`. */
  changed(): void;
}

/** How old the time of a door's last use may get in the keychain, in milliseconds. */
const useIsSavedMs = 60 * 60_000;

/** One door: its port, where it is open, and its file. */
interface OneDoor {
  readonly id: string;
  readonly target: Target;
  readonly kind: KeptMetadataDoor["kind"];
  readonly project: string | undefined;
  /** Aborted at the run's end; undefined where it is not known: the daemon that knew it has ended before the run. */
  readonly until: AbortSignal | undefined;
  readonly file: TokenFile;
  /** The port that was given out. */
  port: number | undefined;
  open: MetadataPort | undefined;
  usedAt: Instant;
}

/**
 * The doors at which Google's libraries fetch tokens by themselves, as they do on a Google machine: a port and a token
 * file for each run and each standing target. They outlive a restart of the daemon: what they are is in the keychain.
 */
export class MetadataDoor implements GoogleDoors {
  readonly #ports: MetadataDoorPorts;
  readonly #kept: Kept<MetadataRecord>;
  readonly #work = new SingleFlight();
  readonly #doors = new Map<string, OneDoor>();
  readonly #stopListening: () => void;
  #known = false;
  #savedAt: Instant;
  #isSaved = true;
  #troubles: readonly Trouble[] = [];
  #closed = false;

  constructor(ports: MetadataDoorPorts) {
    this.#ports = ports;
    this.#kept = new Kept(ports.store, "door/metadata", metadataRecordSchema, ports.log);
    this.#savedAt = ports.clock.now();
    this.#stopListening = ports.issuer.subscribe(() => this.#tend());
  }

  /** What is wrong with the doors, for people. */
  get troubles(): readonly Trouble[] {
    return this.#troubles;
  }

  /** Opens the doors at their ports of before. Never rejects: the sweep tries again. */
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
      this.#ports.log.warn("server: a metadata port waits", { code: errorOf(thrown).code });
    }
    this.#tend();
  }

  async forRun(
    target: Target,
    { project }: { readonly project: string | undefined },
    until: AbortSignal,
  ): Promise<GoogleDoor> {
    until.throwIfAborted();
    const door = await this.#grant({ target, kind: "run", project, until });
    const end = (): void => {
      if (this.#closed) return;
      void shut(door);
      void this.sweep();
    };
    until.addEventListener("abort", end, { once: true });
    if (until.aborted) end();
    return this.#given(door);
  }

  async standing(target: Target): Promise<GoogleDoor> {
    if (!this.#ports.standingAllowed()) {
      throw new EvercredError("config-invalid", "The configuration has no standing doors.", {
        remedy: "Set doors.gceMetadata to true, or use: evercred exec --gcp-account",
      });
    }
    return this.#given(
      await this.#grant({ target, kind: "standing", project: undefined, until: undefined }),
    );
  }

  /** Closes the doors; what is in the keychain and in their files stays there for the next daemon. To be called before runs are cut off. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    for (const { open, file } of this.#doors.values()) {
      open?.close();
      file.leave();
    }
  }

  #grant(wanted: Pick<OneDoor, "target" | "kind" | "project" | "until">): Promise<OneDoor> {
    return this.#work.after("doors", async () => {
      this.#admit(wanted.target);
      await this.#learn();
      this.#blame([]);
      await this.#reopen();
      const known = wanted.kind === "standing" ? this.#standing(wanted.target) : undefined;
      if (known !== undefined) return known;
      const id = randomBytes(12).toString("hex");
      const door = this.#doorOf({ ...wanted, id, usedAt: this.#ports.clock.now() });
      await this.#listen(door);
      this.#doors.set(id, door);
      await this.#save();
      return door;
    });
  }

  /** What a caller gets, with the token file there where that is possible soon. */
  async #given({ port, file }: OneDoor): Promise<GoogleDoor> {
    await within(this.#ports.clock, patienceMs, file.tend(), undefined);
    const tokenFile = this.#ports.filesAllowed() ? file.path : undefined;
    return { host: `127.0.0.1:${String(port)}`, tokenFile };
  }

  /** Throws where there can be no door for a target. */
  #admit(target: Target): void {
    throwWhere(judgeDoor("gce-metadata", this.#ports.rule()));
    const { offer } = this.#ports.issuer.route(target);
    if (googleAskOf(offer.key) === undefined) {
      throw new EvercredError("usage", `${target} has no Google tokens.`);
    }
    if (tellsOwners(this.#ports.platform)) return;
    throw new EvercredError(
      "config-invalid",
      "This system does not tell whose program asks at a port, so there is no metadata server here.",
      { remedy: "Use: evercred gcp adc" },
    );
  }

  #standing(target: Target): OneDoor | undefined {
    return [...this.#doors.values()].find(
      (door) => door.kind === "standing" && door.target === target,
    );
  }

  #doorOf(
    kept: Pick<OneDoor, "id" | "target" | "kind" | "project" | "until" | "usedAt">,
    port?: number,
  ): OneDoor {
    const path = join(this.#ports.folder, kept.id);
    return { ...kept, file: new TokenFile(path, kept.target, this.#ports), port, open: undefined };
  }

  /** Brings everything in line with what is needed now. */
  #tidy(): Promise<void> {
    const { clock } = this.#ports;
    return this.#work.after("doors", async () => {
      if (this.#closed) return;
      await this.#learn();
      const now = clock.now();
      const isAllowed = mayStand("gce-metadata", this.#ports.rule());
      const standing = isAllowed && this.#ports.standingAllowed();
      for (const door of this.#doors.values()) {
        const isForbidden = !isAllowed || (door.kind === "standing" && !standing);
        if (isOver(door, now) || isForbidden) await this.#end(door);
      }
      await this.#reopen();
      const isLate = [...this.#doors.values()].some(
        ({ usedAt }) => usedAt - this.#savedAt >= useIsSavedMs,
      );
      if (isLate || !this.#isSaved) await this.#save();
    });
  }

  /** What the daemon before this one has left. */
  async #learn(): Promise<void> {
    if (this.#known) return;
    const record = await this.#kept.load();
    this.#known = true;
    for (const { port, project, ...kept } of record?.doors ?? []) {
      const door = this.#doorOf({ ...kept, project, until: undefined }, port);
      this.#doors.set(door.id, door);
    }
    const files = [...this.#doors.values()].map(({ file }) => file);
    await clearTokenFiles(this.#ports.folder, files, this.#ports.log);
  }

  /** Listens where the doors were. Where somebody else does, what was given out leads to that one: the door is over. */
  async #reopen(): Promise<void> {
    for (const door of [...this.#doors.values()]) {
      try {
        await this.#listen(door);
      } catch (thrown) {
        if (!(thrown instanceof PortTaken)) throw thrown;
        this.#ports.log.error("server: a metadata port is taken", { port: door.port });
        this.#blame([...this.#troubles, takenTrouble(thrown.port)]);
        await this.#end(door);
      }
    }
  }

  async #listen(door: OneDoor): Promise<void> {
    if (door.open !== undefined) return;
    const { clock, log } = this.#ports;
    const opened = await openMetadataPort({
      ...this.#ports,
      spoken: door,
      port: door.port,
      used: () => {
        door.usedAt = clock.now();
      },
    });
    if (this.#closed) {
      opened.close();
      throw new EvercredError("cancelled");
    }
    door.open = opened;
    door.port = opened.port;
    log.info("server: metadata port open", { port: opened.port });
  }

  /** Forgets a door, which is over. */
  async #end(door: OneDoor): Promise<void> {
    this.#doors.delete(door.id);
    this.#isSaved = false;
    await shut(door);
  }

  #tend(): void {
    for (const { file } of this.#doors.values()) void file.tend();
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#ports.clock.now();
    const doors: KeptMetadataDoor[] = [];
    for (const { id, port, target, kind, project, usedAt } of this.#doors.values()) {
      if (port !== undefined) doors.push({ id, port, target, kind, project, usedAt });
    }
    this.#isSaved = await this.#kept.save(doors.length === 0 ? undefined : { doors });
  }

  #blame(troubles: readonly Trouble[]): void {
    if (this.#troubles.length === 0 && troubles.length === 0) return;
    this.#troubles = troubles;
    this.#ports.changed();
  }
}

/** Shuts one door, for good: its port at once, and its file. Never rejects. */
const shut = async ({ open, file }: OneDoor): Promise<void> => {
  open?.close();
  await file.remove();
};

const takenTrouble = (port: number): Trouble => ({
  code: "door-shut",
  sentence: `Another program holds port ${String(port)}, where programs fetched their Google tokens.`,
  remedy: "Start those programs and shells again.",
});
