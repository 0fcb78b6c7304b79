import type { Grant, TokenCredential } from "../../core/credential.ts";
import { EvercredError, hasCode } from "../../core/errors.ts";
import {
  type Offer,
  type Reach,
  type SharedPlace,
  type SignInOptions,
  type Source,
  type SourceId,
  sourceIdOf,
  type Target,
  targetOf,
} from "../../core/source.ts";
import type { Argv, CommandOutput } from "../command.ts";
import { foundGrant, foundPlace } from "../found-place.ts";
import {
  programPathOf,
  programTitleOf,
  type SignInProgram,
  signInWithProgram,
} from "../program.ts";
import {
  checkFolder,
  failureOf,
  type KeyProgram,
  keyProgramPathOf,
  type Machine,
  runKeyProgram,
  speakerOf,
} from "./key-program.ts";
import { printedKey } from "./printed-key.ts";

/** A key that a program prints, as the configuration has it. */
export interface CommandKeyConfig {
  readonly kind: "command";
  /** A text is for the shell. */
  readonly command: Argv | string;
  /** How long what it prints is good for where that does not say so itself, in milliseconds. */
  readonly ttl: number;
  /** How long it may take, in milliseconds. */
  readonly timeout: number;
  /** Variables that it has besides ours. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is run. Left out: in the home directory. */
  readonly cwd?: string;
  /** The program by which a person signs in to whatever it asks, run in the same place. Left out: it needs nobody. */
  readonly signIn?: Argv;
}

/**
 * A key that another program prints whenever it is asked. That program keeps whatever it needs for it: it is there until
 * the program says no, and where a person signs in to it, that is one more program's matter.
 */
export class CommandKeySource implements Source {
  readonly kind = "command-key";
  readonly directory = undefined;
  readonly id: SourceId;
  readonly title: string;
  readonly organisation: string;
  readonly boundTo: string;
  readonly reach: Reach;
  readonly keptBy: string;
  readonly unattended: boolean;
  readonly byProgram: boolean;
  readonly mayRecover = true;
  readonly offers: ReadonlyMap<Target, Offer>;
  readonly shared: SharedPlace;
  readonly #config: CommandKeyConfig;
  readonly #program: KeyProgram;
  readonly #machine: Machine;

  constructor(name: string, config: CommandKeyConfig, machine: Machine) {
    const { command, timeout, env = {}, cwd = machine.home, signIn } = config;
    this.#config = config;
    this.#program = { name, command, timeoutMs: timeout, env, cwd };
    this.#machine = machine;
    this.id = sourceIdOf(name);
    this.title = name;
    this.keptBy = typeof command === "string" ? "a command" : programTitleOf(command);
    this.organisation = this.keptBy;
    this.boundTo = JSON.stringify(["command-key", command, env, cwd, signIn ?? null]);
    const program = this.#signInProgram;
    this.reach = {
      programs: () => [keyProgramPathOf(this.#program, machine)],
      signInPrograms: () => (program === undefined ? [] : [programPathOf(program)]),
    };
    this.unattended = signIn === undefined;
    this.byProgram = !this.unattended;
    this.offers = new Map([[targetOf("api-key", name), { key: name, title: "API key" }]]);
    this.shared = foundPlace(this.boundTo, () => machine.clock.now());
  }

  offsetMs(): number {
    return 0;
  }

  async signIn(options: SignInOptions, signal: AbortSignal): Promise<Grant> {
    const program = this.#signInProgram;
    if (program === undefined) throw new EvercredError("usage", `${this.id} needs no sign-in.`);
    checkFolder(this.#program);
    await signInWithProgram(program, options, this.#machine.clock, signal);
    return foundGrant(this.boundTo, this.#machine.clock.now());
  }

  renew(): Promise<never> {
    return Promise.reject(new EvercredError("internal", `What ${this.id} has cannot be renewed.`));
  }

  async issue(_grant: Grant, key: string, signal: AbortSignal): Promise<TokenCredential> {
    signal.throwIfAborted();
    if (key !== this.id) throw new EvercredError("access-denied", `${this.id} has no such key.`);
    const output = await runKeyProgram(this.#program, this.#machine, signal);
    if (output.code !== 0) throw this.#failure(output);
    const who = speakerOf(this.#program);
    return printedKey(output.stdout, who, this.#config.ttl, this.#machine.clock.now());
  }

  identify(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Only a run would tell. */
  probe(): Promise<void> {
    return Promise.resolve();
  }

  /** Nobody has said how one signs out of it. */
  revoke(): Promise<void> {
    if (this.unattended) return Promise.resolve();
    return Promise.reject(new EvercredError("usage", `${this.keptBy} keeps its own sign-in.`));
  }

  restore(): undefined {
    return undefined;
  }

  get #signInProgram(): SignInProgram | undefined {
    const { signIn } = this.#config;
    const { env: set, cwd } = this.#program;
    return signIn && { argv: signIn, unset: [], set, cwd };
  }

  /** Where a person signs in to it, its no is taken for the end of that sign-in: it has no other way to say so. */
  #failure(output: CommandOutput): EvercredError {
    const failure = failureOf(this.#program, output, this.#machine.platform);
    const isNo = output.code !== null && hasCode(failure, "program-failed");
    if (this.unattended || !isNo) return failure;
    const { message } = failure;
    const cause = new EvercredError("grant-rejected", message);
    return new EvercredError("token-rejected", message, { cause });
  }
}
